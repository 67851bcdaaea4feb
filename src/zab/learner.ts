import type { Answer } from "./answer.ts";
import type { Sid } from "./configuration.ts";
import type { ServerState } from "./hard-state.ts";
import { HistoryIntake } from "./history-intake.ts";
import { LeaderCheck } from "./leader-check.ts";
import type { Packet, Vote } from "./packet.ts";
import type { PeerState } from "./peer-state.ts";
import type { ZabState } from "./peer-status.ts";
import type { PeerRole } from "./ready.ts";
import { earliest, type PacketOf, type Role } from "./role.ts";
import { INIT_LIMIT_MS, NOTIFICATION_INTERVAL_MIN_MS, RESEND_MS } from "./timing.ts";
import type { LearnerSummary } from "./vote.ts";

/** How often in a row a leader may be missed: one that was aborted is back at the next call. */
const MISSES_MAX = 2;

/**
 * A member that follows or observes a leader.
 *
 * What a packet may do here is judged by epochs alone:
 *
 *     its epoch          this member
 *     < acceptedEpoch    has promised itself to somebody later, and says so
 *     = acceptedEpoch    takes it in (`HistoryIntake`)
 *     > acceptedEpoch    has not promised yet, and introduces itself
 *
 * Whoever stands in the epoch of its leader never campaigns by itself, and needs no timer: only a
 * doubt (`LeaderCheck`) or a leader that gave up lead to an election.
 *
 * Source: ZooKeeper `Learner`, `Follower`, `Observer`; DSN 2011 §IV, f.1.1 to f.3.2.
 */
export class Learner implements Role {
  readonly leader: Sid;
  readonly #peer: PeerState;
  readonly #history: HistoryIntake;
  #zabState: ZabState = "discovery";
  /** The leader's instance; 0 = not heard of. */
  #leaderIncarnation = 0;
  #check: LeaderCheck | undefined;
  #missesCount = 0;
  /** Until when discovery and synchronization have to make progress. */
  #giveUpAtMs: number;
  #askAtMs: number;
  #answer: Answer = "none";
  #pong: PacketOf<"PING"> | undefined;
  #isSnapAckDue = false;

  /**
   * Begins to follow, or goes on after a sleep: who stands in the epoch of its leader then says
   * nothing before somebody asks.
   */
  constructor(peer: PeerState, leader: Sid, isResuming: boolean) {
    this.#peer = peer;
    this.leader = leader;
    this.#history = new HistoryIntake(peer);
    this.#giveUpAtMs = peer.nowMs + INIT_LIMIT_MS;
    this.#askAtMs = peer.nowMs + RESEND_MS;
    if (isResuming && this.#isInEpoch) this.#zabState = "broadcast";
    else this.#introduce();
    this.#keepRole();
  }

  get state(): ServerState {
    return this.#peer.learningState;
  }

  get zabState(): ZabState {
    return this.#zabState;
  }

  get vote(): Vote {
    const { lastZxid: zxid, currentEpoch: peerEpoch } = this.#peer.summary;
    return { leader: this.leader, zxid, peerEpoch };
  }

  step(packet: Packet): void {
    if (packet.type === "NOTIFICATION") this.#onNotification(packet);
    else if (packet.from !== this.leader) this.#onStray(packet);
    else if (packet.type === "LEADERINFO") this.#onLeaderInfo(packet);
    else if ("epoch" in packet) this.#onLeaderPacket(packet);
    this.#keepRole();
  }

  tick(): void {
    const { nowMs } = this.#peer;
    if (this.#zabState !== "broadcast") {
      if (nowMs >= this.#giveUpAtMs) this.#giveUp();
      else if (nowMs >= this.#askAtMs) this.#introduce();
    } else if (this.#check?.isOver(nowMs) === true) this.#giveUp();
    else if (this.#check?.isAskDue(nowMs) === true) this.#introduce();
  }

  nextTickMs(): number | undefined {
    if (this.#zabState === "broadcast") return this.#check?.nextTickMs();
    return earliest(this.#giveUpAtMs, this.#askAtMs);
  }

  unreachable(sid: Sid): void {
    if (sid === this.leader) this.#miss();
  }

  /** Looks after the leader, unless that is under way. */
  needLeader(): void {
    if (this.#zabState !== "broadcast" || this.#check !== undefined) return;
    this.#check = new LeaderCheck(this.#peer.nowMs);
    this.#introduce();
  }

  flush(): void {
    const { acceptedEpoch: epoch } = this.#peer.hardState;
    if (this.#answer === "ack" && this.#isInEpoch) {
      const { committedZxid, log } = this.#peer;
      this.#peer.send(this.leader, { type: "ACK", epoch, zxid: log.lastZxid, committedZxid });
    } else if (this.#answer !== "none") this.#introduce();
    this.#answer = "none";
    if (this.#isSnapAckDue) {
      const cursor = this.#peer.log.stagedCursor;
      this.#peer.send(this.leader, { type: "SNAPACK", epoch, cursor });
    }
    this.#isSnapAckDue = false;
    // Later promises take back the answer to a question of an earlier epoch.
    if (this.#pong !== undefined && this.#pong.epoch === epoch && this.#isInEpoch) {
      const { round, incarnation: leaderIncarnation } = this.#pong;
      this.#peer.send(this.leader, { type: "PONG", epoch, round, leaderIncarnation });
    }
    this.#pong = undefined;
  }

  persisted(): void {}

  get #isInEpoch(): boolean {
    return this.#peer.hardState.leader === this.leader && this.#history.isInEpoch;
  }

  /** Says what is here. Source: ZooKeeper `Learner.registerWithLeader`. */
  #introduce(): void {
    const { isVoter, hardState, summary, log, nowMs } = this.#peer;
    const { acceptedEpoch, leader } = hardState;
    const mine: LearnerSummary = { ...summary, stagedCursor: log.stagedCursor };
    this.#askAtMs = nowMs + RESEND_MS;
    if (leader === this.leader && acceptedEpoch > hardState.currentEpoch) {
      this.#peer.send(this.leader, { type: "ACKEPOCH", epoch: acceptedEpoch, ...mine });
    } else {
      const type = isVoter ? "FOLLOWERINFO" : "OBSERVERINFO";
      this.#peer.send(this.leader, { type, acceptedEpoch, ...mine });
    }
  }

  /** DSN 2011 §IV, f.1.1: the promise is durable before it is given. */
  #onLeaderInfo({ epoch, incarnation }: PacketOf<"LEADERINFO">): void {
    const { acceptedEpoch } = this.#peer.hardState;
    if (epoch >= acceptedEpoch) this.#heard(incarnation);
    if (epoch > acceptedEpoch) {
      this.#peer.setHardState({ acceptedEpoch: epoch, leader: this.leader });
      this.#zabState = "synchronization";
      this.#progress();
    }
    this.#introduce();
  }

  #onLeaderPacket(packet: Packet & { readonly epoch: number }): void {
    const { acceptedEpoch, leader } = this.#peer.hardState;
    if (packet.epoch < acceptedEpoch) return;
    this.#heard(packet.incarnation);
    if (packet.epoch > acceptedEpoch) {
      // The leader went on to an epoch that this member has yet to promise.
      if (this.#zabState !== "discovery") this.#progress();
      this.#zabState = "discovery";
      this.#answer = "info";
      return;
    }
    // Only who holds the promises of a quorum says more than LEADERINFO: the epoch is the sender's.
    if (leader !== this.leader) this.#peer.setHardState({ leader: this.leader });
    const { summary } = this.#peer;
    const answer = this.#history.take(packet);
    if (packet.type === "SNAP") this.#isSnapAckDue = answer === "none";
    if (packet.type === "PING") this.#pong = packet;
    if (answer === "info" || this.#answer === "none") this.#answer = answer;
    else if (answer === "ack" && this.#peer.summary.lastZxid !== summary.lastZxid) {
      this.#answer = "ack";
    }
    if (packet.type === "SNAP" || this.#peer.summary.lastZxid !== summary.lastZxid)
      this.#progress();
    if (this.#isInEpoch) this.#advance(packet);
  }

  /** UPTODATE, and whatever only an established leader sends, ends the synchronization. */
  #advance({ type }: Packet): void {
    if (this.#zabState === "discovery") this.#zabState = "synchronization";
    const isEstablished =
      type === "UPTODATE" || type === "PROPOSAL" || type === "INFORM" || type === "COMMIT";
    if (isEstablished || type === "PING") this.#zabState = "broadcast";
  }

  #onNotification({ from, state, vote, electionEpoch }: PacketOf<"NOTIFICATION">): void {
    if (from !== this.leader) {
      // Somebody looks for a leader, or has another one: is mine alive?
      if (state === "LOOKING" || vote.leader !== this.leader) this.needLeader();
      return;
    }
    if (state === "LEADING") {
      if (this.#zabState === "discovery") this.#introduce();
      return;
    }
    const isSameRound = electionEpoch === this.#peer.electionEpoch;
    if (this.#zabState === "discovery" && isSameRound && vote.leader === this.leader) {
      // It is about to find out that it is elected.
      this.#askAtMs = this.#peer.nowMs + NOTIFICATION_INTERVAL_MIN_MS;
    } else if (electionEpoch > this.#peer.electionEpoch) this.#giveUp();
    else this.#miss();
  }

  /** The sender takes this member for its leader: it has to know better. */
  #onStray({ type, from }: Packet): void {
    if (type === "FOLLOWERINFO" || type === "OBSERVERINFO" || type === "ACKEPOCH") {
      this.#peer.notify(from, this.state, this.vote);
    }
  }

  #heard(incarnation: number): void {
    this.#leaderIncarnation = incarnation;
    this.#check = undefined;
    this.#missesCount = 0;
    this.#askAtMs = this.#peer.nowMs + RESEND_MS;
  }

  /** The leader is out of reach, or says that it is none; it may be a packet that comes late. */
  #miss(): void {
    this.#missesCount += 1;
    if (this.#missesCount >= MISSES_MAX) {
      this.#giveUp();
      return;
    }
    if (this.#zabState === "broadcast") this.#check ??= new LeaderCheck(this.#peer.nowMs);
    this.#introduce();
  }

  #progress(): void {
    this.#giveUpAtMs = this.#peer.nowMs + INIT_LIMIT_MS;
  }

  #giveUp(): void {
    this.#peer.transition = { type: "looking" };
  }

  /** What is durable of the role, and what the server is told, follow from where things stand. */
  #keepRole(): void {
    const { hardState, learningState, role } = this.#peer;
    if (hardState.leader === this.leader && hardState.state !== learningState) {
      this.#peer.setHardState({ state: learningState });
    }
    if (this.#zabState !== "broadcast" || !this.#isInEpoch) {
      this.#peer.reportRole({ type: "looking" });
      return;
    }
    const next: PeerRole = {
      type: "learning",
      epoch: hardState.currentEpoch,
      leader: this.leader,
      incarnation: this.#leaderIncarnation,
      isObserver: learningState === "OBSERVING",
    };
    const isSame =
      role.type === "learning" &&
      role.epoch === next.epoch &&
      role.leader === next.leader &&
      role.incarnation === next.incarnation &&
      role.isObserver === next.isObserver;
    if (!isSame) this.#peer.reportRole(next);
  }
}
