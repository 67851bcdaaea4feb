import type { AdminData, AdminDetail, StatisticsKind } from "../../core/admin-data.ts";
import type { FourLetterWord } from "../four-letter-word.ts";
import { type AdminContext, formatConfiguration } from "./configuration.ts";
import { formatConnections } from "./connection-text.ts";
import { formatDump } from "./dump-text.ts";
import { formatEnvironment } from "./environment.ts";
import { formatMonitor } from "./monitor.ts";
import { formatServer, formatStat } from "./server-text.ts";
import { formatWatchesByPath, formatWatchesBySession, formatWatchSummary } from "./watch-text.ts";

/** How a word is answered: with a text alone, behind a reset, or from what the server is. */
export type FourLetterAnswer =
  | { readonly type: "fixed"; readonly text: string }
  | { readonly type: "reset"; readonly statistics: StatisticsKind; readonly text: string }
  | {
      readonly type: "data";
      /** The lists that `format` needs. */
      readonly details: readonly AdminDetail[];
      readonly format: (data: AdminData, context: AdminContext) => string;
      /** Where the server doesn't serve. */
      readonly otherwise: string;
    };

/** Source: ZooKeeper `AbstractFourLetterCommand.ZK_NOT_SERVING`. */
export const NOT_SERVING = "This ZooKeeper instance is not currently serving requests";

/** Nothing is traced here, whatever mask is set. */
export const TRACE_MASK = 0;

/** Source: ZooKeeper `IsroCommand`. */
function formatIsReadOnly({ quorum }: AdminData): string {
  if (quorum?.state !== "LOOKING") return "rw";
  return quorum.isReadOnly === true ? "ro" : "null";
}

function fixed(text: string): FourLetterAnswer {
  return { type: "fixed", text };
}

function data(
  details: readonly AdminDetail[],
  format: Extract<FourLetterAnswer, { type: "data" }>["format"],
): FourLetterAnswer {
  return { type: "data", details, format, otherwise: `${NOT_SERVING}\n` };
}

/** Every word that ZooKeeper knows. Source: ZooKeeper `CommandExecutor`. */
export const FOUR_LETTER_ANSWERS: Readonly<Record<FourLetterWord, FourLetterAnswer>> = {
  conf: data([], formatConfiguration),
  cons: data(["connections"], formatConnections),
  crst: { type: "reset", statistics: "connections", text: "Connection stats reset.\n" },
  dirs: data([], ({ databaseBytes }) => {
    return `datadir_size: ${databaseBytes}\nlogdir_size: ${databaseBytes}\n`;
  }),
  dump: data(["connections", "sessions"], formatDump),
  envi: fixed(formatEnvironment()),
  gtmk: fixed(String(TRACE_MASK)),
  // A history of digests, of which none is kept.
  hash: fixed(""),
  isro: { type: "data", details: [], format: formatIsReadOnly, otherwise: "null" },
  mntr: data([], formatMonitor),
  ruok: fixed("imok"),
  srst: { type: "reset", statistics: "server", text: "Server stats reset.\n" },
  srvr: data([], formatServer),
  stat: data(["connections"], formatStat),
  stmk: fixed(String(TRACE_MASK)),
  wchc: data(["watches"], formatWatchesBySession),
  wchp: data(["watches"], formatWatchesByPath),
  wchs: data([], formatWatchSummary),
};
