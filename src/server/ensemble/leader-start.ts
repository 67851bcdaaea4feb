import type { SessionId } from "../../core/data-node.ts";
import type { Store } from "../../storage/store.ts";

/** What a leader remembers of its start while it sleeps and wakes in the same epoch. */
export interface LeaderStart {
  readonly epoch: number;
  /** ms since 1970: no session is taken for silent since longer. */
  readonly startedMs: number;
  /**
   * Sessions that got one more timeout because the member that may have heard them was out of reach,
   * with the time of that. Once for each start of a leader, or they would live for ever.
   */
  readonly extended: Map<SessionId, number>;
}

const META_KEY = "leader-start";
const NUMBER_BYTES = 8;

/** Reads what was kept; undefined if this member never led. */
export function readLeaderStart(store: Store): LeaderStart | undefined {
  const bytes = store.getMeta(META_KEY);
  if (bytes === undefined) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const numberAt = (index: number): number => view.getFloat64(index * NUMBER_BYTES);
  const extended = new Map<SessionId, number>();
  for (let at = 2; (at + 2) * NUMBER_BYTES <= bytes.length; at += 2) {
    extended.set(numberAt(at), numberAt(at + 1));
  }
  return { epoch: numberAt(0), startedMs: numberAt(1), extended };
}

/** Keeps it; of the sessions those that are still there. */
export function writeLeaderStart(
  store: Store,
  { epoch, startedMs, extended }: LeaderStart,
  isThere: (id: SessionId) => boolean,
): void {
  const numbers = [epoch, startedMs];
  for (const [id, ms] of extended) if (isThere(id)) numbers.push(id, ms);
  const view = new DataView(new ArrayBuffer(numbers.length * NUMBER_BYTES));
  for (const [index, number] of numbers.entries()) view.setFloat64(index * NUMBER_BYTES, number);
  store.setMeta(META_KEY, new Uint8Array(view.buffer));
}
