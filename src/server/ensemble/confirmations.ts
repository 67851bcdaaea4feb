import type { Zxid } from "../../core/zxid.ts";
import type { ConnectionId } from "../input.ts";

/**
 * Rounds in which a leader shows that it still leads, and the reads that wait for one.
 *
 *     wanted → asked, once per flush → confirmed with a zxid → reached when that is applied
 *
 * A read belongs to the first round that starts behind its arrival, so that whatever was
 * acknowledged to anybody before is in what it sees [EN10].
 */
export class Confirmations {
  /** Connections whose head waits for a round. */
  readonly waiters: Set<ConnectionId> = new Set();
  #asked = 0;
  #askedMs = 0;
  #isWanted = false;
  #reached = 0;
  /** Confirmed, and not applied here; ascending in both. */
  #confirmed: { readonly round: number; readonly zxid: Zxid }[] = [];

  /** Asks for a round behind now; the next flush starts it. Returns its number, from 1. */
  want(): number {
    this.#isWanted = true;
    return this.#asked + 1;
  }

  /** A round is to be started. */
  get isWanted(): boolean {
    return this.#isWanted;
  }

  /** Starts what is wanted. */
  ask(nowMs: number): number {
    this.#isWanted = false;
    this.#asked += 1;
    this.#askedMs = nowMs;
    return this.#asked;
  }

  /** The last round that was started, if it is not confirmed yet. */
  get openRound(): number | undefined {
    const last = this.#confirmed.at(-1)?.round ?? this.#reached;
    return last < this.#asked ? this.#asked : undefined;
  }

  /** When the open round was asked for last, ms since 1970. */
  get askedMs(): number {
    return this.#askedMs;
  }

  /** The open round was asked for once more. */
  repeated(nowMs: number): void {
    this.#askedMs = nowMs;
  }

  /** A round, and each before it, is confirmed: everything up to `zxid` is what it saw. */
  confirm(round: number, zxid: Zxid): void {
    const last = this.#confirmed.at(-1) ?? { round: this.#reached, zxid: 0 };
    if (round <= last.round || round > this.#asked) return;
    this.#confirmed.push({ round, zxid: Math.max(zxid, last.zxid) });
  }

  /** Takes in how far the tree is; true if a round was reached by it. */
  reach(appliedZxid: Zxid): boolean {
    const before = this.#reached;
    for (let [next] = this.#confirmed; next !== undefined; [next] = this.#confirmed) {
      if (next.zxid > appliedZxid) break;
      this.#reached = next.round;
      this.#confirmed.shift();
    }
    return this.#reached > before;
  }

  /** Tells whether reads of a round may run. */
  isReached(round: number): boolean {
    return round <= this.#reached;
  }
}
