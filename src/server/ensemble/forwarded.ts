import { assert } from "../../core/assert.ts";
import { Code, failure, isFailure, type Failure } from "../../core/keeper-error.ts";
import type { PrepContext, Prepared } from "../../core/prep.ts";
import { formatZxid } from "../../core/zxid.ts";
import type { Sid } from "../../zab/configuration.ts";
import { findReplay } from "../idempotency.ts";
import { findNoRoom, findSession, prepareSession } from "../session-binding.ts";
import { prepareWrite } from "../prepare-write.ts";
import type { ServerState } from "../server-state.ts";
import type { ForwardKey } from "./forwarded-streams.ts";
import type { ForwardBatch, ForwardedRequest } from "./member-message.ts";
import type { MemberState } from "./member-state.ts";
import { claimSession } from "./session-moves.ts";

type Forwarded<T extends ForwardedRequest["type"]> = Extract<
  ForwardedRequest,
  { readonly type: T }
>;

/**
 * What the leader does with the requests of a learner's connections: as with its own, in the order in
 * which they come. Each ends as a txn, whose origin travels with it, or in an answer.
 *
 * Source: ZooKeeper `LearnerHandler`, `LeaderRequestProcessor`.
 */
export function takeForwarded(
  state: ServerState,
  member: MemberState,
  from: Sid,
  batch: ForwardBatch,
): void {
  const { role } = member;
  assert(role.type === "leading", "requests are forwarded to a leader");
  const { incarnation, stream } = batch;
  const accepted = member.forwarded.accept(from, batch);
  if (accepted.type === "gap") {
    const { expectedSeq } = accepted;
    const { epoch } = role;
    const gap = { type: "forwardGap", epoch, incarnation, stream, expectedSeq } as const;
    state.outbox.memberMessage(from, gap);
  }
  if (accepted.type !== "fresh") return;
  let seq = accepted.firstSeq;
  for (const request of accepted.requests) {
    carryOut(state, member, { from, incarnation, stream, seq }, request);
    seq += 1;
  }
}

function carryOut(
  state: ServerState,
  member: MemberState,
  key: ForwardKey,
  request: ForwardedRequest,
): void {
  switch (request.type) {
    case "write":
      return write(state, member, key, request);
    case "createSession":
      return createSession(state, member, key, request);
    default:
      return revalidate(state, member, key, request);
  }
}

function write(
  state: ServerState,
  member: MemberState,
  key: ForwardKey,
  { request, sessionId, isBound, ids, cxid, idempotencyKey, minZxid = 0 }: Forwarded<"write">,
): void {
  const context: PrepContext = { sessionId, ids, cxid, nowMs: state.nowMs };
  const refusal =
    findSessionFault(state, member, key, isBound ? sessionId : 0) ??
    findSessionEnd(state, sessionId) ??
    findZxidAhead(state, minZxid);
  if (refusal !== undefined) {
    const prepared = state.prep.refuse(refusal, context);
    state.proposals.add(prepared);
    addOrigin(member, key, prepared);
    return;
  }
  state.tracker.touch(sessionId, state.nowMs);
  if (idempotencyKey !== undefined) {
    if (state.pendingKeys.has(idempotencyKey)) {
      state.pendingKeys.join(idempotencyKey, { type: "forwarded", key, request });
      return;
    }
    const replay = findReplay(state, request, idempotencyKey);
    if (replay !== undefined) {
      member.forwarded.answer(key, { ...replay, isReplayed: true });
      return;
    }
  }
  const keyed = idempotencyKey === undefined ? context : { ...context, idempotencyKey };
  addOrigin(member, key, prepareWrite(state, request, keyed));
}

/** The txn's fate is the answer, and its failure's words go along. */
function addOrigin(member: MemberState, key: ForwardKey, { logged, failure: why }: Prepared): void {
  const origin = { zxid: logged.header.zxid, seq: key.seq };
  member.forwarded.addOrigin(key, why === undefined ? origin : { ...origin, failure: why });
}

/** Another member serves the session. Source: ZooKeeper `SessionTrackerImpl.checkSession`. */
function findSessionFault(
  _state: ServerState,
  { owners }: MemberState,
  { from: sid, incarnation }: ForwardKey,
  sessionId: number,
): Failure | undefined {
  if (sessionId === 0 || owners.check(sessionId, { sid, incarnation })) return undefined;
  return failure(Code.SESSIONMOVED, "expected the member that serves the session, saw another one");
}

function findSessionEnd({ tracker }: ServerState, sessionId: number): Failure | undefined {
  const isThere = tracker.get(sessionId) !== undefined && !tracker.isClosing(sessionId);
  if (sessionId === 0 || isThere) return undefined;
  return failure(Code.SESSIONEXPIRED, "the session is closing or has expired");
}

function findZxidAhead({ proposals }: ServerState, minZxid: number): Failure | undefined {
  if (minZxid <= proposals.lastZxid) return undefined;
  const [expected, seen] = [formatZxid(minZxid), formatZxid(proposals.lastZxid)];
  const message = `expected zxid ${expected} to be applied, but ${seen} is the last one given out`;
  return failure(Code.OPERATIONTIMEOUT, message, { expected, seen });
}

function createSession(
  state: ServerState,
  member: MemberState,
  key: ForwardKey,
  { timeoutMs, isBound }: Forwarded<"createSession">,
): void {
  const refusal = findNoRoom(state);
  if (refusal !== undefined) {
    member.forwarded.answer(key, { zxid: 0, outcome: refusal, isReplayed: false });
    return;
  }
  const { from: sid, incarnation } = key;
  const prepared = prepareSession(state, { timeoutMs, member: sid });
  addOrigin(member, key, prepared);
  if (isBound) member.owners.move(prepared.logged.header.sessionId, { sid, incarnation });
}

/** Source: ZooKeeper `LearnerHandler`, `REVALIDATE`. */
function revalidate(
  state: ServerState,
  member: MemberState,
  key: ForwardKey,
  { token, isAdmin, isBound }: Forwarded<"revalidate">,
): void {
  const { from: sid, incarnation } = key;
  const session = findSession(state, token, isAdmin);
  if (!isFailure(session)) {
    state.tracker.touch(session.id, state.nowMs);
    if (isBound) claimSession(state, member, session.id, { sid, incarnation });
  }
  // The learner has to know the session before it binds it.
  const zxid = isFailure(session) ? 0 : state.tree.lastZxid;
  member.forwarded.answer(key, { zxid, outcome: session, isReplayed: false });
}
