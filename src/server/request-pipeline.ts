import { assert } from "../core/assert.ts";
import { Code, failure, type Failure } from "../core/keeper-error.ts";
import { isWrite, type WriteRequest } from "../core/request.ts";
import { answerSize } from "./answer-size.ts";
import { answerAuth } from "./auth-requests.ts";
import { closeConnection, loseConnection } from "./closing.ts";
import {
  outstandingRequests,
  type Connection,
  type Queued,
  type QueuedConnect,
  type QueuedRequest,
} from "./connection.ts";
import { forwardWrite } from "./ensemble/forwarding.ts";
import { isConfirmed, roundOf } from "./ensemble/linearizable-reads.ts";
import {
  connectReadOnly,
  endReadOnlySession,
  findReadOnlyRefusal,
  isServedReadOnly,
} from "./ensemble/read-only.ts";
import { findKeyFault, isRetry } from "./idempotency.ts";
import type { ConnectionId, Input } from "./input.ts";
import { touch } from "./liveness.ts";
import { findZxidAhead, neededZxid } from "./needed-zxid.ts";
import { prepareWrite } from "./prepare-write.ts";
import { answerRead, type QueuedRead } from "./read-requests.ts";
import { findRefusal } from "./role-gate.ts";
import type { ServerState } from "./server-state.ts";
import { connect } from "./session-binding.ts";
import { noteAnswered, noteReceived } from "./statistics.ts";

/**
 * The queue of a connection: requests are prepared, executed and answered in the order sent [OR1].
 *
 * A write is prepared on arrival and answered when its txn is applied; a read runs when it is the
 * head, so behind the uncommitted writes before it, and sees the tree of that moment.
 *
 * Source: ZooKeeper `PrepRequestProcessor`, `CommitProcessor`, `FinalRequestProcessor`.
 */

/** Reads of a connection that may be in its queue, behind uncommitted writes. */
const READS_AHEAD_MAX = 64;

/** Takes in a request or a `connect`; one of a connection that was closed is dropped. */
export function arrive(
  state: ServerState,
  input: Extract<Input, { readonly type: "request" | "connect" }>,
): void {
  const connection = state.connections.find(input.connection);
  // Its transport may have had messages under way when the server closed it.
  if (connection === undefined || connection.isDeaf) return;
  state.counters.add("requests");
  noteReceived(state, connection);
  const { OUTSTANDING_REQUESTS_MAX } = state.limits;
  if (outstandingRequests(connection) >= OUTSTANDING_REQUESTS_MAX) {
    const reason = `expected at most ${OUTSTANDING_REQUESTS_MAX} unanswered requests (OUTSTANDING_REQUESTS_MAX), saw one more`;
    closeConnection(state, connection, { code: Code.THROTTLEDOP, reason });
    return;
  }
  if (!isAuthentication(input)) touch(state, connection);
  connection.held.push(queuedOf(state, connection, input));
  const { member } = state;
  if (member?.role.type !== "looking") return drain(state, connection);
  // Whoever comes makes this member look for a leader [EN3].
  if (connection.sessionRole === "none") state.outbox.needLeader();
  if (isServedReadOnly(state, member, connection, input)) drain(state, connection);
  else loseConnection(state, connection, "this member of the ensemble has no leader");
}

/** Who only authenticates is not heard: it may be trying for ever [SE30]. */
function isAuthentication(
  input: Extract<Input, { readonly type: "request" | "connect" }>,
): boolean {
  return input.type === "request" && (input.request.op === "auth" || input.request.op === "sasl");
}

function queuedOf(
  state: ServerState,
  connection: Connection,
  input: Extract<Input, { readonly type: "request" | "connect" }>,
): Queued {
  const base = {
    xid: input.xid,
    arrivedMs: state.nowMs,
    isPrepared: false,
    zxid: undefined,
    thenClose: undefined,
  };
  if (input.type === "connect") {
    return { ...base, type: "connect", ask: input.ask, outcome: undefined };
  }
  const { request, options = {} } = input;
  const { ids } = connection;
  const queued: QueuedRequest = {
    ...base,
    type: "request",
    request,
    options,
    ids,
    neededZxid: 0,
    round: 0,
    outcome: undefined,
    isReplayed: false,
  };
  if (request.op === "auth") answerAuth(state, connection, queued, request);
  return queued;
}

/**
 * Answers what can be answered, from the head on, and lets prep see what it may.
 *
 * Called whenever something happened that the head may have waited for. Never calls itself and
 * touches no other connection's queue.
 */
export function drain(state: ServerState, connection: Connection): void {
  for (;;) {
    admit(state, connection);
    const head = connection.queue.peek();
    if (head === undefined) return;
    if (head.outcome === undefined && !head.isPrepared) execute(state, connection, head);
    if (head.outcome === undefined) break;
    answer(state, connection, head);
    connection.queue.shift();
    if (connection.barrier === head) connection.barrier = undefined;
    if (head.thenClose !== undefined) {
      closeConnection(state, connection, head.thenClose);
      return;
    }
  }
  // A `connect` at the head that is prepared now holds nothing back any more.
  admit(state, connection);
}

/** Moves held requests into the queue, and writes among them to prep, up to the next barrier. */
function admit(state: ServerState, connection: Connection): void {
  if (state.member?.role.type === "waiting") return;
  while (connection.barrier === undefined && hasRoom(connection)) {
    const queued = connection.held.shift();
    if (queued === undefined) return;
    connection.queue.push(queued);
    if (queued.type === "connect") connection.barrier = queued;
    else if (queued.outcome === undefined) admitRequest(state, connection, queued);
    // A read that nothing is ahead of runs before more is admitted: it may use the room up.
    if (connection.queue.length === 1 && connection.readsAhead === 1) return;
  }
}

/**
 * Answers that the client has no room for would only wait; so their requests do, unseen by prep,
 * because a write behind a read must not be applied before it [NA21].
 */
function hasRoom({ room, readsAhead }: Connection): boolean {
  return room > 0 && readsAhead < READS_AHEAD_MAX;
}

function admitRequest(state: ServerState, connection: Connection, queued: QueuedRequest): void {
  const { request, options } = queued;
  const { member } = state;
  // What the leader of a learner has given out is for the leader to say.
  const isLearning = member?.role.type === "learning";
  queued.neededZxid = neededZxid(state, queued);
  const refusal =
    findClosing(state, connection) ??
    findRefusal(connection, request) ??
    (member && findReadOnlyRefusal(member, request)) ??
    findKeyFault(state, options.idempotencyKey) ??
    (isLearning ? undefined : findZxidAhead(state, queued));
  if (refusal !== undefined) {
    queued.outcome = refusal;
  } else if (member?.role.type === "looking" && request.op === "closeSession") {
    endReadOnlySession(member, connection, queued);
  } else if (!isWrite(request)) {
    if (member !== undefined) queued.round = roundOf(state, member, connection, queued);
    connection.readsAhead += 1;
  } else if (isLearning) {
    forwardWrite(member, connection, queued, request);
  } else {
    prepare(state, connection, queued, request);
  }
}

/** A session whose end is on its way takes nothing more, reads included [SE10]. */
function findClosing(state: ServerState, { sessionId }: Connection): Failure | undefined {
  if (!state.tracker.isClosing(sessionId)) return undefined;
  return failure(Code.SESSIONEXPIRED, "the session is closing or has expired");
}

function prepare(
  state: ServerState,
  connection: Connection,
  queued: QueuedRequest,
  request: WriteRequest,
): void {
  if (isRetry(state, connection, queued, request)) return;
  const { idempotencyKey } = queued.options;
  const context = {
    sessionId: connection.sessionId,
    ids: queued.ids,
    cxid: queued.xid,
    nowMs: state.nowMs,
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  };
  queued.isPrepared = true;
  const { logged } = prepareWrite(state, request, context, { connection: connection.id, queued });
  if (logged.txn.type === "closeSession") {
    queued.thenClose = { code: Code.OK, reason: "the session was closed" };
  }
}

/** The client has read: answers that waited for it leave [NA21]. */
export function makeRoom(state: ServerState, id: ConnectionId, bytes: number): void {
  const connection = state.connections.find(id);
  if (connection === undefined) return;
  connection.room = bytes;
  drain(state, connection);
}

/** Runs the head of a queue, if it is one that runs at its place. */
function execute(state: ServerState, connection: Connection, head: Queued): void {
  if (head.type === "connect") {
    executeConnect(state, connection, head);
    return;
  }
  assert(isRead(head), () => `${head.request.op} is at the head and was not prepared`);
  const { member } = state;
  if (member !== undefined && !isConfirmed(member, connection, head)) return;
  if (head.neededZxid > state.tree.lastZxid) {
    // Only now is it known what a learner's leader had given out.
    head.outcome = findZxidAhead(state, head);
    if (head.outcome === undefined) state.zxidWaiters.add(connection.id);
    else connection.readsAhead -= 1;
    return;
  }
  // A quorum has confirmed a member's strict reads.
  if (head.options.isStrict === true && member === undefined) state.outbox.confirm();
  head.outcome = answerRead(state, connection, head);
  connection.room -= answerSize(head.outcome);
  connection.readsAhead -= 1;
}

/**
 * Once prepared, a new session lets prep see what is behind its `connect`; at a learner its id is
 * not known before it is made.
 */
function executeConnect(state: ServerState, connection: Connection, head: QueuedConnect): void {
  const { member } = state;
  if (member?.role.type === "looking") connectReadOnly(state, member, connection, head);
  else connect(state, connection, head);
  if (head.isPrepared && connection.sessionRole === "bound") connection.barrier = undefined;
}

function isRead(queued: QueuedRequest): queued is QueuedRead {
  return !isWrite(queued.request) && queued.request.op !== "auth";
}

function answer(state: ServerState, connection: Connection, queued: Queued): void {
  const { xid, zxid = state.tree.lastZxid } = queued;
  noteAnswered(state, connection, queued, zxid);
  const base = { connection: connection.id, xid, zxid };
  if (queued.type === "connect") {
    assert(queued.outcome !== undefined, () => `connect ${xid} has no answer yet`);
    state.outbox.answer({ ...base, type: "connected", outcome: queued.outcome });
  } else {
    assert(queued.outcome !== undefined, () => `request ${xid} has no answer yet`);
    const { isReplayed } = queued;
    state.outbox.answer({ ...base, type: "reply", outcome: queued.outcome, isReplayed });
  }
}
