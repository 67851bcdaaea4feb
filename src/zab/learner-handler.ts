import type { Zxid } from "../core/zxid.ts";
import { batchesOf, bytesOf } from "./batch.ts";
import type { Sid } from "./configuration.ts";
import type { LogRow } from "./log-row.ts";
import type { PacketBody } from "./packet.ts";
import type { PeerState } from "./peer-state.ts";
import type { PacketOf } from "./role.ts";
import { planSync } from "./sync-plan.ts";
import {
  IN_FLIGHT_BYTES_MAX,
  PACKET_BYTES_MAX,
  RESEND_MS,
  SNAPSHOT_SLICE_BYTES,
  SYNC_LIMIT_MS,
} from "./timing.ts";
import type { LearnerSummary } from "./vote.ts";

/** What the leader's handlers have in common. */
export interface Leadership {
  readonly epoch: number;
  /** Who has all up to here, in this epoch, has the leader's initial history. */
  readonly initialZxid: Zxid;
  readonly isEstablished: boolean;
  /** What travels with the batch that ends at `zxid` to this learner. */
  originsOf(zxid: Zxid, sid: Sid): unknown;
}

/** What is known of the way to a learner's log. */
type Stage =
  /** Nothing is known in this leadership. */
  | "absent"
  /** Has not promised the epoch yet. */
  | "discovery"
  /** Is sent a snapshot. */
  | "snapshot"
  /** Its log is a prefix of this one up to `#matchZxid`, once `#truncation` is done. */
  | "rows";

/** How long after a plan the same state of the learner makes no new one: answers cross packets. */
const REPLAN_MS = 500;

/**
 * What a leader knows of one learner, and sends it next.
 *
 * Invariant: `matchZxid ≤ nextZxid ≤ the end of the leader's log`. Everything up to `matchZxid` is
 * durable at the learner; up to `nextZxid` it is on its way. Only who `isInEpoch` counts.
 *
 * Nothing is believed to arrive: what was not answered in time is sent again from `matchZxid`, one
 * packet at a time until there is an answer. After `SYNC_LIMIT_MS` the learner is left alone until
 * it speaks, or there is something new.
 *
 * Source: ZooKeeper `LearnerHandler`; etcd raft `tracker.Progress`.
 */
export class LearnerHandler {
  readonly sid: Sid;
  readonly #peer: PeerState;
  readonly #leadership: Leadership;
  #stage: Stage = "absent";
  /** The learner acknowledged NEWLEADER: its log is a prefix of this one, whatever follows. */
  isInEpoch = false;
  matchZxid: Zxid = 0;
  /** The instance of the learner that acknowledged something in this epoch last. */
  #incarnation = 0;
  #nextZxid: Zxid = 0;
  #committedThere: Zxid = 0;
  #committedSent: Zxid = 0;
  #truncation: { readonly zxid: Zxid; readonly lastZxid: Zxid } | undefined;
  #isNewLeaderDue = false;
  #isUpToDateDue = false;
  #isPokeDue = true;
  #snapshotCursor = "";
  #isSliceDue = false;
  #inFlight: { readonly zxid: Zxid; readonly bytes: number }[] = [];
  /** No answer came in time: one packet at a time. */
  #isProbing = false;
  #plannedFor: { readonly lastZxid: Zxid; readonly atMs: number } | undefined;
  #missesCount = 0;
  /** Since when it owes an answer; undefined while it owes none. */
  #waitingSinceMs: number | undefined;
  #sentAtMs: number;
  #isLost = false;

  constructor(peer: PeerState, sid: Sid, leadership: Leadership) {
    this.#peer = peer;
    this.sid = sid;
    this.#leadership = leadership;
    this.#sentAtMs = peer.nowMs;
  }

  get isReachable(): boolean {
    return this.#missesCount === 0 && !this.#isLost;
  }

  /** It could not be reached twice in a row, with time for a reset object to be back in between. */
  get isOutOfReach(): boolean {
    return this.#missesCount > 1;
  }

  /** Any packet: it is there. */
  heard(): void {
    this.#missesCount = 0;
    this.#waitingSinceMs = undefined;
    if (this.#isLost) this.#rewind();
    this.#isLost = false;
    this.#isProbing = false;
  }

  /** It has to promise the epoch first. */
  discover(): void {
    this.#stage = "discovery";
    this.#send({ type: "LEADERINFO", epoch: this.#leadership.epoch });
  }

  /**
   * It promised the epoch, and says what it has: plans how it gets the leader's history. In the
   * epoch already, what it has is acknowledged by that, and something is missing or it wants
   * a sign of life.
   */
  synchronize(theirs: LearnerSummary, incarnation: number): void {
    const { currentEpoch, lastZxid, stagedCursor } = theirs;
    const { epoch, isEstablished } = this.#leadership;
    if (currentEpoch === epoch) this.#enter(lastZxid, incarnation);
    else if (this.isInEpoch && incarnation === this.#incarnation) return;
    else if (this.isInEpoch) this.#forget();
    if (this.isInEpoch && isEstablished) this.#isUpToDateDue = true;
    else if (this.isInEpoch) this.#isNewLeaderDue = true;
    if (this.isInEpoch && lastZxid < this.matchZxid) return;
    if (!this.isInEpoch && this.#inFlight.some(({ zxid }) => zxid === lastZxid)) {
      // What it has is what it was sent: the rest is on its way.
      this.matchZxid = lastZxid;
      this.#inFlight = this.#inFlight.filter(({ zxid }) => zxid > lastZxid);
      return;
    }
    const { nowMs } = this.#peer;
    const { lastZxid: planned, atMs } = this.#plannedFor ?? { lastZxid: -1, atMs: 0 };
    if (planned === lastZxid && nowMs < atMs + REPLAN_MS) return;
    this.#plannedFor = { lastZxid, atMs: nowMs };
    this.#plan(lastZxid, stagedCursor);
  }

  acknowledge({ zxid, committedZxid, incarnation }: PacketOf<"ACK">): void {
    const wasInEpoch = this.isInEpoch;
    this.#enter(zxid, incarnation);
    this.#committedThere = Math.max(this.#committedThere, committedZxid);
    if (!wasInEpoch && this.#leadership.isEstablished) this.#isUpToDateDue = true;
  }

  /** The learner has everything of the snapshot up to `cursor`. */
  continueSnapshot(cursor: string): void {
    if (this.#stage !== "snapshot" || cursor === this.#snapshotCursor) return;
    this.#snapshotCursor = cursor;
    this.#isSliceDue = true;
  }

  /** The leader is established: whoever stands in the epoch may serve. */
  establish(): void {
    if (this.isInEpoch) this.#isUpToDateDue = true;
    this.#isLost = false;
  }

  /** Something new is to be sent: patience begins anew, also with one that was left alone. */
  wake(): void {
    this.#waitingSinceMs = undefined;
    if (this.#isLost) this.#rewind();
    this.#isLost = false;
  }

  /** The first miss is tried again at once: an object that was aborted is back at the next call. */
  unreachable(): void {
    this.#missesCount += 1;
    if (this.#missesCount === 1) this.#rewind();
  }

  tick(): void {
    const { nowMs } = this.#peer;
    if (!this.#isWaiting || nowMs < this.#sentAtMs + RESEND_MS) return;
    this.#sentAtMs = nowMs;
    if (nowMs >= (this.#waitingSinceMs ?? nowMs) + SYNC_LIMIT_MS) this.#isLost = true;
    else this.#rewind();
  }

  nextTickMs(): number | undefined {
    return this.#isWaiting ? this.#sentAtMs + RESEND_MS : undefined;
  }

  /** Sends what is due. */
  flush(): void {
    if (this.#isLost) return;
    const { nowMs } = this.#peer;
    if (!this.#isWaiting) this.#waitingSinceMs = undefined;
    else if (this.#waitingSinceMs === undefined) {
      this.#waitingSinceMs = nowMs;
      this.#sentAtMs = nowMs;
    }
    // Rows that were not acknowledged may be trimmed since the plan was made: a snapshot, then.
    const isTrimmed = this.#nextZxid < this.#peer.log.trimmedZxid;
    if (this.#stage === "rows" && isTrimmed) this.#plan(this.#nextZxid, "");
    if (this.#stage === "absent") this.#poke();
    else if (this.#stage === "snapshot") this.#sendSlice();
    else if (this.#stage === "rows") this.#sendRows();
  }

  /** Rows that it may have: an observer only what is committed. */
  get #limitZxid(): Zxid {
    const { configurations, log, committedZxid } = this.#peer;
    return configurations.isVoter(this.sid) ? log.lastZxid : committedZxid;
  }

  /** An answer is owed. */
  get #isWaiting(): boolean {
    if (this.#isLost) return false;
    if (this.#stage !== "rows" || !this.isInEpoch) return true;
    const { committedZxid } = this.#peer;
    return (
      this.matchZxid < this.#limitZxid ||
      (this.#leadership.isEstablished && this.#committedThere < committedZxid)
    );
  }

  #enter(zxid: Zxid, incarnation: number): void {
    this.#incarnation = incarnation;
    const matchZxid = Math.min(zxid, this.#peer.log.lastZxid);
    if (!this.isInEpoch) {
      this.isInEpoch = true;
      this.#isNewLeaderDue = false;
      this.#truncation = undefined;
      this.#stage = "rows";
      this.matchZxid = matchZxid;
      this.#nextZxid = Math.max(matchZxid, this.#nextZxid);
    }
    this.matchZxid = Math.max(this.matchZxid, matchZxid);
    this.#nextZxid = Math.max(this.#nextZxid, this.matchZxid);
    this.#inFlight = this.#inFlight.filter((sent) => sent.zxid > this.matchZxid);
  }

  /** Another instance of the learner lacks what this one acknowledged: its disk is a new one. */
  #forget(): void {
    this.isInEpoch = false;
    this.matchZxid = 0;
    this.#nextZxid = 0;
    this.#committedThere = 0;
    this.#inFlight = [];
    this.#plannedFor = undefined;
  }

  /** What the learner has staged already is not sent again, whoever sent it. */
  #plan(lastZxid: Zxid, stagedCursor: string): void {
    const plan = planSync(this.#peer.log, lastZxid);
    this.#inFlight = [];
    this.#truncation = undefined;
    if (plan.type === "SNAP") {
      this.#isSliceDue = true;
      this.#snapshotCursor = stagedCursor;
      this.#stage = "snapshot";
      return;
    }
    // A configuration in a snapshot is not seen by the learner: NEWLEADER brings it.
    this.#isNewLeaderDue ||= !this.isInEpoch || this.#stage === "snapshot";
    this.#stage = "rows";
    if (plan.type === "TRUNC") this.#truncation = { zxid: plan.zxid, lastZxid };
    this.matchZxid = plan.zxid;
    this.#nextZxid = plan.zxid;
  }

  /** Everything that was not answered goes out again. */
  #rewind(): void {
    this.#isProbing = true;
    this.#inFlight = [];
    this.#nextZxid = this.matchZxid;
    this.#committedSent = this.#committedThere;
    this.#isPokeDue = this.#stage === "absent";
    this.#isSliceDue = this.#stage === "snapshot";
    this.#isNewLeaderDue ||= this.#stage === "rows" && !this.isInEpoch;
    if (this.#stage === "discovery") this.discover();
  }

  /** Asks a learner to come, and shows those of a later epoch that this one is over. */
  #poke(): void {
    if (!this.#isPokeDue) return;
    this.#isPokeDue = false;
    this.#sendNewLeader(this.#peer.log.lastZxid);
  }

  #sendNewLeader(zxid: Zxid): void {
    const { epoch } = this.#leadership;
    const { configuration } = this.#peer.hardState;
    this.#send({ type: "NEWLEADER", epoch, zxid, configuration });
  }

  #sendSlice(): void {
    if (!this.#isSliceDue) return;
    this.#isSliceDue = false;
    const after = this.#snapshotCursor;
    const slice = this.#peer.log.readSnapshot(after, SNAPSHOT_SLICE_BYTES);
    const { configuration } = this.#peer.hardState;
    this.#send({ type: "SNAP", epoch: this.#leadership.epoch, after, slice, configuration });
  }

  #sendRows(): void {
    const { epoch, initialZxid, isEstablished } = this.#leadership;
    if (this.#truncation !== undefined) {
      // Rewinding sends it again only with a new plan: the learner says where it stands.
      this.#send({ type: "TRUNC", epoch, ...this.#truncation });
    }
    this.#truncation = undefined;
    while (this.#nextZxid < this.#limitZxid && this.#hasRoom()) {
      if (!this.#sendPacketOfRows()) break;
    }
    const hasHistory = this.#nextZxid >= Math.max(this.#limitZxid, initialZxid);
    if (this.#isNewLeaderDue && (hasHistory || this.isInEpoch)) {
      this.#isNewLeaderDue = false;
      this.#sendNewLeader(this.#nextZxid);
    }
    if (!this.isInEpoch || !isEstablished) return;
    const { committedZxid } = this.#peer;
    if (this.#isUpToDateDue) {
      this.#send({ type: "UPTODATE", epoch, committedZxid });
    } else if (this.#committedSent < committedZxid) {
      this.#send({ type: "COMMIT", epoch, zxid: committedZxid });
    }
    this.#isUpToDateDue = false;
    this.#committedSent = committedZxid;
  }

  #hasRoom(): boolean {
    if (this.#isProbing) return this.#inFlight.length === 0;
    return this.#inFlight.reduce((sum, { bytes }) => sum + bytes, 0) < IN_FLIGHT_BYTES_MAX;
  }

  /** Sends the next rows, those of one proposal alone if something travels with it. */
  #sendPacketOfRows(): boolean {
    const { log, committedZxid, configurations } = this.#peer;
    const { epoch } = this.#leadership;
    const rows: LogRow[] = [];
    let origins: unknown;
    for (const batch of batchesOf(log.read(this.#nextZxid, PACKET_BYTES_MAX))) {
      const zxid = batch[0]?.lastZxid ?? 0;
      if (zxid > this.#limitZxid) break;
      const travelling = this.#leadership.originsOf(zxid, this.sid);
      if (travelling !== undefined && rows.length > 0) break;
      rows.push(...batch);
      origins = travelling;
      if (origins !== undefined) break;
    }
    const zxid = rows.at(-1)?.lastZxid;
    if (zxid === undefined) return false;
    const learning = configurations.isVoter(this.sid) ? "PROPOSAL" : "INFORM";
    this.#send({
      type: this.isInEpoch ? learning : "DIFF",
      epoch,
      prevZxid: this.#nextZxid,
      rows,
      committedZxid,
      ...(origins === undefined ? {} : { origins }),
    });
    this.#inFlight.push({ zxid, bytes: bytesOf(rows) });
    this.#nextZxid = zxid;
    this.#committedSent = committedZxid;
    return true;
  }

  #send(body: PacketBody): void {
    this.#sentAtMs = this.#peer.nowMs;
    this.#peer.send(this.sid, body);
  }
}
