import type { Sid } from "./configuration.ts";
import type { Packet, Vote } from "./packet.ts";
import type { PeerState } from "./peer-state.ts";
import type { ElectionStatus, ZabState } from "./peer-status.ts";
import { earliest, type PacketOf, type Role } from "./role.ts";
import {
  FINALIZE_WAIT_MS,
  NOTIFICATION_INTERVAL_MAX_MS,
  NOTIFICATION_INTERVAL_MIN_MS,
  RESEND_MS,
} from "./timing.ts";
import { isBetterVote, isMoreRecentThan, isSameVote } from "./vote.ts";

const NO_VOTE: Vote = { leader: 0, zxid: 0, peerEpoch: 0 };

type Notification = PacketOf<"NOTIFICATION">;

/**
 * A member that looks for a leader: Fast Leader Election.
 *
 * It only suggests who may lead, and is never relied on: whoever is elected still has to gather the
 * promises of a quorum, and is safe to follow or to refuse by epochs alone. What the rules
 * below buy is that the one elected is nearly always the one who can lead, and quickly.
 *
 * Source: ZooKeeper `FastLeaderElection.lookForLeader`. Differs: it ends at once when every voter
 * was heard or cannot be reached; a late joiner counts itself among those who back a leader.
 */
export class Election implements Role {
  readonly state = "LOOKING";
  readonly zabState: ZabState = "election";
  readonly #peer: PeerState;
  /** The vote of each voter in this round, by sid. Source: `recvset`. */
  readonly #received = new Map<Sid, Vote>();
  /** The last words of members that have a leader. Source: `outofelection`. */
  readonly #settled = new Map<Sid, Notification>();
  readonly #unreachable = new Set<Sid>();
  /** When whose vote was answered last: two that can't agree don't answer each other for ever. */
  readonly #answeredMs = new Map<Sid, number>();
  readonly #startedMs: number;
  #vote: Vote;
  #intervalMs = NOTIFICATION_INTERVAL_MIN_MS;
  #resendAtMs: number;
  /** Since when the vote has had a quorum. */
  #quorumSinceMs: number | undefined;

  /** Starts a new round and tells everybody. */
  constructor(peer: PeerState) {
    this.#peer = peer;
    peer.electionEpoch += 1;
    this.#startedMs = peer.nowMs;
    this.#vote = this.#ownVote();
    this.#resendAtMs = peer.nowMs + this.#intervalMs;
    this.#broadcast();
    this.#decide();
  }

  get vote(): Vote {
    return this.#vote;
  }

  get status(): ElectionStatus {
    const votes = [...this.#received, [this.#peer.sid, this.#vote] as const];
    return {
      electionEpoch: this.#peer.electionEpoch,
      votes: votes.map(([sid, vote]) => ({ sid, vote })).toSorted((a, b) => a.sid - b.sid),
      startedMs: this.#startedMs,
      durationMs: undefined,
    };
  }

  step(packet: Packet): void {
    this.#unreachable.delete(packet.from);
    switch (packet.type) {
      case "NOTIFICATION":
        if (packet.state === "LOOKING") this.#onLooking(packet);
        else this.#onSettled(packet);
        break;
      case "FOLLOWERINFO":
      case "OBSERVERINFO":
      case "ACKEPOCH":
        // The sender takes this member for its leader: it has to know better.
        this.#notify(packet.from);
        break;
      default:
        break;
    }
  }

  tick(): void {
    const { nowMs } = this.#peer;
    this.#decide();
    if (this.#peer.transition !== undefined || nowMs < this.#resendAtMs) return;
    this.#intervalMs = Math.min(this.#intervalMs * 2, NOTIFICATION_INTERVAL_MAX_MS);
    this.#resendAtMs = nowMs + this.#intervalMs;
    this.#broadcast();
  }

  nextTickMs(): number | undefined {
    const { voters } = this.#peer.configurations;
    const isAlone = voters.every((sid) => sid === this.#peer.sid) || this.#isLeftAlone;
    const finalizeAtMs =
      this.#quorumSinceMs === undefined ? undefined : this.#quorumSinceMs + FINALIZE_WAIT_MS;
    return earliest(isAlone ? undefined : this.#resendAtMs, finalizeAtMs);
  }

  /** Who belongs to no configuration, and was answered by nobody, waits until it is called. */
  get #isLeftAlone(): boolean {
    const { configurations, sid } = this.#peer;
    return !configurations.isMember(sid) && this.#intervalMs === NOTIFICATION_INTERVAL_MAX_MS;
  }

  unreachable(sid: Sid): void {
    this.#unreachable.add(sid);
    this.#decide();
  }

  /** Somebody waits: a pause that has grown long is cut short. */
  needLeader(): void {
    if (this.#intervalMs === NOTIFICATION_INTERVAL_MIN_MS) return;
    this.#intervalMs = NOTIFICATION_INTERVAL_MIN_MS;
    this.#resendAtMs = this.#peer.nowMs + this.#intervalMs;
    this.#broadcast();
  }

  flush(): void {}
  persisted(): void {}

  #onLooking(packet: Notification): void {
    const { configurations, electionEpoch } = this.#peer;
    const { from, vote } = packet;
    if (!configurations.isVoter(from)) {
      // An observer does not vote; it asks how things stand, and who votes.
      if (packet.configVersion < configurations.committed.version) this.#notify(from);
      else this.#answer(from);
      return;
    }
    this.#settled.delete(from);
    if (packet.electionEpoch < electionEpoch) {
      this.#answer(from);
      return;
    }
    if (packet.electionEpoch > electionEpoch) this.#joinRound(packet);
    else if (this.#isToPrefer(vote, this.#vote)) this.#changeVote(vote);
    // My own notification may have been lost on its way there.
    else if (!isSameVote(vote, this.#vote)) this.#answer(from);
    this.#received.set(from, vote);
    this.#decide();
  }

  /** Who is no candidate here wins over nobody, whatever another member knows of it. */
  #isToPrefer(vote: Vote, other: Vote): boolean {
    return this.#peer.configurations.isCandidate(vote.leader) && isBetterVote(vote, other);
  }

  /** Members without a vote only ask: what they have to say changes nobody's mind. */
  #answer(to: Sid): void {
    const { isVoter, nowMs } = this.#peer;
    const answeredMs = this.#answeredMs.get(to);
    if (!isVoter || (answeredMs !== undefined && nowMs < answeredMs + RESEND_MS)) return;
    this.#answeredMs.set(to, nowMs);
    this.#notify(to);
  }

  /** Source: ZooKeeper, a notification with a higher `electionEpoch`. */
  #joinRound({ electionEpoch, vote }: Notification): void {
    this.#peer.electionEpoch = electionEpoch;
    this.#received.clear();
    this.#answeredMs.clear();
    const own = this.#ownVote();
    this.#changeVote(this.#isToPrefer(vote, own) ? vote : own);
  }

  #changeVote(vote: Vote): void {
    this.#vote = vote;
    this.#quorumSinceMs = undefined;
    this.#intervalMs = NOTIFICATION_INTERVAL_MIN_MS;
    this.#resendAtMs = this.#peer.nowMs + this.#intervalMs;
    this.#answeredMs.clear();
    if (this.#peer.isVoter) this.#broadcast();
  }

  /**
   * A member has a leader: joins it if the leader itself said so, and a quorum backs it or this
   * member voted for it in this round. The winner counted the votes, perhaps also those of members
   * that this one does not know yet.
   */
  #onSettled(packet: Notification): void {
    const { from, vote } = packet;
    this.#settled.set(from, packet);
    this.#received.delete(from);
    const isLeading = this.#isLeading(vote.leader);
    if (isLeading && (this.#isElected(packet) || this.#isBacked(vote.leader))) {
      this.#peer.electionEpoch = Math.max(this.#peer.electionEpoch, packet.electionEpoch);
      this.#end({ ...vote });
      return;
    }
    this.#decide();
  }

  #isElected({ from, electionEpoch }: Notification): boolean {
    return from === this.#vote.leader && electionEpoch === this.#peer.electionEpoch;
  }

  /**
   * It says that it leads. One that has yet to get its promises, and lacks what this voter has, would
   * only give up if this one came, to be elected again without end: it has to succeed without.
   */
  #isLeading(leader: Sid): boolean {
    const packet = this.#settled.get(leader);
    if (packet?.state !== "LEADING") return false;
    const { zxid: lastZxid, peerEpoch: currentEpoch } = packet.vote;
    const { isVoter, summary } = this.#peer;
    return !isVoter || !isMoreRecentThan(summary, { currentEpoch, lastZxid });
  }

  /** Source: ZooKeeper `FastLeaderElection.receivedFollowingNotification`, `checkLeader`. */
  #isBacked(leader: Sid): boolean {
    if (leader === this.#peer.sid) return false;
    const backing = new Set<Sid>([this.#peer.sid]);
    for (const [sid, { vote }] of this.#settled) if (vote.leader === leader) backing.add(sid);
    for (const [sid, vote] of this.#received) if (vote.leader === leader) backing.add(sid);
    return this.#peer.configurations.hasQuorum(backing);
  }

  /** Ends the election if the vote has a quorum and nothing better can come, or came in time. */
  #decide(): void {
    const { configurations, sid, nowMs, transition } = this.#peer;
    if (transition !== undefined || !configurations.isCandidate(this.#vote.leader)) return;
    if (!configurations.hasQuorum(this.#supporting())) {
      this.#quorumSinceMs = undefined;
      return;
    }
    this.#quorumSinceMs ??= nowMs;
    const isEverybodyHeard = configurations.voters.every(
      (voter) =>
        voter === sid ||
        this.#received.has(voter) ||
        this.#settled.has(voter) ||
        this.#unreachable.has(voter),
    );
    if (isEverybodyHeard || nowMs >= this.#quorumSinceMs + FINALIZE_WAIT_MS) this.#end(this.#vote);
  }

  /** Who votes as I do, or did so in this round and acts on it already. */
  #supporting(): Set<Sid> {
    const { sid, electionEpoch } = this.#peer;
    const supporting = new Set<Sid>([sid]);
    for (const [from, vote] of this.#received) {
      if (isSameVote(vote, this.#vote)) supporting.add(from);
    }
    for (const [from, packet] of this.#settled) {
      const isInRound = packet.electionEpoch === electionEpoch;
      if (isInRound && packet.vote.leader === this.#vote.leader) supporting.add(from);
    }
    return supporting;
  }

  #end(vote: Vote): void {
    const { leader } = vote;
    const { sid, nowMs } = this.#peer;
    this.#vote = vote;
    this.#peer.election = { ...this.status, durationMs: nowMs - this.#startedMs };
    this.#peer.transition = leader === sid ? { type: "leading" } : { type: "learning", leader };
  }

  /**
   * Who is no candidate proposes nobody. A member that only a proposed configuration lets vote is
   * none: voters of the committed one that have not heard of it could not follow it.
   *
   * Source: ZooKeeper `FastLeaderElection.getInitId`.
   */
  #ownVote(): Vote {
    const { sid, configurations, summary } = this.#peer;
    if (!configurations.isCandidate(sid)) return NO_VOTE;
    return { leader: sid, zxid: summary.lastZxid, peerEpoch: summary.currentEpoch };
  }

  #broadcast(): void {
    const { configurations, sid } = this.#peer;
    for (const voter of configurations.voters) if (voter !== sid) this.#notify(voter);
  }

  #notify(to: Sid): void {
    this.#peer.notify(to, "LOOKING", this.#vote);
  }
}
