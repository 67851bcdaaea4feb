import { assert } from "../core/assert.ts";
import type { Sid } from "./configuration.ts";
import { EPOCH_MAX } from "./epoch.ts";
import type { PeerState } from "./peer-state.ts";
import type { PacketOf } from "./role.ts";
import type { LearnerSummary, StateSummary } from "./vote.ts";

/** Where a prospective leader stands: it waits, is not the one to lead, or holds the promises. */
export type DiscoveryOutcome = "waiting" | "behind" | "promised";

/**
 * The first phase of a prospective leader: it finds an epoch that nobody has promised to anybody,
 * and has a quorum promise it.
 *
 * A member promises an epoch to one leader only and remembers to whom; so of two that picked the
 * same number one gets the promises, and the other hears FOLLOWERINFO with this very epoch and
 * picks a later one. What a member has is told after its promise, so nothing is
 * acknowledged in an earlier epoch behind the leader's back.
 *
 * Source: ZooKeeper `Leader.getEpochToPropose`, `waitForEpochAck`; DSN 2011 §IV, phase 1.
 */
export class Discovery {
  readonly #peer: PeerState;
  /** Who wants to follow, with what it has promised so far. Source: `connectingFollowers`. */
  readonly #infos = new Map<Sid, number>();
  /** Who promised this epoch, with what it has. Source: `electingFollowers`. */
  readonly promises: Map<Sid, LearnerSummary> = new Map();
  /** The epoch that is asked for; 0 until a quorum wants to follow. */
  epoch = 0;

  constructor(peer: PeerState) {
    this.#peer = peer;
  }

  /** Who wants to follow, promised or not. */
  get followers(): readonly Sid[] {
    return [...this.#infos.keys()];
  }

  onInfo(from: Sid, theirs: StateSummary, acceptedEpoch: number): DiscoveryOutcome {
    if (this.#isBehind(from, theirs)) return "behind";
    this.#infos.set(from, acceptedEpoch);
    if (this.epoch > 0 && acceptedEpoch < this.epoch) this.#ask(from);
    // It promised this epoch, or a later one, to somebody else.
    else this.#choose();
    return this.outcome();
  }

  onAckEpoch(packet: PacketOf<"ACKEPOCH">): DiscoveryOutcome {
    const { from, epoch, currentEpoch, lastZxid, stagedCursor } = packet;
    // A promise to another leader, or of an epoch that was given up: what it has promised so far.
    if (epoch !== this.epoch) return this.onInfo(from, packet, epoch);
    if (this.#isBehind(from, packet)) return "behind";
    this.promises.set(from, { currentEpoch, lastZxid, stagedCursor });
    return this.outcome();
  }

  /** Begins for a member that is a quorum by itself. */
  start(): DiscoveryOutcome {
    this.#choose();
    return this.outcome();
  }

  outcome(): DiscoveryOutcome {
    if (this.epoch === 0) return "waiting";
    const promised = new Set(this.promises.keys()).add(this.#peer.sid);
    return this.#peer.configurations.hasQuorum(promised) ? "promised" : "waiting";
  }

  /** Picks an epoch behind all that were promised, and promises it itself: durable, then sent. */
  #choose(): void {
    const { sid, configurations, hardState } = this.#peer;
    if (!configurations.hasQuorum(new Set(this.#infos.keys()).add(sid))) return;
    this.epoch = Math.max(hardState.acceptedEpoch, ...this.#infos.values()) + 1;
    assert(this.epoch <= EPOCH_MAX, `epochs are used up at ${this.epoch}`);
    this.#peer.setHardState({ acceptedEpoch: this.epoch, leader: sid });
    this.promises.clear();
    for (const follower of this.#infos.keys()) this.#ask(follower);
  }

  #ask(follower: Sid): void {
    this.#peer.send(follower, { type: "LEADERINFO", epoch: this.epoch });
  }

  /**
   * A candidate has a later history: this member must not lead. Who votes only in a proposed
   * configuration is none, and what it has more is not committed: that takes a quorum of the
   * committed one, too, and whoever has something from behind the change knows that it is committed.
   */
  #isBehind(from: Sid, theirs: StateSummary): boolean {
    return this.#peer.configurations.isCandidate(from) && this.#peer.isMoreRecent(theirs);
  }
}
