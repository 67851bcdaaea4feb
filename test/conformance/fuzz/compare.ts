import { INTENDED } from "./differences.ts";
import type { Normal } from "./normalise.ts";
import type { Transcript } from "./run-script.ts";
import type { Script } from "./script.ts";
import { ZxidDrift } from "./zxid-drift.ts";

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

/** Called with the name of every difference that is intended. */
export type OnIntended = (name: string) => void;

/** The first difference that nobody intended, if any. */
export function compareTranscripts(
  script: Script,
  zooKeeper: Transcript,
  edgekeeper: Transcript,
  onIntended: OnIntended,
): Difference | undefined {
  const drift = new ZxidDrift(onIntended);
  for (const [step, sessions] of zooKeeper.entries()) {
    // Who acted comes first: what the others see follows from it.
    const actor = script.steps[step]?.session ?? 0;
    const order = [actor, ...[...sessions.keys()].filter((session) => session !== actor)];
    for (const session of order) {
      const isOpen = !script.isParallel && script.steps[step]?.kind === "close";
      const [a, b] = [zooKeeper, edgekeeper].map((transcript) => {
        const items = transcript[step]?.[session] ?? [];
        return isOpen ? sortEvents(items) : items;
      });
      const found = compareItems(a ?? [], b ?? [], { drift, onIntended });
      if (found !== undefined) return { step, session, ...found };
    }
  }
  return undefined;
}

/** For a close, which deletes all ephemerals of its session at once: ZooKeeper does so in hash order. */
function sortEvents(items: readonly Normal[]): readonly Normal[] {
  const events = items.filter(({ kind }) => kind === "event");
  const others = items.filter(({ kind }) => kind !== "event");
  const key = ({ fields }: Normal) => JSON.stringify([fields["path"], fields["type"]]);
  return [...events.toSorted((a, b) => (key(a) < key(b) ? -1 : 1)), ...others];
}

interface Allowances {
  readonly drift: ZxidDrift;
  readonly onIntended: OnIntended;
}

function compareItems(
  zooKeeper: readonly Normal[],
  edgekeeper: readonly Normal[],
  { drift, onIntended }: Allowances,
): Omit<Difference, "step" | "session"> | undefined {
  for (let index = 0; index < Math.max(zooKeeper.length, edgekeeper.length); index += 1) {
    const [seen, b] = [zooKeeper[index], edgekeeper[index]];
    const a = seen === undefined ? undefined : drift.translate(seen, b);
    if (a !== undefined && b !== undefined) {
      if (printItem(a) === printItem(b)) continue;
      const intended = INTENDED.find((difference) => difference.explains(a, b));
      if (intended !== undefined) {
        onIntended(intended.name);
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
