import type { Clock } from "../../client/clock.ts";
import type { ZooKeeper } from "../../client/index.ts";
import type { Candidate, Grammar } from "./grammar.ts";
import { pathsStartingWith } from "./paths-starting-with.ts";

/** What a word can become. */
export interface WordCompletion {
  /** Whoever asks knows files and programs better. */
  readonly kind: "words" | "path" | "file" | "program";
  /** A path with a slash at its end goes on; all others are whole. */
  readonly candidates: readonly Candidate[];
}

/** A word that is being typed, and the whole ones before it. */
export interface OpenWord {
  readonly words: readonly string[];
  readonly piece: string;
}

/** Where paths come from. */
export interface PathSource {
  /** Connected; undefined, or a failure, where nobody answers. */
  readonly client: () => Promise<ZooKeeper | undefined>;
  readonly clock: Clock;
  /** How long somebody who pressed Tab may be kept waiting; a second if absent. */
  readonly patienceMs?: number;
}

const PATIENCE_MS = 1_000;

/** Completes a word; one that is to be a path with nothing, if no server tells soon. */
export async function completeWord(
  { words, piece }: OpenWord,
  grammar: Grammar,
  source: PathSource,
): Promise<WordCompletion> {
  const expected = grammar(words, piece);
  if (expected.kind === "words") {
    return { kind: "words", candidates: startingWith(piece, expected.candidates) };
  }
  const { kind } = expected;
  if (kind !== "path" || !/^(\/|$)/.test(piece)) return { kind, candidates: [] };
  const paths = await pathsInTime(source, piece);
  return { kind, candidates: paths.map((value) => ({ value, description: "" })) };
}

async function pathsInTime(source: PathSource, piece: string): Promise<string[]> {
  const { client, clock, patienceMs = PATIENCE_MS } = source;
  const late = Promise.withResolvers<string[]>();
  const cancel = clock.after(patienceMs, () => late.resolve([]));
  const find = async (): Promise<string[]> => {
    const zk = await client();
    return zk === undefined ? [] : await pathsStartingWith(zk, piece);
  };
  try {
    // Whoever presses Tab is not told of failures.
    return await Promise.race([find().catch(() => []), late.promise]);
  } finally {
    cancel();
  }
}

/** Upper and lower case differ only where that leaves something. */
function startingWith(piece: string, candidates: readonly Candidate[]): readonly Candidate[] {
  const exact = candidates.filter(({ value }) => value.startsWith(piece));
  if (exact.length > 0) return exact;
  const lower = piece.toLowerCase();
  return candidates.filter(({ value }) => value.toLowerCase().startsWith(lower));
}
