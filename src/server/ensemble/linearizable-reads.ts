import { Code, failure } from "../../core/keeper-error.ts";
import type { Request } from "../../core/request.ts";
import { formatZxid, type Zxid } from "../../core/zxid.ts";
import type { Sid } from "../../zab/configuration.ts";
import type { Connection, Queued, QueuedRequest } from "../connection.ts";
import type { ServerState } from "../server-state.ts";
import type { MemberState } from "./member-state.ts";

/** A round of this leader that a learner's reads wait for. */
export interface RemoteConfirmation {
  readonly to: Sid;
  readonly incarnation: number;
  /** The learner's number for it, and ours. */
  readonly round: number;
  readonly ownRound: number;
  readonly zxid: Zxid;
}

/**
 * Decides which round of confirmation a read has to wait for; 0 = none.
 *
 * A read on a linearizable connection waits for one that starts behind its arrival: at the leader
 * it then runs on the leader's tree, at a learner on its own, once that has what the leader had.
 * `sync` waits for one on every connection, so that `sync` and a read are linearizable, which
 * they nearly are in ZooKeeper (ZOOKEEPER-1675).
 *
 * Source: Ongaro (2014) §6.4, read index.
 */
export function roundOf(
  state: ServerState,
  member: MemberState,
  connection: Connection,
  { request, options, neededZxid }: QueuedRequest,
): number {
  const isLearning = member.role.type === "learning";
  const consistency = options.consistency ?? connection.consistency;
  // Nobody confirms anything to a member without a leader; whom it serves has agreed to that [EN31].
  const canBeConfirmed = member.role.type !== "looking";
  const isLinearizable =
    options.isStrict === true ||
    (canBeConfirmed && consistency === "linearizable" && readsTree(request));
  // What is not known here may be at the leader: ask before it is called impossible.
  const isAhead = isLearning && neededZxid > state.proposals.lastZxid;
  return request.op === "sync" || isLinearizable || isAhead ? member.confirmations.want() : 0;
}

/** Reads that a round of confirmation makes linearizable. */
export function readsTree({ op }: Request): boolean {
  switch (op) {
    case "getData":
    case "exists":
    case "getACL":
    case "getChildren":
    case "getChildren2":
    case "multiRead":
    case "getEphemerals":
    case "getAllChildrenNumber":
      return true;
    default:
      return false;
  }
}

/** Tells whether a read at the head may run; otherwise it is called again when it may. */
export function isConfirmed(
  member: MemberState,
  connection: Connection,
  { round }: QueuedRequest,
): boolean {
  if (round === 0 || member.confirmations.isReached(round)) return true;
  member.confirmations.waiters.add(connection.id);
  return false;
}

/**
 * Lets the reads in front of a write run, because its txn is committed: that this leader proposed
 * it behind their arrival, and a quorum logged it, confirms it as well as any round [EN12].
 *
 * One that waits for a zxid which its own write overtakes waits for what can't be.
 */
export function confirmAhead(state: ServerState, connection: Connection, owner: Queued): void {
  for (const queued of connection.queue.items()) {
    if (queued === owner) return;
    if (queued.type === "connect" || queued.isPrepared || queued.outcome !== undefined) continue;
    queued.round = 0;
    const { lastZxid } = state.tree;
    if (queued.neededZxid <= lastZxid) continue;
    const [expected, seen] = [formatZxid(queued.neededZxid), formatZxid(lastZxid)];
    const message = `expected zxid ${expected} before the next write, but ${seen} is the last one`;
    queued.outcome = failure(Code.OPERATIONTIMEOUT, message, { expected, seen });
    connection.readsAhead -= 1;
  }
}

/** A learner asks the leader for a round. */
export function confirmFor(
  state: ServerState,
  member: MemberState,
  asked: Omit<RemoteConfirmation, "ownRound" | "zxid">,
): void {
  const ownRound = member.confirmations.want();
  // What was proposed before may be acknowledged to somebody by the time of the answer.
  const zxid = state.proposals.lastZxid;
  member.remoteConfirmations.push({ ...asked, ownRound, zxid });
}

/** Tells learners of rounds that were confirmed. */
export function answerConfirmations(
  state: ServerState,
  member: MemberState,
  confirmedRound: number,
): void {
  const { role } = member;
  if (role.type !== "leading") return;
  const isDue = ({ ownRound }: RemoteConfirmation): boolean => ownRound <= confirmedRound;
  for (const { to, incarnation, round, zxid } of member.remoteConfirmations.filter(isDue)) {
    state.outbox.memberMessage(to, {
      type: "confirmed",
      epoch: role.epoch,
      incarnation,
      round,
      zxid,
    });
  }
  member.remoteConfirmations = member.remoteConfirmations.filter((each) => !isDue(each));
}
