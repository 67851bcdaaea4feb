import { checkACL, Perms } from "../core/acl.ts";
import type { WatchedEvent } from "../core/request.ts";
import type { LoggedTxn } from "../core/txn.ts";
import type { WatchSnapshot } from "../core/watch-manager.ts";
import { changesOf } from "../core/watched-event.ts";
import type { Connection } from "./connection.ts";
import type { ConnectionId } from "./input.ts";
import type { ServerState } from "./server-state.ts";
import { noteSent } from "./statistics.ts";

/**
 * Sends the events of a txn that was just applied, ahead of every reply that can show it [OR2].
 *
 * A connection that lacks READ hears nothing; its watch is used up all the same.
 */
export function deliverEvents(state: ServerState, logged: LoggedTxn): void {
  loadAllWatches(state);
  if (state.watches.count === 0) return;
  for (const change of changesOf(logged)) {
    state.watches.trigger(change, (watcher, event, filterAcl) => {
      const connection = state.connections.get(watcher);
      if (connection.hasStandardWatches) state.outbox.changed(watcher);
      if (!checkACL(filterAcl, Perms.READ, connection.ids)) return;
      sendEvent(state, connection, event);
    });
  }
}

/** Sends one event to a connection that may hear it. */
export function sendEvent(state: ServerState, connection: Connection, event: WatchedEvent): void {
  state.outbox.event(connection.id, event);
  state.counters.add("events");
  noteSent(state, connection);
}

/**
 * Reads back the watches of a restored connection, if that was not done yet.
 *
 * Late, because most wakes of an object apply nothing and need no watches.
 */
export function loadWatches(state: ServerState, connection: ConnectionId): void {
  if (!state.watchesToLoad.delete(connection)) return;
  const watches = state.ports.loadWatches(connection);
  if (watches === undefined) return;
  state.watches.restore(connection, watches);
  state.connections.get(connection).hasStandardWatches = hasStandard(watches);
}

/** Reads back the watches of all restored connections: somebody may have to hear of a change. */
export function loadAllWatches(state: ServerState): void {
  for (const connection of state.watchesToLoad) loadWatches(state, connection);
}

/** Lists the watches of a connection, for its socket to keep. */
export function watchesOf(state: ServerState, connection: ConnectionId): WatchSnapshot {
  loadWatches(state, connection);
  return state.watches.watchesOf(connection);
}

/** Tells whether any of these watches goes when it fires. */
export function hasStandard({ data, child }: WatchSnapshot): boolean {
  return data.length + child.length > 0;
}
