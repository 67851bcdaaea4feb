import { assert } from "../core/assert.ts";
import { deliver, forgetDone } from "./connection-effects.ts";
import type { Effect } from "./effect.ts";
import type { ConnectionId } from "./input.ts";
import type { ZooKeeperServer } from "./zookeeper-server.ts";
import type { Store } from "../storage/store.ts";
import type { ClientConnection } from "./client-connection.ts";
import type { ServerRunner } from "./server-runner.ts";

/**
 * Does what a server that stands alone wants done, on behalf of whoever owns the transports.
 *
 * The log is its own: what was appended counts as persisted and committed in the same turn. That is
 * sound where nothing leaves before the turn's writes are durable, as in a Durable Object, whose
 * output gate holds every message until then. An ensemble has another runner.
 */
export class StandaloneRunner implements ServerRunner {
  readonly connections: Map<ConnectionId, ClientConnection> = new Map();
  readonly server: ZooKeeperServer;
  readonly #store: Store;

  constructor(server: ZooKeeperServer, store: Store) {
    this.server = server;
    this.#store = store;
  }

  start(at: { readonly nowMs: number; readonly alarmAtMs?: number | undefined }): void {
    this.server.start(at);
  }

  flush(nowMs: number): void {
    const touched = new Set<ClientConnection>();
    let isBusy = true;
    while (isBusy) {
      while (isBusy) isBusy = this.#runSome(nowMs, touched);
      for (const connection of touched) connection.flush();
      // What ends by itself may make effects, too.
      isBusy = forgetDone(this.server, this.connections, touched, nowMs);
    }
  }

  #runSome(nowMs: number, touched: Set<ClientConnection>): boolean {
    if (this.server.wantsFlush) this.server.step({ type: "flush", nowMs });
    const effects = this.server.takeEffects();
    for (const effect of effects) this.#run(effect, nowMs, touched);
    return effects.length > 0 || this.server.wantsFlush;
  }

  #run(effect: Effect, nowMs: number, touched: Set<ClientConnection>): void {
    switch (effect.type) {
      case "append": {
        const zxid = effect.rows.at(-1)?.lastZxid;
        assert(zxid !== undefined, "expected rows to append, saw none");
        this.#store.log.append(effect.rows);
        this.server.step({ type: "persisted", zxid, nowMs });
        this.server.step({ type: "committed", zxid, nowMs });
        return;
      }
      case "confirm":
        this.#store.confirm();
        return;
      case "memberMessage":
      case "confirmQuorum":
      case "admit":
      case "needLeader":
        return assert(false, `a server that stands alone wants ${effect.type}`);
      default:
        return deliver(this.connections, effect, touched);
    }
  }
}
