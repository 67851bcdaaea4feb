import type { FourLetterWord } from "../../protocol/four-letter-word.ts";
import { errorText } from "../error-text.ts";
import {
  parseConnections,
  parseEphemerals,
  parseMonitor,
  parseServer,
  parseWatches,
  readMonitor,
} from "./parse-words.ts";
import type { ServerReading } from "./reading.ts";

/** Asks one server a four-letter word. */
export type AskWord = (word: FourLetterWord) => Promise<string>;

/** The words that tell something about a server. */
export const TOP_WORDS = ["srvr", "mntr", "cons", "wchs", "dump"] as const;
type Word = (typeof TOP_WORDS)[number];

/** What a server is asked, and when. */
export interface WordsAsk {
  readonly ask: AskWord;
  /** Of the wall, as servers tell when a connection was opened. */
  readonly nowMs: number;
  /** Those that are of interest; all of {@link TOP_WORDS} if absent. */
  readonly words?: readonly Word[];
}

/**
 * Reads a server by its four-letter words. It chooses which ones it answers; what it keeps for
 * itself, or that nobody answers at all, is a note.
 */
export async function readByWords(
  server: string,
  { ask, nowMs, words = TOP_WORDS }: WordsAsk,
): Promise<ServerReading> {
  const answers = new Map<Word, string>();
  const refused = new Set<Word>();
  const problems = new Set<string>();
  const asked = words.map(async (word) => {
    const text = await ask(word).catch((error: unknown) => {
      const told = errorText(error);
      if (told === undefined) throw error;
      problems.add(told.text);
      return undefined;
    });
    if (text === undefined) return;
    if (text.includes("not in the whitelist")) refused.add(word);
    else if (text.includes("not currently serving")) problems.add(text.trim());
    else answers.set(word, text);
  });
  await Promise.all(asked);
  const notes = [...problems];
  if (refused.size > 0) {
    const names = words.filter((word) => refused.has(word)).join(", ");
    notes.push(`does not tell ${names}: not in its 4lw.commands.whitelist`);
  }
  return { server, ...combine(answers, nowMs), notes };
}

function combine(
  answers: ReadonlyMap<Word, string>,
  nowMs: number,
): Omit<ServerReading, "server" | "notes"> {
  const text = (word: Word): string => answers.get(word) ?? "";
  const monitored = answers.has("mntr") ? readMonitor(parseMonitor(text("mntr"))) : {};
  const watches = parseWatches(text("wchs"));
  const ephemerals = answers.has("dump") ? parseEphemerals(text("dump")) : undefined;
  const connectionList = answers.has("cons")
    ? parseConnections(text("cons"), nowMs).map((one) => ({
        ...one,
        ephemerals: ephemerals && (ephemerals.get(one.session) ?? 0),
      }))
    : undefined;
  return {
    ...parseServer(text("srvr")),
    ...defined(monitored),
    ...(watches === undefined ? {} : { watches }),
    connectionList,
  };
}

/** Without what is not known, so that it hides nothing. */
function defined(reading: Partial<ServerReading>): Partial<ServerReading> {
  return Object.fromEntries(Object.entries(reading).filter(([, value]) => value !== undefined));
}
