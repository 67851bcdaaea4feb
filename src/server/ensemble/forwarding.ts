import type { WriteRequest } from "../../core/request.ts";
import { negotiateTimeoutMs } from "../../core/session.ts";
import { Code } from "../../core/keeper-error.ts";
import type { Connection, QueuedConnect, QueuedRequest } from "../connection.ts";
import type { ServerState } from "../server-state.ts";
import type { ForwardedRequest, MemberMessage } from "./member-message.ts";
import type { LearningRole, MemberState } from "./member-state.ts";

/**
 * What a learner does with requests that only the leader can carry out: they are sent to it at the
 * end of the flush, in the order of each connection, and answered by a txn that comes back, or by a
 * message.
 *
 * Source: ZooKeeper `FollowerRequestProcessor`, `ObserverRequestProcessor`.
 */
export function forwardWrite(
  member: MemberState,
  connection: Connection,
  queued: QueuedRequest,
  request: WriteRequest,
): void {
  const { idempotencyKey, minZxid } = queued.options;
  queued.isPrepared = true;
  // A retry is answered by a message, which knows no order among txns: what follows has to wait.
  if (idempotencyKey !== undefined) connection.barrier = queued;
  if (request.op === "closeSession") {
    queued.thenClose = { code: Code.OK, reason: "the session was closed" };
  }
  member.forwards.push({
    connection: connection.id,
    queued,
    request: {
      type: "write",
      request,
      sessionId: connection.sessionId,
      isBound: connection.sessionRole === "bound",
      ids: queued.ids,
      cxid: queued.xid,
      ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
      ...(minZxid === undefined ? {} : { minZxid }),
    },
  });
}

/** Lets the leader make a session, or say whether there is one and move it here. */
export function forwardConnect(
  member: MemberState,
  connection: Connection,
  queued: QueuedConnect,
): void {
  const { resume, mode, timeoutMs, bounds } = queued.ask;
  const isBound = mode === "bind";
  const request: ForwardedRequest =
    resume === undefined
      ? { type: "createSession", timeoutMs: negotiateTimeoutMs(timeoutMs, bounds), isBound }
      : { type: "revalidate", token: resume, isAdmin: mode === "manage", isBound };
  queued.isPrepared = true;
  member.forwards.push({ connection: connection.id, queued, request });
}

/** A learner's flush: what is new goes to the leader, once its instance is known. */
export function flushForwards(state: ServerState, member: MemberState, role: LearningRole): void {
  const { forwards, confirmations } = member;
  if (role.incarnation === 0) {
    // Once: the peer sees it through, and another role is the answer.
    member.isLeaderAsked = true;
    if (forwards.hasUnsent || confirmations.isWanted) state.outbox.needLeader();
    return;
  }
  const batch = forwards.takeBatch(state.nowMs);
  if (batch !== undefined) sendForwards(state, role, batch);
  if (confirmations.isWanted) {
    confirmations.ask(state.nowMs);
    askForConfirmation(state, member, role);
  }
}

/** Sends once more what the leader did not answer. */
export function repeatForwards(
  state: ServerState,
  member: MemberState,
  role: LearningRole,
  fromSeq = 0,
): void {
  const batch = member.forwards.repeatFrom(fromSeq, state.nowMs);
  if (batch !== undefined) sendForwards(state, role, batch);
}

function sendForwards(
  state: ServerState,
  { epoch, leader, incarnation }: LearningRole,
  batch: Extract<MemberMessage, { readonly type: "forward" }>["batch"],
): void {
  state.outbox.memberMessage(leader, { type: "forward", epoch, leader: incarnation, batch });
}

/** Asks the leader, perhaps once more, for the round that reads here wait for. */
export function askForConfirmation(
  state: ServerState,
  { confirmations, incarnation }: MemberState,
  { epoch, leader }: LearningRole,
): void {
  const round = confirmations.openRound;
  if (round === undefined) return;
  confirmations.repeated(state.nowMs);
  state.outbox.memberMessage(leader, { type: "confirm", epoch, incarnation, round });
}
