import {
  Connection,
  decodeHandshakeReply,
  encodeHandshake,
  type HandshakeReply,
  newSession,
} from "../connection.ts";
import type { Server } from "../servers.ts";
import { frame, Reader } from "../wire.ts";
import { encodeRequest, type Operation, type Paths } from "./operation.ts";
import { decodeReplyBody, type Item } from "./reply.ts";

const TIMEOUT_MS = 40_000;
const EVENT_XID = -1;
const FIXED_XIDS: Readonly<Partial<Record<Operation["op"], number>>> = { ping: -2, auth: -4 };

/** One session of a script on one server: sends its requests and keeps what comes back. */
export class SessionClient {
  /** Everything received since the last {@link take}. */
  #items: Item[] = [];
  readonly #server: Server;
  #connection: Connection | undefined;
  #xid = 0;
  #lastZxid = 0n;
  #sessionId = 0n;
  #password: Buffer = Buffer.alloc(16);
  #pending: { readonly xid: number; readonly request: Operation }[] = [];

  constructor(server: Server) {
    this.#server = server;
  }

  get sessionId(): bigint {
    return this.#sessionId;
  }

  get isConnected(): boolean {
    return this.#connection !== undefined;
  }

  /** The last zxid a reply carried. */
  get lastZxid(): bigint {
    return this.#lastZxid;
  }

  /** What came since the last call. */
  take(): Item[] {
    const items = this.#items;
    this.#items = [];
    return items;
  }

  /** Opens a new session. */
  async open(): Promise<void> {
    this.#sessionId = 0n;
    this.#password = Buffer.alloc(16);
    await this.#handshake(await Connection.open(this.#server));
  }

  /** Resumes the session on another connection; the old one ends before or after that. */
  async reconnect(isTakeover: boolean): Promise<void> {
    const old = this.#connection;
    if (!isTakeover) old?.destroy();
    await this.#handshake(await Connection.open(this.#server));
    // Whether the old one is closed is for the part about bad input: a connection that ended just
    // before makes ZooKeeper forget to.
    old?.destroy();
  }

  /** Closes the session as clients do, and waits for the end of the connection. */
  async close(paths: Paths): Promise<void> {
    await this.request([{ op: "closeSession" }], { paths, cut: 0 });
  }

  /** Drops the connection without a word. */
  disconnect(): void {
    this.#connection?.destroy();
    this.#connection = undefined;
  }

  /** Sends requests at once, in pieces of `cut` bytes if that isn't 0, and waits for all replies. */
  async request(
    operations: readonly Operation[],
    { paths, cut }: { readonly paths: Paths; readonly cut: number },
  ): Promise<void> {
    if (this.#connection === undefined) await this.reconnect(false);
    const frames = operations.map((request) => {
      const xid = FIXED_XIDS[request.op] ?? (this.#xid += 1);
      this.#pending.push({ xid, request });
      return frame(encodeRequest(request, xid, paths));
    });
    const bytes = Buffer.concat(frames);
    const size = cut > 0 ? cut : bytes.length;
    for (let at = 0; at < bytes.length; at += size) {
      this.#connection?.send(bytes.subarray(at, at + size));
    }
    while (this.#pending.length > 0 && (await this.#receive()));
    this.#pending = [];
    if (this.#items.some(isLast)) await this.#awaitEnd();
  }

  /** After the last reply of a connection the server closes it. */
  async #awaitEnd(): Promise<void> {
    const rest = await this.#connection?.untilClosed();
    if (rest !== undefined) this.#items.push({ kind: rest === "silent" ? "silent" : "closed" });
    this.disconnect();
  }

  async #handshake(connection: Connection): Promise<void> {
    const handshake = {
      ...newSession(TIMEOUT_MS),
      lastZxidSeen: this.#lastZxid,
      sessionId: this.#sessionId,
      password: this.#password,
    };
    connection.sendFrame(encodeHandshake(handshake));
    const payload = await connection.next();
    this.#connection = undefined;
    if (!Buffer.isBuffer(payload)) {
      this.#items.push({ kind: payload });
      connection.destroy();
      return;
    }
    const reply = decodeHandshakeReply(payload);
    this.#items.push({ kind: "connected", reply: this.#describe(reply) });
    if (reply.sessionId === 0n) {
      connection.destroy();
      return;
    }
    this.#connection = connection;
    this.#sessionId = reply.sessionId;
    this.#password = reply.password;
  }

  #describe(reply: HandshakeReply) {
    const isNew = this.#sessionId === 0n;
    return {
      protocolVersion: reply.protocolVersion,
      timeoutMs: reply.timeoutMs,
      isRefused: reply.sessionId === 0n,
      isSameSession: isNew || reply.sessionId === this.#sessionId,
      isSamePassword: isNew || reply.password.equals(this.#password),
      passwordLength: reply.password.length,
      rest: reply.rest.toString("hex"),
    };
  }

  /** Takes one frame; false when no more will come. */
  async #receive(): Promise<boolean> {
    const payload = (await this.#connection?.next()) ?? "closed";
    if (!Buffer.isBuffer(payload)) {
      this.#items.push({ kind: payload });
      this.disconnect();
      return false;
    }
    const reader = new Reader(payload);
    const [xid, zxid, err] = [reader.int(), reader.long(), reader.int()];
    if (xid === EVENT_XID) {
      const [type, state, path] = [reader.int(), reader.int(), reader.string()];
      this.#items.push({ kind: "event", zxid, err, type, state, path });
      return true;
    }
    const index = this.#pending.findIndex((pending) => pending.xid === xid);
    const [pending] = index < 0 ? [] : this.#pending.splice(index, 1);
    if (pending === undefined) {
      this.#items.push({ kind: "unexpected", xid, rest: reader.rest().toString("hex") });
      return true;
    }
    if (zxid > this.#lastZxid) this.#lastZxid = zxid;
    const { request } = pending;
    const body = err === 0 ? decodeReplyBody(request, reader) : errorBody(reader);
    this.#items.push({ kind: "reply", request, xid, zxid, err, body });
    return true;
  }
}

/** Whether the server closes the connection behind this. */
function isLast(item: Item): boolean {
  if (item.kind !== "reply") return false;
  const { request, err } = item;
  const isRefused = request.op === "auth" && err !== 0;
  return isRefused || request.op === "unknown" || request.op === "closeSession";
}

/** Bytes behind a header with an error: there should be none. */
function errorBody(reader: Reader): string | null {
  return reader.rest().length === 0 ? null : "bytes behind the error";
}
