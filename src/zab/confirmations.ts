import type { ActiveConfigurations } from "./active-configurations.ts";
import type { Sid } from "./configuration.ts";

/**
 * The rounds in which a leader asks a quorum whether it still leads.
 *
 * Why a round is proof: a member answers it only while it has promised no later epoch, and a later
 * leader needs the promise of one member of every quorum before it can commit anything. So nothing
 * that a later leader committed can be older than the answers; a read that waited for a round that
 * began after it sees every write that was acknowledged before it. Answers name round and instance
 * of the leader: one that was given to an earlier round or life proves nothing.
 *
 * Source: Ongaro (2014) §6.4, etcd raft `readOnly`; ZooKeeper has no counterpart but `sync`.
 */
export class Confirmations {
  /** The round that was asked for last. */
  round = 0;
  /** The round that a quorum answered. Invariant: `confirmed ≤ round`. */
  confirmed = 0;
  readonly #answered = new Map<Sid, number>();

  get isOutstanding(): boolean {
    return this.confirmed < this.round;
  }

  next(): number {
    this.round += 1;
    return this.round;
  }

  /** Takes in an answer; a round that was never asked for is not believed. */
  answer(sid: Sid, round: number): void {
    if (round > this.round) return;
    this.#answered.set(sid, Math.max(round, this.#answered.get(sid) ?? 0));
  }

  hasAnswered(sid: Sid): boolean {
    return (this.#answered.get(sid) ?? 0) >= this.round;
  }

  /** Counts the answers; the leader's own is the round itself. Tells whether there was progress. */
  settle(self: Sid, configurations: ActiveConfigurations): boolean {
    const reached = new Map(this.#answered).set(self, this.round);
    const round = configurations.reachedByQuorum(reached) ?? 0;
    if (round <= this.confirmed) return false;
    this.confirmed = round;
    return true;
  }
}
