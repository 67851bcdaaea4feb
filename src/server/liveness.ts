import type { SessionId } from "../core/data-node.ts";
import { TICK_MS } from "../core/session.ts";
import type { SessionSeen } from "../storage/store.ts";
import type { Connection } from "./connection.ts";
import type { ServerState } from "./server-state.ts";

/**
 * When sessions were last seen, and what of it is stored.
 *
 * A heartbeat is answered by the runtime and reaches nobody; it is asked for when a deadline comes
 * due. Stored are only: the moments at which a socket binds and closes, and HTTP calls of a session,
 * at most one a tick [SE16].
 */

/** A client of `connection` was heard: its session lives, and so does the connection. */
export function touch(state: ServerState, connection: Connection): void {
  const { nowMs } = state;
  connection.seenMs = nowMs;
  const { sessionId, sessionRole } = connection;
  if (!state.tracker.touch(sessionId, nowMs)) return;
  if (sessionRole === "bound") {
    const timeoutMs = state.tracker.get(sessionId)?.session.timeoutMs ?? 0;
    // The socket keeps a recent enough time itself, so that nothing is written for its session.
    if (nowMs - connection.savedSeenMs > timeoutMs / 4) state.outbox.changed(connection.id);
    return;
  }
  // No socket keeps this time, so it is stored, also beside one that serves the session.
  // In an ensemble the leader keeps it, and asks for that of others.
  const roleType = state.member?.role.type;
  if (roleType === "learning" || roleType === "looking") return;
  const storedMs = state.storedSeenMs.get(sessionId) ?? -Infinity;
  if (nowMs - storedMs < TICK_MS) return;
  const isBound = state.connections.findBound(sessionId) !== undefined;
  storeSeen(state, sessionId, { seenMs: nowMs, isBound });
}

/** When the client of a bound connection was last heard, by us or by the runtime. */
function lastSeenOf(state: ServerState, connection: Connection): number {
  return Math.max(connection.seenMs, state.ports.lastSeen(connection.id));
}

/** Asks the socket that serves a session; undefined without one. */
export function lastSeenOfSession(state: ServerState, id: SessionId): number | undefined {
  const bound = state.connections.findBound(id);
  return bound === undefined ? undefined : lastSeenOf(state, bound);
}

/** A socket serves the session from now on. */
export function noteBound(state: ServerState, id: SessionId): void {
  storeSeen(state, id, { seenMs: state.nowMs, isBound: true });
}

/** A session was made that no socket serves. */
export function noteOpened(state: ServerState, id: SessionId): void {
  storeSeen(state, id, { seenMs: state.nowMs, isBound: false });
}

/** The socket of a session is gone: from now on the stored time counts. */
export function noteUnbound(state: ServerState, connection: Connection): void {
  const { sessionId, sessionRole } = connection;
  if (sessionRole !== "bound" || state.tracker.get(sessionId) === undefined) return;
  const seenMs = lastSeenOf(state, connection);
  state.tracker.touch(sessionId, seenMs);
  storeSeen(state, sessionId, { seenMs, isBound: false });
}

function storeSeen(state: ServerState, id: SessionId, seen: SessionSeen): void {
  state.store.saveSessionSeen(id, seen);
  state.storedSeenMs.set(id, seen.seenMs);
}

/**
 * Decides at a start, for each session of the tree, since when it was not heard [SE17] [SE18].
 *
 * - bound, and its socket is there: as if nothing had happened, it was hibernation;
 * - bound, and its socket is not: the platform dropped it, not the client: heard of now, once;
 * - not bound: what is stored;
 * - nothing stored: heard of now; by a member of an ensemble, never.
 */
export function restoreSessions(state: ServerState): void {
  const stored = state.store.sessionSeen();
  for (const session of state.tree.tables.sessions()) {
    const { id } = session;
    const seen = stored.get(id);
    const bound = state.connections.findBound(id);
    if (seen !== undefined && (bound !== undefined || !seen.isBound)) {
      state.storedSeenMs.set(id, seen.seenMs);
      const heardMs = bound === undefined ? 0 : lastSeenOf(state, bound);
      // A clock that went back meanwhile knows of no later moment than now.
      const seenMs = Math.min(Math.max(seen.seenMs, heardMs), state.nowMs);
      state.tracker.add(session, seenMs);
    } else if (seen === undefined && bound === undefined && state.member !== undefined) {
      state.tracker.add(session, 0);
    } else {
      storeSeen(state, id, { seenMs: state.nowMs, isBound: bound !== undefined });
      state.tracker.add(session, state.nowMs);
    }
  }
}

/** Grants a timeout to whom an outage kept from being heard, and stores it [SE19]. */
export function forgiveOutage(state: ServerState, alarmAtMs: number): void {
  const { nowMs } = state;
  const forgiven = state.tracker.forgive(alarmAtMs, nowMs, (id) => lastSeenOfSession(state, id));
  for (const id of forgiven) {
    const isBound = state.connections.findBound(id) !== undefined;
    storeSeen(state, id, { seenMs: nowMs, isBound });
  }
}
