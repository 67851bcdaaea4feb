import { assert } from "../core/assert.ts";
import { formatZxid, type Zxid } from "../core/zxid.ts";
import { Confirmations } from "./confirmations.ts";
import type { Sid } from "./configuration.ts";
import { Discovery, type DiscoveryOutcome } from "./discovery.ts";
import { epochOf, startOfEpoch } from "./epoch.ts";
import { LearnerHandler } from "./learner-handler.ts";
import type { LogRow } from "./log-row.ts";
import type { Envelope, Packet, Vote } from "./packet.ts";
import type { PeerState } from "./peer-state.ts";
import type { LearnerStatus, ZabState } from "./peer-status.ts";
import { earliest, type PacketOf, type Role } from "./role.ts";
import { INIT_LIMIT_MS, RESEND_MS, SYNC_LIMIT_MS } from "./timing.ts";
import { isBetterVote, type LearnerSummary, type StateSummary } from "./vote.ts";

type OriginsOf = (sid: Sid) => unknown;

/** Batches whose origins are kept, to go out again with rows that were lost. */
const ORIGINS_MAX = 1_024;

/**
 * A member that leads, or is about to: discovery, synchronization, broadcast.
 *
 * A leader that wakes resumes its epoch. It may do so because it logs a batch before it sends it:
 * no zxid that anybody has seen is given out twice, and no learner has what it lacks. It begins
 * with synchronization, its initial history being all of its log, so also the tail that was
 * not committed: once a quorum holds that, it is, as after an election. Whoever has promised a
 * later epoch refuses, and one such answer ends the epoch.
 *
 * Source: ZooKeeper `Leader`; DSN 2011 §IV, phases 1 to 3. Differs: no heartbeats; resuming.
 */
export class Leader implements Role {
  readonly state = "LEADING";
  readonly #peer: PeerState;
  readonly #discovery: Discovery;
  readonly #handlers = new Map<Sid, LearnerHandler>();
  readonly #confirmations = new Confirmations();
  readonly #originsOf = new Map<Zxid, OriginsOf>();
  #zabState: ZabState = "discovery";
  #initialZxid: Zxid = 0;
  /** Until when discovery and synchronization have to be done. */
  #giveUpAtMs: number;
  /** Since when a quorum owes an answer; undefined while it owes none. */
  #waitingSinceMs: number | undefined;
  #isPingDue = false;
  #pingedAtMs = 0;

  constructor(peer: PeerState, isResuming: boolean) {
    this.#peer = peer;
    this.#discovery = new Discovery(peer);
    this.#giveUpAtMs = peer.nowMs + INIT_LIMIT_MS;
    if (isResuming) {
      this.#synchronize();
      return;
    }
    // Whoever follows already hears that it may come now; late joiners hear whom to join.
    for (const { sid } of peer.configurations.members) {
      if (sid !== peer.sid) peer.notify(sid, this.state, this.vote);
    }
    this.#goOn(this.#discovery.start());
  }

  get zabState(): ZabState {
    return this.#zabState;
  }

  get vote(): Vote {
    const { lastZxid: zxid, currentEpoch: peerEpoch } = this.#peer.summary;
    return { leader: this.#peer.sid, zxid, peerEpoch };
  }

  get epoch(): number {
    return this.#peer.hardState.acceptedEpoch;
  }

  get initialZxid(): Zxid {
    return this.#initialZxid;
  }

  /** A quorum holds the initial history: all of it is committed, and this member serves. */
  get isEstablished(): boolean {
    return this.#zabState === "broadcast";
  }

  originsOf(zxid: Zxid, sid: Sid): unknown {
    return this.#originsOf.get(zxid)?.(sid);
  }

  get learners(): readonly LearnerStatus[] {
    const { configurations, log } = this.#peer;
    return [...this.#handlers.values()]
      .map((handler): LearnerStatus => {
        const { sid, matchZxid, isInEpoch, isReachable } = handler;
        const type = configurations.isVoter(sid) ? "participant" : "observer";
        const from = Math.max(matchZxid, startOfEpoch(this.epoch));
        const lag = Math.max(0, log.lastZxid - from);
        return { sid, type, lastZxid: matchZxid, lag, isSynced: isInEpoch, isReachable };
      })
      .toSorted((a, b) => a.sid - b.sid);
  }

  step(packet: Packet): void {
    if (packet.type === "NOTIFICATION") {
      this.#onNotification(packet);
      return;
    }
    const handler = this.#handlers.get(packet.from);
    handler?.heard();
    switch (packet.type) {
      case "FOLLOWERINFO":
      case "OBSERVERINFO":
        this.#onInfo(packet);
        break;
      case "ACKEPOCH":
        this.#onAckEpoch(packet);
        break;
      case "ACK":
        if (packet.epoch === this.epoch) this.#onAck(packet, handler);
        break;
      case "SNAPACK":
        if (packet.epoch === this.epoch) handler?.continueSnapshot(packet.cursor);
        break;
      case "PONG":
        this.#onPong(packet);
        break;
      default:
        break;
    }
  }

  tick(): void {
    const { nowMs } = this.#peer;
    if (!this.isEstablished && nowMs >= this.#giveUpAtMs) this.#giveUp();
    const { isOutstanding } = this;
    if (isOutstanding && nowMs >= (this.#waitingSinceMs ?? nowMs) + SYNC_LIMIT_MS) this.#giveUp();
    if (this.#confirmations.isOutstanding && nowMs >= this.#pingedAtMs + RESEND_MS) {
      this.#isPingDue = true;
    }
    for (const handler of this.#handlers.values()) handler.tick();
  }

  nextTickMs(): number | undefined {
    const handlers = [...this.#handlers.values()].map((handler) => handler.nextTickMs());
    const waitingSinceMs = this.isOutstanding ? this.#waitingSinceMs : undefined;
    return earliest(
      this.isEstablished ? undefined : this.#giveUpAtMs,
      waitingSinceMs === undefined ? undefined : waitingSinceMs + SYNC_LIMIT_MS,
      this.#confirmations.isOutstanding ? this.#pingedAtMs + RESEND_MS : undefined,
      ...handlers,
    );
  }

  /** Waiting for a quorum that is known to be out of reach would only keep clients waiting. */
  unreachable(sid: Sid): void {
    this.#handlers.get(sid)?.unreachable();
    if (this.isOutstanding && !this.#isQuorumInReach) this.#giveUp();
  }

  needLeader(): void {}

  flush(): void {
    if (this.#zabState === "discovery") return;
    this.#sendPings();
    for (const handler of this.#handlers.values()) handler.flush();
    this.#updateHandlers();
    this.#forgetOrigins();
  }

  /** What is durable here is acknowledged by this member itself. */
  persisted(): void {
    if (this.#zabState !== "discovery") this.#count();
  }

  propose(rows: readonly LogRow[], originsOf: OriginsOf | undefined): void {
    const [first] = rows;
    const last = rows.at(-1);
    assert(
      this.isEstablished && first !== undefined && last !== undefined,
      "expected an established leader to propose at least one row",
    );
    assert(
      epochOf(first.zxid) === this.epoch && epochOf(last.lastZxid) === this.epoch,
      `expected zxids of epoch ${this.epoch}, saw ${formatZxid(first.zxid)}`,
    );
    // Whoever has something from behind a change may rely on that to be committed (`Discovery`).
    assert(
      this.#peer.configurations.proposed === undefined,
      "expected nothing behind a configuration that is not committed, saw a batch",
    );
    this.#peer.append(rows);
    if (originsOf !== undefined) this.#originsOf.set(last.lastZxid, originsOf);
    this.#updateHandlers();
    this.#expectAnswers();
  }

  confirm(): number {
    assert(this.isEstablished, "expected an established leader to confirm");
    const round = this.#confirmations.next();
    this.#isPingDue = true;
    this.#expectAnswers();
    this.#settleConfirmations();
    return round;
  }

  /** Members were let in. */
  admit(): void {
    if (this.#zabState !== "discovery") this.#updateHandlers();
  }

  /** A quorum owes an answer. */
  get isOutstanding(): boolean {
    const { log, committedZxid } = this.#peer;
    const isUncommitted = this.isEstablished && committedZxid < log.lastZxid;
    return isUncommitted || this.#confirmations.isOutstanding;
  }

  #onNotification({ state, vote, acceptedEpoch }: PacketOf<"NOTIFICATION">): void {
    if (this.#zabState !== "discovery") {
      if (acceptedEpoch > this.epoch) this.#giveUp();
    } else if (state === "LEADING" && isBetterVote(vote, this.vote)) this.#giveUp();
  }

  #onInfo(packet: PacketOf<"FOLLOWERINFO" | "OBSERVERINFO">): void {
    const { from, acceptedEpoch } = packet;
    if (this.#zabState === "discovery") {
      this.#goOn(this.#discovery.onInfo(from, packet, acceptedEpoch));
    } else this.#answerLearner(packet, acceptedEpoch);
  }

  #onAckEpoch(packet: PacketOf<"ACKEPOCH">): void {
    if (this.#zabState === "discovery") this.#goOn(this.#discovery.onAckEpoch(packet));
    else this.#answerLearner(packet, packet.epoch);
  }

  /** A learner says what it promised and has. */
  #answerLearner(theirs: LearnerSummary & Envelope, acceptedEpoch: number): void {
    const handler = this.#handlers.get(theirs.from);
    if (acceptedEpoch > this.epoch || this.#hasLost(theirs)) this.#giveUp();
    else if (acceptedEpoch < this.epoch) handler?.discover();
    else {
      handler?.synchronize(theirs, theirs.incarnation);
      this.#count();
    }
  }

  /**
   * An ACK may be older than this instance of the leader, or of the learner: it stays true, because
   * nobody cuts a log within an epoch.
   */
  #onAck(packet: PacketOf<"ACK">, handler: LearnerHandler | undefined): void {
    if (this.#zabState === "discovery") return;
    const { zxid: lastZxid, epoch: currentEpoch } = packet;
    if (this.#hasLost({ currentEpoch, lastZxid })) {
      this.#giveUp();
      return;
    }
    handler?.acknowledge(packet);
    this.#count();
  }

  /** A learner has more of this epoch than its leader: the leader's storage lost something. */
  #hasLost(theirs: StateSummary): boolean {
    return theirs.currentEpoch === this.epoch && theirs.lastZxid > this.#peer.log.lastZxid;
  }

  #onPong({ from, epoch, round, leaderIncarnation }: PacketOf<"PONG">): void {
    if (epoch !== this.epoch || leaderIncarnation !== this.#peer.incarnation) return;
    this.#confirmations.answer(from, round);
    this.#settleConfirmations();
  }

  #goOn(outcome: DiscoveryOutcome): void {
    if (outcome === "behind") this.#giveUp();
    else if (outcome === "promised") this.#synchronize();
  }

  /** DSN 2011 §IV, l.2.1: a quorum promised, and none of it has a later history than this one. */
  #synchronize(): void {
    const { hardState, log, sid, nowMs } = this.#peer;
    this.#zabState = "synchronization";
    this.#initialZxid = log.lastZxid;
    log.dropStaged();
    this.#giveUpAtMs = nowMs + INIT_LIMIT_MS;
    this.#peer.setHardState({
      currentEpoch: hardState.acceptedEpoch,
      state: this.state,
      leader: sid,
    });
    this.#updateHandlers();
    const { followers, promises } = this.#discovery;
    for (const follower of followers) {
      const summary = promises.get(follower);
      if (summary === undefined) this.#handlers.get(follower)?.discover();
      else this.#handlers.get(follower)?.synchronize(summary, 0);
    }
    this.#count();
  }

  /** Counts acknowledgements, commits what a quorum has, and what depends on that. */
  #count(): void {
    const { configurations, durable, sid, committedZxid } = this.#peer;
    const reached = new Map<Sid, Zxid>();
    if (durable.currentEpoch === this.epoch) reached.set(sid, durable.lastZxid);
    for (const handler of this.#handlers.values()) {
      if (handler.isInEpoch) reached.set(handler.sid, handler.matchZxid);
    }
    const zxid = configurations.reachedByQuorum(reached);
    // Only with the whole initial history, and behind it; never a part of an earlier epoch.
    if (zxid === undefined || zxid < this.#initialZxid) return;
    const { committed } = configurations;
    this.#peer.commit(zxid);
    if (!this.isEstablished) this.#establish();
    if (this.#peer.committedZxid > committedZxid) this.#settleWaiting();
    if (configurations.committed !== committed) this.#onConfiguration();
  }

  /** DSN 2011 §IV, l.2.2. */
  #establish(): void {
    this.#zabState = "broadcast";
    this.#peer.reportRole({ type: "leading", epoch: this.epoch });
    for (const handler of this.#handlers.values()) handler.establish();
  }

  /** Those who left hear that; if it is the leader itself, it may not commit any more. */
  #onConfiguration(): void {
    this.flush();
    if (this.#peer.isVoter) this.#count();
    else this.#giveUp();
  }

  #settleConfirmations(): void {
    if (!this.#confirmations.settle(this.#peer.sid, this.#peer.configurations)) return;
    this.#peer.ready.report({ type: "confirmed", round: this.#confirmations.confirmed });
    this.#settleWaiting();
  }

  #settleWaiting(): void {
    this.#waitingSinceMs = this.isOutstanding ? this.#peer.nowMs : undefined;
  }

  /** Source: ZooKeeper `Leader.lead`, which looks at its followers' connections twice a tick. */
  get #isQuorumInReach(): boolean {
    const { configurations, sid: self } = this.#peer;
    const isInReach = (sid: Sid): boolean => this.#handlers.get(sid)?.isOutOfReach !== true;
    return configurations.hasQuorum(
      new Set(configurations.voters.filter((sid) => sid === self || isInReach(sid))),
    );
  }

  #expectAnswers(): void {
    this.#waitingSinceMs ??= this.#peer.nowMs;
    for (const handler of this.#handlers.values()) handler.wake();
  }

  #sendPings(): void {
    if (!this.#isPingDue || !this.#confirmations.isOutstanding) return;
    this.#isPingDue = false;
    const { configurations, sid, nowMs, committedZxid } = this.#peer;
    this.#pingedAtMs = nowMs;
    const { round } = this.#confirmations;
    for (const voter of configurations.voters) {
      if (voter === sid || this.#confirmations.hasAnswered(voter)) continue;
      this.#peer.send(voter, { type: "PING", epoch: this.epoch, round, committedZxid });
    }
  }

  /** One handler for each member of a configuration that counts, and for who was let in. */
  #updateHandlers(): void {
    const { configurations, admitted, sid: self } = this.#peer;
    const sids = new Set([...configurations.members.map(({ sid }) => sid), ...admitted]);
    sids.delete(self);
    for (const sid of this.#handlers.keys()) if (!sids.has(sid)) this.#handlers.delete(sid);
    for (const sid of sids) {
      if (!this.#handlers.has(sid)) {
        this.#handlers.set(sid, new LearnerHandler(this.#peer, sid, this));
      }
    }
  }

  #forgetOrigins(): void {
    if (this.#originsOf.size === 0) return;
    const zxids = [...this.#handlers.values()]
      .filter(({ isInEpoch, isReachable }) => isInEpoch && isReachable)
      .map(({ matchZxid }) => matchZxid);
    const neededZxid = Math.min(...zxids, this.#peer.committedZxid);
    for (const zxid of this.#originsOf.keys()) {
      if (zxid > neededZxid && this.#originsOf.size <= ORIGINS_MAX) return;
      this.#originsOf.delete(zxid);
    }
  }

  #giveUp(): void {
    this.#peer.transition ??= { type: "looking" };
  }
}
