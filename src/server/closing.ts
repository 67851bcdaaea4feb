import { Code } from "../core/keeper-error.ts";
import type { CloseReason, Connection } from "./connection.ts";
import { noteUnbound } from "./liveness.ts";
import type { ServerState } from "./server-state.ts";

/** Closes a connection behind everything sent to it so far, and forgets it. */
export function closeConnection(
  state: ServerState,
  connection: Connection,
  why: CloseReason,
): void {
  state.outbox.close(connection.id, why);
  forgetConnection(state, connection);
}

/**
 * Forgets a connection whose transport is gone.
 *
 * What prep has seen of its requests is done all the same, the rest never happens. Its watches
 * go, its session stays until it is heard of no more.
 */
export function forgetConnection(state: ServerState, connection: Connection): void {
  state.connections.remove(connection);
  state.watches.removeWatcher(connection.id);
  state.watchesToLoad.delete(connection.id);
  state.zxidWaiters.delete(connection.id);
  state.outbox.forget(connection.id);
  noteUnbound(state, connection);
}

/**
 * Fails everything that waits on a connection, in order, and closes it: what became of its writes
 * is for its client to find out [OR9].
 */
export function loseConnection(state: ServerState, connection: Connection, reason: string): void {
  const outcome = { code: Code.CONNECTIONLOSS, message: reason };
  // Else it would be done, although what was sent before it was not.
  state.member?.forwards.forget(connection.id);
  const zxid = state.tree.lastZxid;
  for (const queued of [...connection.queue.clear(), ...connection.held.clear()]) {
    const base = { connection: connection.id, xid: queued.xid, zxid, outcome };
    if (queued.type === "connect") state.outbox.answer({ type: "connected", ...base });
    else state.outbox.answer({ type: "reply", ...base, isReplayed: false });
  }
  closeConnection(state, connection, { code: outcome.code, reason });
}
