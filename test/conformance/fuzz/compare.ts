import { INTENDED, type IntendedDifference } from "./differences.ts";
import type { Normal } from "./normalise.ts";
import type { Transcript } from "./run-script.ts";
import type { Script } from "./script.ts";

/** Where two transcripts part. */
export interface Difference {
  readonly step: number;
  readonly session: number;
  readonly index: number;
  readonly zooKeeper: Normal | undefined;
  readonly edgekeeper: Normal | undefined;
  /** The items of both before it in the same step, for a reader. */
  readonly before: readonly Normal[];
}

/** Called for every difference that is intended. */
export type OnIntended = (difference: IntendedDifference) => void;

/** The first difference that nobody intended, if any. */
export function compareTranscripts(
  script: Script,
  zooKeeper: Transcript,
  edgekeeper: Transcript,
  onIntended: OnIntended,
): Difference | undefined {
  for (const [step, sessions] of zooKeeper.entries()) {
    for (const [session, a] of sessions.entries()) {
      const b = edgekeeper[step]?.[session] ?? [];
      const sort = isUnordered(script, step, session)
        ? sortEvents
        : (items: readonly Normal[]) => items;
      const found = compareItems(sort(a), sort(b), onIntended);
      if (found !== undefined) return { step, session, ...found };
    }
  }
  return undefined;
}

/** A close deletes all ephemerals of its session at once; ZooKeeper does so in hash order. */
function isUnordered({ steps, isParallel }: Script, step: number, session: number): boolean {
  const done = steps[step];
  return !isParallel && done?.kind === "close" && done.session !== session;
}

function sortEvents(items: readonly Normal[]): readonly Normal[] {
  const events = items.filter(({ kind }) => kind === "event");
  const others = items.filter(({ kind }) => kind !== "event");
  const key = ({ fields }: Normal) => `${String(fields["path"])} ${String(fields["type"])}`;
  return [...events.toSorted((a, b) => (key(a) < key(b) ? -1 : 1)), ...others];
}

function compareItems(
  zooKeeper: readonly Normal[],
  edgekeeper: readonly Normal[],
  onIntended: OnIntended,
): Omit<Difference, "step" | "session"> | undefined {
  for (let index = 0; index < Math.max(zooKeeper.length, edgekeeper.length); index += 1) {
    const [a, b] = [zooKeeper[index], edgekeeper[index]];
    if (a !== undefined && b !== undefined) {
      if (printItem(a) === printItem(b)) continue;
      const intended = INTENDED.find((difference) => difference.explains(a, b));
      if (intended !== undefined) {
        onIntended(intended);
        continue;
      }
    }
    return { index, zooKeeper: a, edgekeeper: b, before: zooKeeper.slice(0, index) };
  }
  return undefined;
}

/** One line that says all about an item. */
export function printItem(item: Normal | undefined): string {
  return item === undefined ? "nothing" : `${item.kind} ${JSON.stringify(item.fields)}`;
}
