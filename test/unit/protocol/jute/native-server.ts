import { createHash } from "node:crypto";
import { LIMITS } from "../../../../src/core/limits.ts";
import { NATIVE_TIMEOUT_BOUNDS } from "../../../../src/core/session.ts";
import { framesOf } from "../../../../src/protocol/jute/frame.ts";
import {
  NativeConnection,
  type NativeInput,
} from "../../../../src/protocol/jute/native-connection.ts";
import type { ConnectRequest } from "../../../../src/protocol/jute/connect.ts";
import type { Effect } from "../../../../src/server/effect.ts";
import type { ConnectAsk } from "../../../../src/server/input.ts";
import { ZooKeeperServer } from "../../../../src/server/zookeeper-server.ts";
import { MemoryStore } from "../../../../src/storage/memory-store.ts";
import { framed } from "./native-client.ts";

interface Client {
  readonly native: NativeConnection;
  isClosed: boolean;
}

/** A server behind the codec, on the memory store: frames in, frames out. */
export class NativeServer {
  readonly #store = new MemoryStore();
  readonly #server: ZooKeeperServer;
  readonly #clients = new Map<number, Client>();
  readonly #nowMs: number;
  #drawn = 0;

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
    this.#server = new ZooKeeperServer({
      store: this.#store,
      limits: LIMITS,
      enforceQuota: false,
      config: {},
      ports: {
        lastSeen: () => 0,
        loadWatches: () => undefined,
        randomBytes: (length) => new Uint8Array(length).fill((this.#drawn += 1)),
        sha1: (bytes) => createHash("sha1").update(bytes).digest(),
      },
    });
    this.#server.start({ nowMs });
  }

  open(): number {
    const id = this.#clients.size + 1;
    this.#clients.set(id, { native: new NativeConnection(false), isClosed: false });
    const ids = [{ scheme: "ip", id: "127.0.0.1" }];
    const identity = { role: "write" as const, ids };
    this.#server.step({ type: "opened", nowMs: this.#nowMs, connection: id, identity });
    return id;
  }

  isClosed(id: number): boolean {
    return this.#client(id).isClosed;
  }

  /** The last zxid of the log. */
  get lastZxid(): number {
    return this.#store.log.lastZxid;
  }

  /** Sends frames, without their lengths, in one piece and returns the frames that come back. */
  send(id: number, ...frames: readonly Uint8Array[]): Buffer[] {
    return this.sendBytes(id, Buffer.concat(frames.map(framed)));
  }

  sendBytes(id: number, bytes: Uint8Array): Buffer[] {
    const client = this.#client(id);
    for (const input of client.native.push(bytes)) this.#input(id, input);
    this.#run();
    while (this.#server.wantsFlush) {
      this.#server.step({ type: "flush", nowMs: this.#nowMs });
      this.#run();
    }
    return [...framesOf(client.native.take())].map((one) => Buffer.from(one));
  }

  #client(id: number): Client {
    const found = this.#clients.get(id);
    if (found === undefined) throw new RangeError(`no connection ${id}`);
    return found;
  }

  #input(connection: number, input: NativeInput): void {
    const base = { nowMs: this.#nowMs, connection };
    if (input.type === "request") {
      this.#server.step({ ...base, ...input });
    } else if (input.type === "connect") {
      this.#server.step({ ...base, type: "connect", xid: 0, ask: askOf(input.handshake) });
    } else {
      this.#client(connection).isClosed = true;
    }
  }

  #run(): void {
    // Running an append makes further effects.
    for (let effects = this.#server.takeEffects(); effects.length > 0;) {
      for (const effect of effects) this.#runOne(effect);
      effects = this.#server.takeEffects();
    }
  }

  #runOne(effect: Effect): void {
    switch (effect.type) {
      case "append": {
        const zxid = effect.rows.at(-1)?.lastZxid ?? 0;
        this.#store.log.append(effect.rows);
        this.#server.step({ type: "persisted", nowMs: this.#nowMs, zxid });
        this.#server.step({ type: "committed", nowMs: this.#nowMs, zxid });
        return;
      }
      case "reply": {
        const client = this.#client(effect.connection);
        // What comes behind a close went nowhere.
        if (client.isClosed) return;
        const reason = client.native.reply(effect.xid, effect.zxid, effect.outcome);
        if (reason !== undefined) client.isClosed = true;
        return;
      }
      case "connected":
        this.#client(effect.connection).native.connected(effect.outcome);
        return;
      case "event":
        this.#client(effect.connection).native.event(effect.event);
        return;
      case "close":
        this.#client(effect.connection).isClosed = true;
        return;
      default:
      // Nothing outlives this server, and it is no member of an ensemble.
    }
  }
}

function askOf({ sessionId: id, password, timeoutMs, lastZxidSeen }: ConnectRequest): ConnectAsk {
  const resume = id === 0 ? {} : { resume: { id, password } };
  return { mode: "bind", bounds: NATIVE_TIMEOUT_BOUNDS, timeoutMs, lastZxidSeen, ...resume };
}
