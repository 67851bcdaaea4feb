import { createHash } from "node:crypto";
import { Code, isFailure } from "../../../../src/core/keeper-error.ts";
import { LIMITS } from "../../../../src/core/limits.ts";
import { NATIVE_TIMEOUT_BOUNDS } from "../../../../src/core/session.ts";
import {
  type ConnectRequest,
  decodeConnectRequest,
  encodeConnectResponse,
} from "../../../../src/protocol/jute/connect.ts";
import { decodeRequest } from "../../../../src/protocol/jute/decode-request.ts";
import type { DecodedRequest } from "../../../../src/protocol/jute/decoded-frame.ts";
import {
  encodeEvent,
  encodeReply,
  encodeUnimplemented,
} from "../../../../src/protocol/jute/encode-reply.ts";
import { framesOf } from "../../../../src/protocol/jute/frame.ts";
import { OutputArchive } from "../../../../src/protocol/jute/output-archive.ts";
import type { Effect } from "../../../../src/server/effect.ts";
import { ZooKeeperServer } from "../../../../src/server/zookeeper-server.ts";
import { MemoryStore } from "../../../../src/storage/memory-store.ts";

interface NativeConnection {
  readonly id: number;
  handshake: ConnectRequest | undefined;
  /** Asked and not answered, in order. */
  readonly asked: DecodedRequest[];
  readonly archive: OutputArchive;
  isClosed: boolean;
}

/** A server behind the codec, on the memory store: frames in, frames out. */
export class NativeServer {
  readonly #store = new MemoryStore();
  readonly #server: ZooKeeperServer;
  readonly #connections = new Map<number, NativeConnection>();
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
    const id = this.#connections.size + 1;
    const archive = new OutputArchive();
    this.#connections.set(id, { id, handshake: undefined, asked: [], archive, isClosed: false });
    const ids = [{ scheme: "ip", id: "127.0.0.1" }];
    const identity = { role: "write" as const, ids };
    this.#server.step({ type: "opened", nowMs: this.#nowMs, connection: id, identity });
    return id;
  }

  isClosed(id: number): boolean {
    return this.#connection(id).isClosed;
  }

  /** Sends one frame, without its length, and returns the frames that come back. */
  send(id: number, frame: Uint8Array): Buffer[] {
    const connection = this.#connection(id);
    if (connection.handshake === undefined) this.#connect(connection, frame);
    else this.#request(connection, frame);
    while (this.#server.wantsFlush) {
      this.#server.step({ type: "flush", nowMs: this.#nowMs });
      this.#run();
    }
    this.#run();
    return [...framesOf(connection.archive.take())].map((one) => Buffer.from(one));
  }

  #connection(id: number): NativeConnection {
    const found = this.#connections.get(id);
    if (found === undefined) throw new RangeError(`no connection ${id}`);
    return found;
  }

  #connect(connection: NativeConnection, frame: Uint8Array): void {
    const handshake = decodeConnectRequest(frame);
    if (handshake === undefined) {
      connection.isClosed = true;
      return;
    }
    connection.handshake = handshake;
    const { sessionId: id, password, timeoutMs, lastZxidSeen } = handshake;
    this.#server.step({
      type: "connect",
      nowMs: this.#nowMs,
      connection: connection.id,
      xid: 0,
      ask: {
        mode: "bind",
        bounds: NATIVE_TIMEOUT_BOUNDS,
        timeoutMs,
        lastZxidSeen,
        ...(id === 0 ? {} : { resume: { id, password } }),
      },
    });
  }

  #request(connection: NativeConnection, frame: Uint8Array): void {
    const decoded = decodeRequest(frame);
    switch (decoded.kind) {
      case "request": {
        connection.asked.push(decoded);
        const { xid, request } = decoded;
        const { id } = connection;
        this.#server.step({ type: "request", nowMs: this.#nowMs, connection: id, xid, request });
        return;
      }
      case "refused":
        encodeReply(connection.archive, decoded, 0, decoded.failure);
        return;
      case "unimplemented":
        encodeUnimplemented(connection.archive, decoded);
        connection.isClosed = true;
        return;
      case "fatal":
        connection.isClosed = true;
    }
  }

  #run(): void {
    for (const effect of this.#server.takeEffects()) this.#runOne(effect);
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
        const { archive, asked } = this.#connection(effect.connection);
        const oldest = asked.shift();
        if (oldest?.xid !== effect.xid) throw new RangeError(`${effect.xid} is not the oldest`);
        encodeReply(archive, oldest, effect.zxid, effect.outcome);
        return;
      }
      case "connected": {
        const { archive, handshake } = this.#connection(effect.connection);
        const { outcome } = effect;
        if (handshake === undefined) throw new RangeError("connected without a handshake");
        const isWritten = encodeConnectResponse(archive, handshake, outcome);
        const isExpected = !isFailure(outcome) || outcome.code === Code.SESSIONEXPIRED;
        if (isWritten !== isExpected) throw new RangeError("answered a refusal, or not a session");
        return;
      }
      case "event":
        encodeEvent(this.#connection(effect.connection).archive, effect.event);
        return;
      case "close":
        this.#connection(effect.connection).isClosed = true;
        return;
      case "confirm":
      case "changed":
    }
  }
}
