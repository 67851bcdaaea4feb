import type { AdminData, AdminDetail, StatisticsKind } from "../../core/admin-data.ts";
import { type AdminContext, configurationBody, initialConfiguration } from "./configuration.ts";
import { connectionBody } from "./connection-body.ts";
import { ENVIRONMENT } from "./environment.ts";
import { NOT_SERVING, TRACE_MASK } from "./four-letter-answers.ts";
import { type AdminJson, formatJackson } from "./jackson.ts";
import { monitorValues } from "./monitor.ts";
import { leaderBody, observersBody, votingViewBody, zabStateBody } from "./quorum-body.ts";
import { serverBody, statBody } from "./server-body.ts";
import { watchesBySession } from "./watch-text.ts";

/** What a command is asked with. */
export interface AdminCommandContext extends AdminContext {
  /** `?traceMask=`, of `set_trace_mask` alone. */
  readonly traceMask?: string | undefined;
}

/** One command of AdminServer. */
export interface AdminCommand {
  readonly name: string;
  readonly aliases: readonly string[];
  /** The lists of the data that `body` needs. */
  readonly details: readonly AdminDetail[];
  /** What is reset ahead of it. */
  readonly reset?: StatisticsKind;
  readonly body: (data: AdminData, context: AdminCommandContext) => Record<string, AdminJson>;
}

const NOTHING = (): Record<string, AdminJson> => ({});

/**
 * All commands that read, in ZooKeeper's order.
 *
 * Source: ZooKeeper `Commands`. Left out: `snapshot`, `restore` and `shed_connections`.
 */
export const ADMIN_COMMANDS: readonly AdminCommand[] = [
  command("configuration", ["conf", "config"], (data, context) => configurationBody(data, context)),
  { ...command("connection_stat_reset", ["crst"], NOTHING), reset: "connections" },
  {
    ...command("connections", ["cons"], ({ connectionList }) => ({
      connections: connectionList.map(connectionBody),
      secure_connections: [],
    })),
    details: ["connections"],
  },
  command("dirs", [], ({ databaseBytes }) => ({
    datadir_size: databaseBytes,
    logdir_size: databaseBytes,
  })),
  { ...command("dump", [], dumpBody), details: ["sessions"] },
  command("environment", ["env", "envi"], () => ENVIRONMENT),
  command("get_trace_mask", ["gtmk"], () => ({ tracemask: TRACE_MASK })),
  command("hash", [], () => ({ digests: [] })),
  command("initial_configuration", ["icfg"], (_, context) => ({
    initial_configuration: initialConfiguration(context),
  })),
  command("is_read_only", ["isro"], ({ quorum }) => ({ read_only: quorum?.isReadOnly === true })),
  command("last_snapshot", ["lsnp"], ({ checkpointZxid, checkpointMs }) => ({
    zxid: checkpointZxid.toString(16),
    timestamp: checkpointMs === undefined ? -1 : Math.trunc(checkpointMs / 1_000),
  })),
  command("leader", ["lead"], leaderBody),
  command("monitor", ["mntr"], monitorValues),
  command("observer_connection_stat_reset", ["orst"], NOTHING),
  command("observers", ["obsr"], observersBody),
  command("ruok", [], NOTHING),
  command("server_stats", ["srvr"], serverBody),
  command("set_trace_mask", ["stmk"], setTraceMaskBody),
  { ...command("stat_reset", ["srst"], NOTHING), reset: "server" },
  { ...command("stats", ["stat"], statBody), details: ["connections"] },
  command("system_properties", ["sysp"], NOTHING),
  command("voting_view", [], votingViewBody),
  command("watch_summary", ["wchs"], ({ watchSummary: { connections, paths, watches } }) => ({
    num_connections: connections,
    num_paths: paths,
    num_total_watches: watches,
  })),
  {
    ...command("watches", ["wchc"], ({ watchList }) => ({
      session_id_to_watched_paths: Object.fromEntries(watchesBySession(watchList)),
    })),
    details: ["watches"],
  },
  {
    ...command("watches_by_path", ["wchp"], ({ watchList }) => ({
      path_to_session_ids: Object.fromEntries(
        watchList.map(({ path, sessions }) => [path, sessions]),
      ),
    })),
    details: ["watches"],
  },
  command("zabstate", [], zabStateBody),
];

function command(
  name: string,
  aliases: readonly string[],
  body: AdminCommand["body"],
): AdminCommand {
  return { name, aliases, details: [], body };
}

/** Finds a command by its name or an alias. */
export function findAdminCommand(name: string): AdminCommand | undefined {
  return ADMIN_COMMANDS.find((one) => one.name === name || one.aliases.includes(name));
}

/** An answer: the body, then the name of the command and its error, null if all went well. */
export function formatAdminBody(name: string, body: Record<string, AdminJson>): string {
  const { error = null } = body;
  return formatJackson({ ...body, command: name, error });
}

/** The answer to a name that is none. */
export function formatUnknownCommand(name: string): string {
  return formatAdminBody(name, { command: name, error: `Unknown command: ${name}` });
}

/** The answer of a server that doesn't serve. */
export function formatNotServing({ name }: AdminCommand): string {
  return formatAdminBody(name, { command: name, error: NOT_SERVING });
}

/** The page that lists the commands, below `prefix`. Source: ZooKeeper `JettyAdminServer`. */
export function formatCommandList(prefix: string): string {
  return ADMIN_COMMANDS.map(
    ({ name }) => `<a href="${prefix}/commands/${name}">${name}</a>\n<br/>\n`,
  ).join("");
}

function dumpBody({ sessionList: sessions }: AdminData): Record<string, AdminJson> {
  const byDeadline = Map.groupBy(sessions, ({ deadlineMs }) => deadlineMs);
  const owners = sessions.filter(({ ephemerals }) => ephemerals.length > 0);
  return {
    expiry_time_to_session_ids: Object.fromEntries(
      Array.from(byDeadline, ([deadlineMs, due]) => [deadlineMs, due.map(({ id }) => id)]),
    ),
    session_id_to_ephemeral_paths: Object.fromEntries(
      owners.map(({ id, ephemerals }) => [id, ephemerals]),
    ),
  };
}

function setTraceMaskBody(
  _: AdminData,
  { traceMask }: AdminCommandContext,
): Record<string, AdminJson> {
  if (traceMask === undefined) return { error: "setTraceMask requires long traceMask argument" };
  return { tracemask: TRACE_MASK };
}
