import { createHash } from "node:crypto";
import type { Dial } from "../../../src/client/transport.ts";
import { LIMITS } from "../../../src/core/limits.ts";
import { StandaloneRunner } from "../../../src/server/standalone-runner.ts";
import { ZooKeeperServer } from "../../../src/server/zookeeper-server.ts";
import { MemoryStore } from "../../../src/storage/memory-store.ts";
import type { FakeClock } from "./fake-clock.ts";
import { Link, type Mood } from "./link.ts";

/**
 * A real server behind the native codec, reached by links that a test can cut or silence.
 *
 * Answers come in the turn behind the request, so that what was sent in one turn stays together.
 */
export class TestService {
  /** Every piece that arrived, whole frames: what left in one piece. */
  readonly pieces: Uint8Array[] = [];
  /** Servers dialled, in order. */
  readonly dialled: string[] = [];
  /** When heartbeats came. */
  readonly pings: number[] = [];
  mood: Mood = "working";
  readonly #clock: FakeClock;
  readonly #store = new MemoryStore();
  readonly #server: ZooKeeperServer;
  readonly #runner: StandaloneRunner;
  readonly #links = new Set<Link>();
  /** When a connection last said that it lives. */
  readonly #pinged = new Map<number, number>();
  #lastId = 0;
  #drawn = 0;

  constructor(clock: FakeClock) {
    this.#clock = clock;
    this.#server = new ZooKeeperServer({
      store: this.#store,
      limits: LIMITS,
      enforceQuota: false,
      config: {},
      ports: {
        lastSeen: (connection) => this.#pinged.get(connection) ?? 0,
        loadWatches: () => undefined,
        randomBytes: (length) => new Uint8Array(length).fill((this.#drawn += 1)),
        sha1: (bytes) => createHash("sha1").update(bytes).digest(),
      },
    });
    this.#server.start({ nowMs: clock.nowMs() });
    this.#runner = new StandaloneRunner(this.#server, this.#store);
  }

  readonly dial: Dial = (server, listener) => {
    this.dialled.push(server);
    const link = new Link((this.#lastId += 1), listener, () => this.#forget(link));
    queueMicrotask(() => {
      if (this.mood === "refusing") {
        listener.closed("refused");
        return;
      }
      this.#links.add(link);
      this.#runner.connections.set(link.id, link);
      const identity = { role: "write" as const, ids: [{ scheme: "ip", id: "127.0.0.1" }] };
      this.#server.step({ type: "opened", nowMs: this.#nowMs, connection: link.id, identity });
      listener.opened();
    });
    return {
      send: (frames) => this.#receive(link, frames),
      ping: () => {
        this.pings.push(this.#nowMs);
        if (link.ping(this.mood)) this.#pinged.set(link.id, this.#nowMs);
      },
      close: () => link.hangUp(),
    };
  };

  /** Cuts every connection: what is under way is lost. */
  cut(): void {
    for (const link of this.#links) link.lose("cut");
  }

  /** Lets the server look at its clock, which is the client's. */
  tick(): void {
    this.#server.step({ type: "tick", nowMs: this.#nowMs });
    this.#runner.flush(this.#nowMs);
  }

  get #nowMs(): number {
    return this.#clock.nowMs();
  }

  #receive(link: Link, bytes: Uint8Array): void {
    this.pieces.push(bytes);
    if (this.mood !== "working") return;
    queueMicrotask(() => {
      if (!this.#links.has(link)) return;
      for (const input of link.inputsOf(bytes, this.#nowMs)) this.#server.step(input);
      this.#runner.flush(this.#nowMs);
    });
  }

  #forget(link: Link): void {
    if (!this.#links.delete(link)) return;
    this.#server.step({ type: "closed", nowMs: this.#nowMs, connection: link.id });
    this.#runner.connections.delete(link.id);
    this.#runner.flush(this.#nowMs);
  }
}
