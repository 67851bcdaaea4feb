import type { Configuration, Sid } from "./configuration.ts";

/**
 * Knows which sets of members are quorums. Any two quorums of one verifier share a member: all of
 * Zab's safety rests on that.
 *
 * Source: ZooKeeper `QuorumVerifier`.
 */
export interface QuorumVerifier {
  /** Ascending. */
  readonly voters: readonly Sid[];
  containsQuorum(sids: ReadonlySet<Sid>): boolean;
}

/** More than half of the participants; observers count for nothing. Source: ZooKeeper `QuorumMaj`. */
export class QuorumMaj implements QuorumVerifier {
  readonly voters: readonly Sid[];

  constructor({ members }: Configuration) {
    this.voters = members.filter(({ type }) => type === "participant").map(({ sid }) => sid);
  }

  containsQuorum(sids: ReadonlySet<Sid>): boolean {
    const count = this.voters.filter((sid) => sids.has(sid)).length;
    return count * 2 > this.voters.length;
  }
}
