import type { SessionId } from "../core/data-node.ts";
import { Code } from "../core/keeper-error.ts";
import type { CreateSessionTxn, LoggedTxn } from "../core/txn.ts";
import { closeConnection } from "./closing.ts";
import { noteBound, noteOpened } from "./liveness.ts";
import type { ServerState } from "./server-state.ts";

/** A session is in the tree now: its clock starts. */
export function sessionCreated(
  state: ServerState,
  { id, password, timeoutMs, member }: CreateSessionTxn,
): void {
  state.openingSessions.delete(id);
  const bound = state.connections.findBound(id);
  // A learner has heard of a session only if it serves it.
  const isHeard = bound !== undefined || state.member?.role.type !== "learning";
  state.tracker.add({ id, password, timeoutMs, member }, isHeard ? state.nowMs : 0);
  state.counters.add("sessionsCreated");
  if (bound === undefined) {
    if (isHeard) noteOpened(state, id);
  } else {
    noteBound(state, id);
    state.outbox.changed(bound.id);
  }
}

/** A session is out of the tree: nothing is known of it any more. */
export function sessionClosed(state: ServerState, id: SessionId): void {
  state.tracker.remove(id);
  state.storedSeenMs.delete(id);
  state.member?.owners.forget(id);
  state.counters.add("sessionsClosed");
}

/** Closes what still speaks for a session that is out of the tree. */
export function closeSessionConnections(state: ServerState, id: SessionId): void {
  for (const connection of state.connections.ofSession(id)) {
    closeConnection(state, connection, {
      code: Code.SESSIONEXPIRED,
      reason: "the session is over",
    });
  }
}

/** A txn of a session's life never happened: it goes on, or it never began. */
export function sessionTxnDiscarded(state: ServerState, { header, txn }: LoggedTxn): void {
  if (txn.type === "createSession") state.openingSessions.delete(txn.id);
  if (txn.type !== "closeSession") return;
  state.tracker.setClosing(header.sessionId, false);
  state.tracker.touch(header.sessionId, state.nowMs);
}
