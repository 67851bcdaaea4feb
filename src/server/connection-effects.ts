import { unreachable } from "../core/assert.ts";
import type { ClientConnection } from "./client-connection.ts";
import type { Effect } from "./effect.ts";
import type { ConnectionId } from "./input.ts";
import type { ZooKeeperServer } from "./zookeeper-server.ts";

/** What a server wants done on a transport. */
export type ConnectionEffect = Extract<Effect, { readonly connection: ConnectionId }>;

/** Does it, and notes whom it touched: they are flushed at the end of the turn. */
export function deliver(
  connections: Map<ConnectionId, ClientConnection>,
  effect: ConnectionEffect,
  touched: Set<ClientConnection>,
): void {
  // The transport may have gone in the same turn; its effects go with it.
  const connection = connections.get(effect.connection);
  if (connection === undefined) return;
  touched.add(connection);
  switch (effect.type) {
    case "reply":
      return connection.reply(effect);
    case "connected":
      return connection.connected(effect);
    case "event":
      return connection.event(effect);
    case "changed":
      return connection.changed();
    case "close":
      connections.delete(connection.id);
      return connection.close(effect.code, effect.reason);
    default:
      return unreachable(effect);
  }
}

/** Tells the server of transports that ended by themselves; true if there were any. */
export function forgetDone(
  server: ZooKeeperServer,
  connections: Map<ConnectionId, ClientConnection>,
  touched: Iterable<ClientConnection>,
  nowMs: number,
): boolean {
  let isAny = false;
  for (const { id, isDone } of touched) {
    if (!isDone || !connections.has(id)) continue;
    // The server asks when its client was last heard, so it must still be known.
    server.step({ type: "closed", connection: id, nowMs });
    connections.delete(id);
    isAny = true;
  }
  return isAny;
}
