import { createHash } from "node:crypto";
import type { Id } from "../../../src/core/acl.ts";
import type { Role } from "../../../src/core/identity.ts";
import { LIMITS, type Limits } from "../../../src/core/limits.ts";
import type { Request } from "../../../src/core/request.ts";
import { NATIVE_TIMEOUT_BOUNDS, type Session } from "../../../src/core/session.ts";
import type { WatchSnapshot } from "../../../src/core/watch-manager.ts";
import type { Zxid } from "../../../src/core/zxid.ts";
import type { ConnectionSnapshot } from "../../../src/server/connection-snapshot.ts";
import type { Effect } from "../../../src/server/effect.ts";
import type { RequestOptions } from "../../../src/core/request-options.ts";
import type { ConnectAsk, ConnectionId, Input } from "../../../src/server/input.ts";
import type { ServerConfig } from "../../../src/server/server-options.ts";
import { ZooKeeperServer } from "../../../src/server/zookeeper-server.ts";
import { MemoryStore } from "../../../src/storage/memory-store.ts";
import { describeEffect } from "./describe-effect.ts";

/** 2026-11-22T00:00:00Z: a whole number of ticks, so that deadlines are easy to name. */
export const START_MS = 1_795_305_600_000;

/** An input without its time, which the harness adds. */
export type TimelessInput = Input extends infer I
  ? I extends Input
    ? Omit<I, "nowMs">
    : never
  : never;

interface HarnessOptions {
  /** false: batches are appended, but nothing is persisted or committed until the test says so. */
  readonly isImmediate?: boolean;
  readonly limits?: Partial<Limits>;
  readonly store?: MemoryStore;
  readonly config?: ServerConfig;
  /** Bytes handed out before the counter-based ones. */
  readonly randomBytes?: readonly Uint8Array[];
}

/** What stays when an instance ends: the disk, the sockets with what they keep, the alarm. */
interface Kept {
  readonly sockets: Map<
    ConnectionId,
    { readonly state: ConnectionSnapshot; readonly watches: WatchSnapshot }
  >;
  alarmAtMs: number | undefined;
}

/**
 * A server with a clock that stands still, a store in memory, and a runner of its effects.
 *
 * Each input is a turn of its own: it is stepped, then flushed, then its effects are run.
 */
export class ServerHarness {
  nowMs: number = START_MS;
  store: MemoryStore;
  server: ZooKeeperServer;
  /** Everything that left the server, but for appends. */
  readonly effects: Effect[] = [];
  /** What the platform knows of heartbeats. */
  readonly lastSeen: Map<ConnectionId, number> = new Map();
  /** Last zxids of batches that were appended, in order. */
  readonly appended: Zxid[] = [];
  readonly kept: Kept = { sockets: new Map(), alarmAtMs: undefined };
  /** How often the watches of a restored connection were asked for. */
  watchLoads = 0;
  readonly #options: HarnessOptions;
  readonly #randomBytes: Uint8Array[];
  #nextConnection: ConnectionId = 1;
  #randomCount = 0;

  constructor(options: HarnessOptions = {}) {
    this.#options = options;
    this.store = options.store ?? new MemoryStore();
    this.#randomBytes = [...(options.randomBytes ?? [])];
    this.server = this.#makeServer();
    this.server.start({ nowMs: this.nowMs });
  }

  #makeServer(): ZooKeeperServer {
    return new ZooKeeperServer({
      store: this.store,
      limits: { ...LIMITS, ...this.#options.limits },
      enforceQuota: true,
      ports: {
        lastSeen: (connection) => this.lastSeen.get(connection) ?? 0,
        loadWatches: (connection) => {
          this.watchLoads += 1;
          return this.kept.sockets.get(connection)?.watches;
        },
        randomBytes: (length) => this.#randomBytes.shift() ?? this.#drawBytes(length),
        sha1: (bytes) => new Uint8Array(createHash("sha1").update(bytes).digest()),
      },
      config: this.#options.config ?? {},
    });
  }

  /** Unlike each other and the same in every run. */
  #drawBytes(length: number): Uint8Array {
    this.#randomCount += 1;
    const bytes = new Uint8Array(length);
    new DataView(bytes.buffer).setUint32(length - 4, this.#randomCount);
    return bytes;
  }

  /** One turn: the input, a flush, and its effects. */
  run(input: TimelessInput): void {
    this.step(input);
    this.flush();
  }

  /** The input alone: the turn goes on. */
  step(input: TimelessInput): void {
    this.server.step({ ...input, nowMs: this.nowMs } as Input);
  }

  /** Ends the turn. */
  flush(): void {
    const isImmediate = this.#options.isImmediate ?? true;
    this.collect();
    while (this.server.wantsFlush) {
      this.step({ type: "flush" });
      this.collect();
      const zxid = this.store.log.lastZxid;
      if (isImmediate) {
        this.step({ type: "persisted", zxid });
        this.step({ type: "committed", zxid });
        this.collect();
      }
    }
    this.kept.alarmAtMs = this.server.nextWakeMs();
  }

  /** Takes the effects and runs them. */
  collect(): void {
    for (const effect of this.server.takeEffects()) {
      if (effect.type === "append") {
        this.store.log.append(effect.rows);
        this.appended.push(this.store.log.lastZxid);
        continue;
      }
      this.effects.push(effect);
      if (effect.type === "changed") {
        this.kept.sockets.set(effect.connection, {
          state: this.server.connectionState(effect.connection),
          watches: this.server.connectionWatches(effect.connection),
        });
      }
      if (effect.type === "close") this.kept.sockets.delete(effect.connection);
    }
  }

  /** Reports a batch as durable and decided, and with it all before. */
  commit(zxid: Zxid = this.store.log.lastZxid): void {
    this.step({ type: "persisted", zxid });
    this.run({ type: "committed", zxid });
  }

  /** A leader is deposed: the log is cut behind `zxid`. */
  discard(zxid: Zxid): void {
    this.store.log.truncateAfter(zxid);
    this.run({ type: "discarded", zxid });
  }

  /** Lets time pass, with an alarm wherever the server wants one. */
  advance(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (;;) {
      const wakeMs = this.server.nextWakeMs();
      if (wakeMs === undefined || wakeMs > untilMs) break;
      this.nowMs = Math.max(this.nowMs, wakeMs);
      this.run({ type: "tick" });
    }
    this.nowMs = untilMs;
  }

  open(identity: { readonly role?: Role; readonly ids?: readonly Id[] } = {}): TestClient {
    const { role = "write", ids = [{ scheme: "ip", id: "192.0.2.1" }] } = identity;
    const id = this.#nextConnection;
    this.#nextConnection += 1;
    this.run({ type: "opened", connection: id, identity: { role, ids } });
    return new TestClient(this, id);
  }

  /** A connection with a session of its own. */
  openSession(timeoutMs = 10_000): TestClient {
    const client = this.open();
    client.connect({ timeoutMs });
    client.take();
    return client;
  }

  /**
   * Ends the instance and starts another one.
   *
   * @param keep.sockets - hibernation keeps them, a crash drops them all.
   */
  restart(keep: { readonly sockets: boolean; readonly afterMs?: number }): void {
    const { alarmAtMs } = this.kept;
    this.store = this.store.restart();
    this.nowMs += keep.afterMs ?? 0;
    this.server = this.#makeServer();
    if (!keep.sockets) this.kept.sockets.clear();
    for (const [connection, { state }] of this.kept.sockets) {
      this.server.restoreConnection(connection, JSON.parse(JSON.stringify(state)));
    }
    this.server.start({ nowMs: this.nowMs, alarmAtMs });
    this.flush();
  }
}

/** What one transport does and gets. */
export class TestClient {
  readonly id: ConnectionId;
  readonly #harness: ServerHarness;
  #nextXid = 1;
  #taken = 0;

  constructor(harness: ServerHarness, id: ConnectionId) {
    this.#harness = harness;
    this.id = id;
  }

  /** Sends a request as a turn of its own. Returns its xid. */
  send(request: Request, options: RequestOptions = {}): number {
    const xid = this.post(request, options);
    this.#harness.flush();
    return xid;
  }

  /** Sends a request; the turn goes on. */
  post(request: Request, options: RequestOptions = {}): number {
    const xid = this.#nextXid;
    this.#nextXid += 1;
    this.#harness.step({ type: "request", connection: this.id, xid, request, options });
    return xid;
  }

  connect(ask: Partial<ConnectAsk> = {}): number {
    const xid = this.#nextXid;
    this.#nextXid += 1;
    this.#harness.run({
      type: "connect",
      connection: this.id,
      xid,
      ask: {
        timeoutMs: 10_000,
        bounds: NATIVE_TIMEOUT_BOUNDS,
        mode: "bind",
        lastZxidSeen: 0,
        ...ask,
      },
    });
    return xid;
  }

  drop(): void {
    this.#harness.kept.sockets.delete(this.id);
    this.#harness.run({ type: "closed", connection: this.id });
  }

  /** Everything that this connection got, in order. */
  get outputs(): Effect[] {
    return this.#harness.effects.filter(
      (effect) =>
        "connection" in effect && effect.type !== "changed" && effect.connection === this.id,
    );
  }

  /** What came since the last call, a line each. */
  take(): string[] {
    const lines = this.outputs.slice(this.#taken).map(describeEffect);
    this.#taken += lines.length;
    return lines;
  }

  /** The session it was given. */
  get session(): Session {
    for (const effect of this.outputs) {
      if (effect.type === "connected" && "password" in effect.outcome) return effect.outcome;
    }
    throw new Error(`connection ${this.id} got no session`);
  }
}
