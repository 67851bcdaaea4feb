import { Code, failure, isFailure, type Failure, type Outcome } from "../../core/keeper-error.ts";
import { isWrite, type Request } from "../../core/request.ts";
import { type ConnectedSession, negotiateTimeoutMs, TICK_MS } from "../../core/session.ts";
import { isSameSecret } from "../authentication.ts";
import type { Connection, QueuedConnect, QueuedRequest } from "../connection.ts";
import type { ConnectAsk, Input } from "../input.ts";
import type { ServerState } from "../server-state.ts";
import { bindSession, drawToken, findConnectRefusal, findSession } from "../session-binding.ts";
import { readsTree } from "./linearizable-reads.ts";
import type { MemberState } from "./member-state.ts";
import { closeMoved } from "./session-moves.ts";

/*
 * Service without a quorum: reads of what is committed here, for whoever said that this will do.
 *
 * Source: ZooKeeper `ReadOnlyZooKeeperServer`, `ReadOnlyRequestProcessor`.
 */

/**
 * How long a member has no leader before it serves read-only, ms: an election should be over sooner,
 * and clients that come for it would only have to come again. Source: ZooKeeper `QuorumPeer.run`.
 */
export const READ_ONLY_DELAY_MS: number = TICK_MS;

/** Tells whether a member serves reads without a leader. */
export function isReadOnly({ role, lookingSinceMs }: MemberState, nowMs: number): boolean {
  return role.type === "looking" && nowMs >= lookingSinceMs + READ_ONLY_DELAY_MS;
}

/** Decides whether somebody is served while there is no leader; whoever is not loses the connection. */
export function isServedReadOnly(
  state: ServerState,
  member: MemberState,
  connection: Connection,
  input: Extract<Input, { readonly type: "request" | "connect" }>,
): boolean {
  if (!isReadOnly(member, state.nowMs)) return false;
  if (input.type === "connect") {
    const { mode, canBeReadOnly = false } = input.ask;
    return mode === "use" || (mode === "bind" && canBeReadOnly);
  }
  if (member.readOnlySessions.find(connection.sessionId) !== undefined) return true;
  const { request, options = {} } = input;
  const { consistency = connection.consistency, isStrict = false } = options;
  // Nothing is promised by it, and a call shows its identities before it reads.
  if (request.op === "auth") return true;
  return readsTree(request) && consistency === "local" && !isStrict;
}

/** @returns NOTREADONLY for what needs a leader. */
export function findReadOnlyRefusal({ role }: MemberState, request: Request): Failure | undefined {
  if (role.type !== "looking" || request.op === "closeSession") return undefined;
  if (!isWrite(request) && request.op !== "sync") return undefined;
  return failure(
    Code.NOTREADONLY,
    `${request.op} needs a leader, and there is none: only reads do not`,
  );
}

/** Carries out a `connect` without a leader. */
export function connectReadOnly(
  state: ServerState,
  member: MemberState,
  connection: Connection,
  queued: QueuedConnect,
): void {
  const { ask } = queued;
  queued.outcome =
    findConnectRefusal(state, connection, ask) ??
    (ask.mode === "use"
      ? useSession(state, connection, ask)
      : bindReadOnly(state, member, connection, ask));
  if (!isFailure(queued.outcome)) return;
  queued.thenClose = { code: queued.outcome.code, reason: queued.outcome.message };
}

/** A call speaks for a session that is known here. */
function useSession(
  state: ServerState,
  connection: Connection,
  { resume }: ConnectAsk,
): Outcome<ConnectedSession> {
  const session = resume === undefined ? undefined : findSession(state, resume, false);
  // What is unknown here may be known to others: only a leader can say that it is over.
  if (session === undefined || isFailure(session)) return noQuorum();
  bindSession(state, connection, session.id, "use");
  return session;
}

function bindReadOnly(
  state: ServerState,
  member: MemberState,
  connection: Connection,
  { resume, timeoutMs, bounds }: ConnectAsk,
): Outcome<ConnectedSession> {
  const { readOnlySessions, sid } = member;
  let session: ConnectedSession | undefined;
  if (resume === undefined) {
    const refusal = findNoRoom(state, member);
    if (refusal !== undefined) return refusal;
    const granted = { timeoutMs: negotiateTimeoutMs(timeoutMs, bounds), member: sid };
    session = { ...drawToken(state), ...granted, isReadOnly: true };
    readOnlySessions.add(session);
  } else {
    session = readOnlySessions.find(resume.id);
    const isProven = session !== undefined && isSameSecret(session.password, resume.password);
    // One of the ensemble is its leader's to give.
    if (session === undefined || !isProven) return noQuorum();
    closeMoved(state, session.id);
  }
  state.connections.attach(connection, session.id, "bound");
  state.outbox.changed(connection.id);
  return session;
}

/** Those whose connection is gone make room first: hardly anybody comes back for one. */
function findNoRoom(state: ServerState, { readOnlySessions }: MemberState): Failure | undefined {
  const { SESSIONS_MAX: expected } = state.limits;
  if (readOnlySessions.count < expected) return undefined;
  readOnlySessions.retain((id) => state.connections.findBound(id) !== undefined);
  if (readOnlySessions.count < expected) return undefined;
  const message = `expected fewer than ${expected} sessions (SESSIONS_MAX), saw as many`;
  return failure(Code.THROTTLEDOP, message, { expected });
}

function noQuorum(): Failure {
  return failure(Code.CONNECTIONLOSS, "only a leader can resume a session, and there is none");
}

/** Ends a session that only this member knows. */
export function endReadOnlySession(
  member: MemberState,
  { sessionId }: Connection,
  queued: QueuedRequest,
): void {
  member.readOnlySessions.remove(sessionId);
  queued.outcome = { op: "closeSession" };
  queued.thenClose = { code: Code.OK, reason: "the session was closed" };
}
