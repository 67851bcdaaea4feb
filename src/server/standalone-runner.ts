import { assert, unreachable } from "../core/assert.ts";
import type { Effect } from "./effect.ts";
import type { ConnectionId } from "./input.ts";
import type { ZooKeeperServer } from "./zookeeper-server.ts";
import type { Store } from "../storage/store.ts";
import type { ClientConnection } from "./client-connection.ts";

/**
 * Does what a server that stands alone wants done, on behalf of whoever owns the transports.
 *
 * The log is its own: what was appended counts as persisted and committed in the same turn. That is
 * sound where nothing leaves before the turn's writes are durable, as in a Durable Object, whose
 * output gate holds every message until then. An ensemble has another runner.
 */
export class StandaloneRunner {
  /** The owner of the transports adds to it; the runner takes out what is closed. */
  readonly connections: Map<ConnectionId, ClientConnection> = new Map();
  readonly #server: ZooKeeperServer;
  readonly #store: Store;

  constructor(server: ZooKeeperServer, store: Store) {
    this.#server = server;
    this.#store = store;
  }

  /** Runs everything that is due, to its end, then sends each connection one message. */
  flush(nowMs: number): void {
    const touched = new Set<ClientConnection>();
    let isBusy = true;
    while (isBusy) {
      while (isBusy) isBusy = this.#runSome(nowMs, touched);
      for (const connection of touched) connection.flush();
      // What ends by itself may make effects, too.
      isBusy = this.#forgetDone(nowMs, touched);
    }
  }

  #runSome(nowMs: number, touched: Set<ClientConnection>): boolean {
    if (this.#server.wantsFlush) this.#server.step({ type: "flush", nowMs });
    const effects = this.#server.takeEffects();
    for (const effect of effects) this.#run(effect, nowMs, touched);
    return effects.length > 0 || this.#server.wantsFlush;
  }

  #run(effect: Effect, nowMs: number, touched: Set<ClientConnection>): void {
    switch (effect.type) {
      case "append": {
        const zxid = effect.rows.at(-1)?.lastZxid;
        assert(zxid !== undefined, "expected rows to append, saw none");
        this.#store.log.append(effect.rows);
        this.#server.step({ type: "persisted", zxid, nowMs });
        this.#server.step({ type: "committed", zxid, nowMs });
        return;
      }
      case "confirm":
        this.#store.confirm();
        return;
      default:
        this.#deliver(effect, touched);
    }
  }

  #deliver(
    effect: Exclude<Effect, { type: "append" | "confirm" }>,
    touched: Set<ClientConnection>,
  ): void {
    // The transport may have gone in the same turn; its effects go with it.
    const connection = this.connections.get(effect.connection);
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
        this.connections.delete(connection.id);
        return connection.close(effect.code, effect.reason);
      default:
        return unreachable(effect);
    }
  }

  #forgetDone(nowMs: number, touched: Iterable<ClientConnection>): boolean {
    let isAny = false;
    for (const { id, isDone } of touched) {
      if (!isDone || !this.connections.has(id)) continue;
      // The server asks when its client was last heard, so it must still be known.
      this.#server.step({ type: "closed", connection: id, nowMs });
      this.connections.delete(id);
      isAny = true;
    }
    return isAny;
  }
}
