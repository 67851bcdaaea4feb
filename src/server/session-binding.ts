import { assert } from "../core/assert.ts";
import type { SessionId } from "../core/data-node.ts";
import { hasRole } from "../core/identity.ts";
import { Code, failure, isFailure, type Failure, type Outcome } from "../core/keeper-error.ts";
import { negotiateTimeoutMs, type Session } from "../core/session.ts";
import { formatZxid } from "../core/zxid.ts";
import { isSamePassword } from "./authentication.ts";
import { closeConnection } from "./closing.ts";
import type { Connection, QueuedConnect } from "./connection.ts";
import type { SessionRole } from "./connection-snapshot.ts";
import type { ConnectAsk, SessionToken } from "./input.ts";
import { noteBound, touch } from "./liveness.ts";
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
  if (refusal === undefined && ask.resume === undefined) {
    createSession(state, connection, queued);
    return;
  }
  queued.outcome = refusal ?? resume(state, connection, ask);
  if (isFailure(queued.outcome)) {
    queued.thenClose = { code: queued.outcome.code, reason: queued.outcome.message };
  }
}

function findConnectRefusal(
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
  const { SESSIONS_MAX: expected } = state.limits;
  const seen = state.tracker.count + state.openingSessions.size;
  if (seen >= expected) {
    const message = `expected fewer than ${expected} sessions (SESSIONS_MAX), saw ${seen}`;
    queued.outcome = failure(Code.THROTTLEDOP, message, { expected, seen });
    queued.thenClose = { code: Code.THROTTLEDOP, reason: message };
    return;
  }
  const { timeoutMs, bounds, mode } = queued.ask;
  const session: Session = {
    id: drawSessionId(state),
    password: state.ports.randomBytes(PASSWORD_BYTES),
    timeoutMs: negotiateTimeoutMs(timeoutMs, bounds),
    member: 0,
  };
  assert(session.password.length === PASSWORD_BYTES, "randomBytes gave another length");
  const prepared = state.prep.createSession(session, state.nowMs);
  state.proposals.add(prepared, { connection: connection.id, queued });
  state.openingSessions.add(session.id);
  queued.isPrepared = true;
  // What follows on this connection is the session's already, and prepared behind its creation.
  if (mode === "bind") state.connections.attach(connection, session.id, "bound");
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

function resume(state: ServerState, connection: Connection, ask: ConnectAsk): Outcome<Session> {
  assert(ask.resume !== undefined && ask.mode !== "open", "nothing to resume");
  const session = findSession(state, ask.resume, ask.mode === "manage");
  if (isFailure(session)) return session;
  if (ask.mode === "bind") takeOver(state, session.id);
  state.connections.attach(connection, session.id, SESSION_ROLES[ask.mode]);
  touch(state, connection);
  if (ask.mode === "bind") noteBound(state, session.id);
  state.outbox.changed(connection.id);
  return session;
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
    tracked !== undefined && (isAdmin || isSamePassword(tracked.session.password, password));
  if (isProven && !tracked.isClosing) return tracked.session;
  return failure(
    Code.SESSIONEXPIRED,
    "expected a living session and its password, saw neither or one",
  );
}

/** Closes the connection that serves a session, so that another one may. */
function takeOver(state: ServerState, id: SessionId): void {
  const former = state.connections.findBound(id);
  if (former === undefined) return;
  state.counters.add("connectionsTakenOver");
  closeConnection(state, former, {
    code: Code.SESSIONMOVED,
    reason: "another connection has taken over this session",
  });
}
