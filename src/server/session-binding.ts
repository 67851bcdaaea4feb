import { assert } from "../core/assert.ts";
import type { SessionId } from "../core/data-node.ts";
import { hasRole } from "../core/identity.ts";
import { Code, failure, isFailure, type Failure, type Outcome } from "../core/keeper-error.ts";
import type { Prepared } from "../core/prep.ts";
import { negotiateTimeoutMs, type Session, type SessionToken } from "../core/session.ts";
import { formatZxid } from "../core/zxid.ts";
import { isSameSecret } from "./authentication.ts";
import type { Connection, QueuedConnect } from "./connection.ts";
import type { SessionRole } from "./connection-snapshot.ts";
import { forwardConnect } from "./ensemble/forwarding.ts";
import { claimSession, closeMoved } from "./ensemble/session-moves.ts";
import type { ConnectAsk } from "./input.ts";
import { noteBound, touch } from "./liveness.ts";
import type { Owner } from "./proposals.ts";
import type { ServerState } from "./server-state.ts";

const SESSION_ROLES = { bind: "bound", use: "using", manage: "managing" } as const satisfies Record<
  string,
  SessionRole
>;

/**
 * Carries out a `connect` that is the head of its queue: makes a session through the log, or gives
 * the connection one that exists.
 *
 * A `connect` that is refused closes its connection behind the answer, as in ZooKeeper: what follows
 * it was meant for the session and must not be done without one.
 *
 * Source: ZooKeeper `ZooKeeperServer.processConnectRequest`, `reopenSession`.
 */
export function connect(state: ServerState, connection: Connection, queued: QueuedConnect): void {
  const { ask } = queued;
  const refusal = findConnectRefusal(state, connection, ask);
  if (refusal === undefined && state.member?.role.type === "learning") {
    if (!isKnownHere(state, ask)) return forwardConnect(state.member, connection, queued);
  } else if (refusal === undefined && ask.resume === undefined) {
    return createSession(state, connection, queued);
  }
  queued.outcome = refusal ?? resume(state, connection, ask);
  if (isFailure(queued.outcome)) {
    queued.thenClose = { code: queued.outcome.code, reason: queued.outcome.message };
  }
}

/** Judges a `connect` by itself, before any session is looked at. */
export function findConnectRefusal(
  state: ServerState,
  { role, sessionRole }: Connection,
  ask: ConnectAsk,
): Failure | undefined {
  const needed = ask.mode === "manage" ? "admin" : "write";
  if (!hasRole(role, needed)) {
    const message = `a session expected the role ${needed}, saw ${role}`;
    return failure(Code.NOAUTH, message, { expected: needed, seen: role });
  }
  if (sessionRole !== "none") {
    return failure(Code.BADARGUMENTS, "expected one connect on a connection, saw a second one");
  }
  const expectsResume = ask.mode === "use" || ask.mode === "manage";
  if (ask.mode !== "bind" && expectsResume !== (ask.resume !== undefined)) {
    const expected = expectsResume ? "a session to resume" : "no session to resume";
    return failure(Code.BADARGUMENTS, `connect in mode ${ask.mode} expected ${expected}`);
  }
  const { lastZxid } = state.tree;
  if (ask.lastZxidSeen > lastZxid) {
    const [expected, seen] = [formatZxid(lastZxid), formatZxid(ask.lastZxidSeen)];
    const message = `the client saw zxid ${seen}, expected at most ${expected}, the last one here`;
    return failure(Code.OPERATIONTIMEOUT, message, { expected, seen });
  }
  return undefined;
}

const SESSION_ID_BYTES = 6;
const PASSWORD_BYTES = 16;

function createSession(state: ServerState, connection: Connection, queued: QueuedConnect): void {
  const refusal = findNoRoom(state);
  if (refusal !== undefined) {
    queued.outcome = refusal;
    queued.thenClose = { code: refusal.code, reason: refusal.message };
    return;
  }
  const { timeoutMs, bounds, mode } = queued.ask;
  const { sessionId } = prepareSession(
    state,
    { timeoutMs: negotiateTimeoutMs(timeoutMs, bounds), member: state.member?.sid ?? 0 },
    { connection: connection.id, queued },
  ).logged.header;
  queued.isPrepared = true;
  if (mode !== "bind") return;
  // What follows on this connection is the session's already, and prepared behind its creation.
  state.connections.attach(connection, sessionId, "bound");
  if (state.member !== undefined) claimSession(state, state.member, sessionId, state.member);
}

/** @returns THROTTLEDOP if there are as many sessions as there may be. */
export function findNoRoom(state: ServerState): Failure | undefined {
  const { SESSIONS_MAX: expected } = state.limits;
  const seen = state.tracker.count + state.openingSessions.size;
  if (seen < expected) return undefined;
  const message = `expected fewer than ${expected} sessions (SESSIONS_MAX), saw ${seen}`;
  return failure(Code.THROTTLEDOP, message, { expected, seen });
}

/** Puts the making of a session on its way, with an id and a password that nobody can guess. */
export function prepareSession(
  state: ServerState,
  asked: Pick<Session, "timeoutMs" | "member">,
  owner?: Owner,
): Prepared {
  const session: Session = { ...drawToken(state), ...asked };
  const prepared = state.prep.createSession(session, state.nowMs);
  state.proposals.add(prepared, owner);
  state.openingSessions.add(session.id);
  return prepared;
}

/** Draws the id and the password of a new session. */
export function drawToken(state: ServerState): SessionToken {
  const token = { id: drawSessionId(state), password: state.ports.randomBytes(PASSWORD_BYTES) };
  assert(token.password.length === PASSWORD_BYTES, "randomBytes gave another length");
  return token;
}

/** 48 random bits, drawn again if they are 0 or taken. */
function drawSessionId(state: ServerState): SessionId {
  for (;;) {
    let id = 0;
    for (const byte of state.ports.randomBytes(SESSION_ID_BYTES)) id = id * 256 + byte;
    const isTaken = state.openingSessions.has(id) || state.tracker.get(id) !== undefined;
    if (id !== 0 && !isTaken) return id;
  }
}

/** Who only speaks for a session that a learner knows need not ask the leader. */
function isKnownHere(state: ServerState, { resume: token, mode }: ConnectAsk): boolean {
  if (token === undefined || mode === "bind") return false;
  return !isFailure(findSession(state, token, mode === "manage"));
}

function resume(state: ServerState, connection: Connection, ask: ConnectAsk): Outcome<Session> {
  assert(ask.resume !== undefined && ask.mode !== "open", "nothing to resume");
  const session = findSession(state, ask.resume, ask.mode === "manage");
  if (isFailure(session)) return session;
  bindSession(state, connection, session.id, ask.mode);
  return session;
}

/** Gives a connection a session that was found to be its client's. */
export function bindSession(
  state: ServerState,
  connection: Connection,
  id: SessionId,
  mode: Exclude<ConnectAsk["mode"], "open">,
): void {
  const { member } = state;
  if (mode === "bind") {
    closeMoved(state, id);
    if (member !== undefined) claimSession(state, member, id, member);
  }
  state.connections.attach(connection, id, SESSION_ROLES[mode]);
  touch(state, connection);
  if (mode === "bind") noteBound(state, id);
  state.outbox.changed(connection.id);
}

/**
 * Finds a session by its token.
 *
 * @returns SESSIONEXPIRED alike for a session that is unknown, over, closing, and for a wrong
 * password: an answer that told them apart would tell which ids exist [SE5].
 */
export function findSession(
  state: ServerState,
  { id, password }: SessionToken,
  isAdmin: boolean,
): Outcome<Session> {
  const tracked = state.tracker.get(id);
  const isProven =
    tracked !== undefined && (isAdmin || isSameSecret(tracked.session.password, password));
  if (isProven && !tracked.isClosing) return tracked.session;
  return failure(
    Code.SESSIONEXPIRED,
    "expected a living session and its password, saw neither or one",
  );
}
