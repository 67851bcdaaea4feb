import { assert } from "../core/assert.ts";
import type { Sid } from "./configuration.ts";
import { Election } from "./election.ts";
import { Leader } from "./leader.ts";
import { Learner } from "./learner.ts";
import type { LogRow } from "./log-row.ts";
import type { Packet } from "./packet.ts";
import { isWellFormed } from "./packet-check.ts";
import { PeerState, type QuorumPeerOptions } from "./peer-state.ts";
import type { PeerStatus } from "./peer-status.ts";
import type { PeerRole, Ready } from "./ready.ts";
import type { Role } from "./role.ts";

/**
 * What only a leader says whom a quorum has promised its epoch. LEADERINFO is not among it: of two
 * prospective leaders both may say it for the same epoch.
 */
const LEADER_PACKETS: ReadonlySet<Packet["type"]> = new Set([
  "NEWLEADER",
  "TRUNC",
  "DIFF",
  "SNAP",
  "PROPOSAL",
  "INFORM",
  "UPTODATE",
  "COMMIT",
  "PING",
]);

/**
 * Replication at one member, as a pure machine: packets, time and proposals in, a {@link Ready} out.
 *
 * Owns nothing but its state in memory, which a new instance makes again from hard state and
 * history. No packet is relied upon to arrive, to arrive once, or in order; whatever one holds,
 * nothing is thrown because of it. Time is an argument and never goes back.
 *
 * The caller, after anything it told the machine: `takeReady` until that gives nothing, carrying out
 * each; then waits until `nextTickMs`.
 *
 * @throws AssertionError if an invariant of this member itself is broken; the instance is then
 *   thrown away.
 *
 * Source: ZooKeeper `QuorumPeer`; etcd raft `RawNode`.
 */
export class QuorumPeer {
  readonly #peer: PeerState;
  #role: Role;
  #droppedCount = 0;

  /** Goes on in the role of before the sleep; whoever had none, or was looking, looks. */
  constructor(options: QuorumPeerOptions) {
    this.#peer = new PeerState(options);
    this.#role = this.#resume();
    this.#settle();
  }

  /** What the server beside this machine plays, as reported last. */
  get role(): PeerRole {
    return this.#peer.role;
  }

  /** Takes in what another member said. */
  step(packet: Packet, nowMs: number): void {
    this.#advance(nowMs);
    if (!this.#isForMe(packet)) {
      this.#droppedCount += 1;
      return;
    }
    this.#learnConfiguration(packet);
    if (!this.#isKnown(packet.from)) this.#answerStranger(packet);
    else if (this.#isLeaderToJoin(packet)) {
      this.#peer.transition = { type: "learning", leader: packet.from };
    } else if (this.#isDeposed(packet)) this.#notify(packet.from);
    else {
      this.#answerLooking(packet);
      this.#role.step(packet);
    }
    this.#settle();
  }

  /** Time passed. May come early, late, or twice. */
  tick(nowMs: number): void {
    this.#advance(nowMs);
    this.#role.tick();
    this.#settle();
  }

  /** When {@link tick} is wanted; undefined while this member may sleep for ever. */
  nextTickMs(): number | undefined {
    return this.#role.nextTickMs();
  }

  /** A packet to this member could not be delivered. */
  unreachable(sid: Sid, nowMs: number): void {
    this.#advance(nowMs);
    this.#role.unreachable(sid);
    this.#settle();
  }

  /**
   * Replicates one batch. Only while the role is leading (asserted); zxids of its epoch, behind the
   * last ones (asserted); nothing behind a configuration before that is committed (asserted).
   *
   * @param originsOf - gives what travels with the rows to one learner; asked when they are sent.
   */
  propose(rows: readonly LogRow[], nowMs: number, originsOf?: (sid: Sid) => unknown): void {
    this.#advance(nowMs);
    this.#leader().propose(rows, originsOf);
    this.#settle();
  }

  /**
   * Asks a quorum whether this member still leads. Only while the role is leading (asserted).
   *
   * @returns the round; the report `confirmed` names it, or a later one.
   */
  confirm(nowMs: number): number {
    this.#advance(nowMs);
    return this.#leader().confirm();
  }

  /** A client waits: a leader that may be dead is looked after, an election that pauses goes on. */
  needLeader(nowMs: number): void {
    this.#advance(nowMs);
    this.#role.needLeader();
    this.#settle();
  }

  /** Lets members in that are in no configuration yet: they are synchronised, and don't vote. */
  admit(sids: readonly Sid[], nowMs: number): void {
    this.#advance(nowMs);
    for (const sid of sids) this.#peer.admitted.add(sid);
    if (this.#role instanceof Leader) this.#role.admit();
    this.#settle();
  }

  /** Gives up leading or following: zxids of the epoch are used up, or an operator wants it. */
  stepDown(nowMs: number): void {
    this.#advance(nowMs);
    if (this.#role.state !== "LOOKING") this.#peer.transition = { type: "looking" };
    this.#settle();
  }

  /** What is to be done now; undefined if nothing, or while the last one is not persisted. */
  takeReady(): Ready | undefined {
    if (this.#peer.isReadyUnderWay) return undefined;
    this.#role.flush();
    while (this.#peer.transition !== undefined) {
      this.#settle();
      this.#role.flush();
    }
    return this.#peer.takeReady();
  }

  /** The last {@link Ready} is durable, or will be before anything leaves. */
  persisted(): void {
    this.#peer.persisted();
    this.#role.persisted();
    this.#settle();
  }

  status(): PeerStatus {
    const { sid, hardState, log, committedZxid, configurations, election } = this.#peer;
    const role = this.#role;
    return {
      sid,
      state: role.state,
      zabState: role.zabState,
      acceptedEpoch: hardState.acceptedEpoch,
      currentEpoch: hardState.currentEpoch,
      leader: role instanceof Election ? 0 : role.vote.leader,
      lastZxid: log.lastZxid,
      committedZxid,
      configuration: configurations.committed,
      proposedConfiguration: configurations.proposed,
      election: role instanceof Election ? role.status : election,
      learners: role instanceof Leader ? role.learners : [],
      droppedCount: this.#droppedCount,
    };
  }

  #resume(): Role {
    const { hardState, sid, isVoter, configurations } = this.#peer;
    const { state, leader, acceptedEpoch, currentEpoch } = hardState;
    const isInEpoch = acceptedEpoch === currentEpoch && currentEpoch > 0;
    if (state === "LEADING" && leader === sid && isInEpoch && isVoter) {
      return new Leader(this.#peer, true);
    }
    const isLearning = state === "FOLLOWING" || state === "OBSERVING";
    if (isLearning && leader !== sid && (configurations.isMember(leader) || !isVoter)) {
      return new Learner(this.#peer, leader, true);
    }
    return this.#look();
  }

  #look(): Role {
    if (this.#peer.hardState.state !== "LOOKING") this.#peer.setHardState({ state: "LOOKING" });
    this.#peer.reportRole({ type: "looking" });
    return new Election(this.#peer);
  }

  /** Changes the role until it stays. */
  #settle(): void {
    for (;;) {
      const { transition } = this.#peer;
      if (transition === undefined) return;
      this.#peer.transition = undefined;
      if (transition.type === "looking") this.#role = this.#look();
      else if (transition.type === "leading") this.#role = new Leader(this.#peer, false);
      else this.#role = new Learner(this.#peer, transition.leader, false);
    }
  }

  #advance(nowMs: number): void {
    this.#peer.nowMs = Math.max(this.#peer.nowMs, nowMs);
  }

  #leader(): Leader {
    const role = this.#role;
    assert(role instanceof Leader, `expected the role leading, saw ${role.state}`);
    return role;
  }

  #isForMe(packet: Packet): boolean {
    const { sid, ensemble } = this.#peer;
    const isMine = packet.ensemble === ensemble && packet.to === sid && packet.from !== sid;
    return isMine && isWellFormed(packet);
  }

  /**
   * What is committed elsewhere is committed: the sender may be a member that is new to me. An
   * election begins anew, because other members may be candidates now. A leader commits its
   * configurations itself: one that hears of it is deposed, and must not count what was acknowledged
   * to it by a configuration of a later epoch.
   *
   * Source: ZooKeeper `FastLeaderElection.WorkerReceiver`, `QuorumPeer.processReconfig`.
   */
  #learnConfiguration(packet: Packet): void {
    const { committed } = this.#peer.configurations;
    if ("configuration" in packet) this.#peer.adopt(packet.configuration);
    this.#peer.confirmConfiguration(packet.configVersion);
    const isNew = this.#peer.configurations.committed !== committed;
    if (!isNew || this.#role instanceof Learner) return;
    this.#peer.transition = { type: "looking" };
    this.#settle();
  }

  /** Who is in no configuration itself believes any member of its ensemble. */
  #isKnown(from: Sid): boolean {
    const { configurations, admitted, sid } = this.#peer;
    if (configurations.isMember(from) || admitted.has(from)) return true;
    return !configurations.isMember(sid) || this.#role.vote.leader === from;
  }

  /** Source: ZooKeeper `FastLeaderElection.WorkerReceiver`: a newer configuration is sent back. */
  #answerStranger(packet: Packet): void {
    this.#droppedCount += 1;
    const { version } = this.#peer.configurations.committed;
    if (packet.type === "NOTIFICATION" && packet.configVersion < version) this.#notify(packet.from);
  }

  /**
   * Somebody holds the promises of a quorum for an epoch that this member does not stand in, and
   * calls: that is worth more than any election. A member that looks for a leader also goes back
   * to the one of its epoch if that resumes.
   */
  #isLeaderToJoin(packet: Packet): boolean {
    if (!LEADER_PACKETS.has(packet.type) || !("epoch" in packet)) return false;
    const { epoch, from, type } = packet;
    const { acceptedEpoch, currentEpoch, leader } = this.#peer.hardState;
    if (this.#role instanceof Learner && this.#role.leader === from) return false;
    if (epoch !== acceptedEpoch) return epoch > acceptedEpoch;
    if (epoch > currentEpoch) return true;
    return type === "NEWLEADER" && leader === from && this.#role.state === "LOOKING";
  }

  /** Its epoch is over, and it does not know. */
  #isDeposed(packet: Packet): boolean {
    if (!LEADER_PACKETS.has(packet.type) || !("epoch" in packet)) return false;
    if (this.#role instanceof Learner && this.#role.leader === packet.from) return false;
    return packet.epoch < this.#peer.hardState.acceptedEpoch;
  }

  /** Whoever has a leader says so to those who look for one. */
  #answerLooking(packet: Packet): void {
    if (packet.type !== "NOTIFICATION" || packet.state !== "LOOKING") return;
    if (this.#role.state !== "LOOKING") this.#notify(packet.from);
  }

  #notify(to: Sid): void {
    this.#peer.notify(to, this.#role.state, this.#role.vote);
  }
}
