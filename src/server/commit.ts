import { assert } from "../core/assert.ts";
import type { Failure, Outcome } from "../core/keeper-error.ts";
import { replyOf } from "../core/reply.ts";
import { isWrite, type Reply } from "../core/request.ts";
import type { TxnResult } from "../core/txn.ts";
import { formatZxid, type Zxid } from "../core/zxid.ts";
import { loseConnection } from "./closing.ts";
import { confirmAhead } from "./ensemble/linearizable-reads.ts";
import { reconfigReply } from "./ensemble/reconfig-reply.ts";
import { flushMember } from "./ensemble/member-flush.ts";
import { giveReachedAnswers } from "./ensemble/forward-answers.ts";
import { closeBehindMoved } from "./ensemble/session-moves.ts";
import { wakeConfirmed } from "./ensemble/wake-confirmed.ts";
import type { QueuedRequest } from "./connection.ts";
import { replayOf } from "./idempotency.ts";
import type { Proposal } from "./proposals.ts";
import { failUnreachable } from "./needed-zxid.ts";
import { drain } from "./request-pipeline.ts";
import type { ServerState } from "./server-state.ts";
import {
  closeSessionConnections,
  sessionClosed,
  sessionCreated,
  sessionTxnDiscarded,
} from "./session-lifecycle.ts";
import { deliverEvents } from "./watch-delivery.ts";

/** Closes the turn: what was prepared becomes one batch, to be made durable. */
export function flush(state: ServerState): void {
  const rows = state.proposals.takeRows();
  const { member } = state;
  const zxid = rows.at(-1)?.lastZxid;
  if (zxid !== undefined) {
    state.outbox.append(rows, member?.forwarded.takeOrigins(zxid));
    state.counters.add("batches");
  }
  if (member !== undefined) flushMember(state, member);
}

/**
 * Applies what is both persisted and committed, one txn at a time.
 *
 * Between two txns everything that the first one allows is done: its events, its reply, and the
 * reads right behind it, so that those see this txn and not the next [OR3] [OR4].
 */
export function applyCommitted(state: ServerState): void {
  const upTo = Math.min(state.persistedZxid, state.committedZxid);
  for (let next = state.proposals.peek(); next !== undefined; next = state.proposals.peek()) {
    if (next.logged.header.zxid > upTo) return;
    applyProposal(state, state.proposals.shift());
  }
}

function applyProposal(state: ServerState, proposal: Proposal): void {
  const { logged, failure } = proposal;
  const { zxid, sessionId, idempotencyKey } = logged.header;
  if (state.member !== undefined) prepareOwner(state, proposal);
  const result = state.tree.apply(logged);
  state.prep.applied(zxid);
  state.lastWriteMs = state.nowMs;
  state.counters.add("txns");
  if (result.type === "error") state.counters.add("txnsFailed");
  deliverEvents(state, logged);
  if (logged.txn.type === "createSession") sessionCreated(state, logged.txn);
  if (logged.txn.type === "closeSession") sessionClosed(state, sessionId);
  if (state.reaping.delete(zxid) && result.type === "delete") state.counters.add("znodesReaped");
  answerOwner(state, proposal, result);
  if (idempotencyKey !== undefined) answerRetries(state, proposal, result, failure);
  if (logged.txn.type === "closeSession") closeSessionConnections(state, sessionId);
  wakeZxidWaiters(state);
}

/** At a member, what its owner's queue has ahead of a txn may wait for less than the txn did. */
function prepareOwner(state: ServerState, { owner, logged }: Proposal): void {
  const connection = owner && state.connections.find(owner.connection);
  if (owner === undefined || connection === undefined) return;
  const { queued } = owner;
  if (connection.queue.peek() !== queued) {
    confirmAhead(state, connection, queued);
    drain(state, connection);
  }
  // The session that a learner asked for: from now on its id is known.
  const isNew = queued.type === "connect" && connection.sessionRole === "none";
  if (isNew && queued.ask.mode === "bind" && logged.txn.type === "createSession") {
    state.connections.attach(connection, logged.txn.id, "bound");
  }
}

function answerOwner(state: ServerState, proposal: Proposal, result: TxnResult): void {
  const { owner, logged, failure } = proposal;
  const connection = owner && state.connections.find(owner.connection);
  // Without a connection the client is gone: the txn counts, nobody is told.
  if (owner === undefined || connection === undefined) return;
  const { queued } = owner;
  assert(connection.queue.peek() === queued, "a txn was applied before its request was the head");
  queued.zxid = logged.header.zxid;
  if (queued.type === "connect") {
    assert(logged.txn.type === "createSession", "a connect waits for another txn");
    const { id, password, timeoutMs, member } = logged.txn;
    queued.outcome = { id, password, timeoutMs, member };
  } else {
    queued.outcome = failure ?? outcomeOf(state, queued, result);
    closeBehindMoved(connection, queued, failure);
  }
  drain(state, connection);
}

function outcomeOf(
  { tree }: ServerState,
  { request }: QueuedRequest,
  result: TxnResult,
): Outcome<Reply> {
  assert(isWrite(request), () => `${request.op} waits for a txn`);
  if (request.op === "reconfig" && result.type === "setData") return reconfigReply(tree, result);
  return replyOf(request, result);
}

/** Gives retries that waited for this txn the very answer that its owner got. */
function answerRetries(
  state: ServerState,
  { logged }: Proposal,
  result: TxnResult,
  failure: Failure | undefined,
): void {
  const { zxid, idempotencyKey = "" } = logged.header;
  for (const retry of state.pendingKeys.settle(idempotencyKey)) {
    if (retry.type === "forwarded") {
      const outcome = failure ?? replayOf(state, retry.request, result);
      state.member?.forwarded.answer(retry.key, { zxid, outcome, isReplayed: true });
      state.counters.add("txnsReplayed");
      continue;
    }
    const { connection: id, queued } = retry;
    const connection = state.connections.find(id);
    if (connection === undefined) continue;
    assert(isWrite(queued.request), "a read waits as a retry");
    queued.zxid = zxid;
    queued.outcome = failure ?? replayOf(state, queued.request, result);
    state.counters.add("txnsReplayed");
    drain(state, connection);
  }
}

/** Lets those look again whose head waits for a zxid; who still waits comes back by itself. */
function wakeZxidWaiters(state: ServerState): void {
  if (state.member !== undefined) {
    giveReachedAnswers(state, state.member);
    wakeConfirmed(state, state.member);
  }
  if (state.zxidWaiters.size === 0) return;
  const waiters = [...state.zxidWaiters];
  state.zxidWaiters.clear();
  for (const id of waiters) {
    const connection = state.connections.find(id);
    if (connection !== undefined) drain(state, connection);
  }
}

/**
 * Takes back everything after `zxid`: this leader was deposed before it was committed.
 *
 * The tree has none of it. Whoever waits for one of those txns loses the connection, because it
 * may come back through another leader; sessions that were being made are gone.
 *
 * @throws AssertionError if it was applied: a commit was announced that was none.
 */
export function discardAfter(state: ServerState, zxid: Zxid): void {
  const { lastZxid } = state.tree;
  assert(
    zxid >= lastZxid,
    `discarded after ${formatZxid(zxid)}, but ${formatZxid(lastZxid)} is applied`,
  );
  if (zxid < state.prep.lastZxid) state.prep.discard(zxid);
  state.persistedZxid = Math.min(state.persistedZxid, zxid);
  state.committedZxid = Math.min(state.committedZxid, zxid);
  const losers = new Set<number>();
  for (const { logged, owner } of state.proposals.discardAfter(zxid)) {
    sessionTxnDiscarded(state, logged);
    state.reaping.delete(logged.header.zxid);
    if (owner !== undefined) losers.add(owner.connection);
    const { idempotencyKey } = logged.header;
    if (idempotencyKey === undefined) continue;
    for (const retry of state.pendingKeys.settle(idempotencyKey)) {
      if (retry.type === "queued") losers.add(retry.connection);
    }
  }
  for (const id of losers) {
    const connection = state.connections.find(id);
    if (connection === undefined) continue;
    loseConnection(state, connection, "another leader took over before the txn was committed");
  }
  for (const connection of state.connections.all()) failUnreachable(state, connection);
  wakeZxidWaiters(state);
}
