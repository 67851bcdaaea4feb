import {
  Connection,
  decodeHandshakeReply,
  encodeHandshake,
  type Handshake,
  type HandshakeReply,
  newSession,
} from "../../conformance/connection.ts";
import { runningServer } from "../../conformance/servers.ts";
import { OPCODE, Reader, Writer } from "../../conformance/wire.ts";

const TIMEOUT_MS = 30_000;

/** The header of a reply, and what is behind it. */
export interface NativeReply {
  readonly xid: number;
  readonly zxid: bigint;
  readonly code: number;
  readonly body: Reader;
}

/** Opens a TCP connection to a port of 127.0.0.1, without a word. */
export function openTcp(port: number): Promise<Connection> {
  return Connection.open(runningServer("edgekeeper", `127.0.0.1:${port}`));
}

/** A client that speaks ZooKeeper's protocol over TCP in frames of its own making. */
export class NativeClient {
  readonly connection: Connection;
  readonly session: HandshakeReply;
  #xid = 0;

  /** Connects with a new session, or as the handshake says. */
  static async connect(
    port: number,
    handshake: Handshake = newSession(TIMEOUT_MS),
  ): Promise<NativeClient> {
    const connection = await openTcp(port);
    connection.sendFrame(encodeHandshake(handshake));
    return new NativeClient(connection, decodeHandshakeReply(await frameOf(connection)));
  }

  private constructor(connection: Connection, session: HandshakeReply) {
    this.connection = connection;
    this.session = session;
  }

  /** The handshake that resumes this client's session. */
  get resumption(): Handshake {
    const { sessionId, password, timeoutMs } = this.session;
    return { lastZxidSeen: 0n, timeoutMs, sessionId, password };
  }

  /** Sends a request and returns its xid. */
  send(type: number, body: Writer = new Writer(), xid?: number): number {
    this.#xid += 1;
    const sent = xid ?? this.#xid;
    const header = new Writer().int(sent).int(type).toBuffer();
    this.connection.sendFrame(Buffer.concat([header, body.toBuffer()]));
    return sent;
  }

  sendCreate(path: string, data: Buffer | string = "", flags = 0): number {
    const body = new Writer().bytes(path).bytes(data);
    body.list([0], () => body.int(31).bytes("world").bytes("anyone")).int(flags);
    return this.send(OPCODE.create, body);
  }

  sendExists(path: string, watch = false): number {
    return this.send(OPCODE.exists, new Writer().bytes(path).bool(watch));
  }

  /** The next reply or event. */
  async next(): Promise<NativeReply> {
    const body = new Reader(await frameOf(this.connection));
    return { xid: body.int(), zxid: body.long(), code: body.int(), body };
  }

  /** Creates a znode, which must succeed. */
  async create(path: string, data: Buffer | string = "", flags = 0): Promise<string> {
    const xid = this.sendCreate(path, data, flags);
    const reply = await this.next();
    if (reply.xid === xid && reply.code === 0) return reply.body.string() ?? "";
    throw new Error(`expected ${path} to be created, saw ${reply.xid} with code ${reply.code}`);
  }

  async exists(path: string): Promise<boolean> {
    this.sendExists(path);
    return (await this.next()).code === 0;
  }

  /** Sends a heartbeat and awaits the reply to it. */
  async ping(): Promise<NativeReply> {
    this.send(OPCODE.ping, new Writer(), -2);
    return this.next();
  }
}

async function frameOf(connection: Connection): Promise<Buffer> {
  const payload = await connection.next();
  if (typeof payload === "string") throw new Error(`expected a frame, saw: ${payload}`);
  return payload;
}
