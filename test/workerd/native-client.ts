import type { Identity } from "../../src/core/identity.ts";
import { framesOf } from "../../src/protocol/jute/frame.ts";
import { InputArchive } from "../../src/protocol/jute/input-archive.ts";
import { OpCode, Xid } from "../../src/protocol/jute/op-code.ts";
import { OutputArchive } from "../../src/protocol/jute/output-archive.ts";
import { IDENTITY_HEADER } from "../../src/shard/shard-api.ts";
import { ADMIN, eventually, type ShardUnderTest } from "./client.ts";

/** A frame that the shard sent behind its answer to the handshake. */
export interface NativeFrame {
  readonly xid: number;
  readonly zxid: number;
  readonly code: number;
  readonly body: InputArchive;
}

/** What a handshake asks for; without a session for a new one. */
export interface NativeSession {
  readonly id: number;
  readonly password: Uint8Array;
}

export interface Handshake {
  readonly timeoutMs?: number;
  readonly session?: NativeSession;
  readonly lastZxidSeen?: number;
}

/** Encodes frames, each written by one of `writers`. */
export function framesBytes(
  ...writers: readonly ((archive: OutputArchive) => void)[]
): Uint8Array<ArrayBuffer> {
  const archive = new OutputArchive();
  for (const write of writers) {
    archive.startFrame();
    write(archive);
    archive.endFrame();
  }
  return archive.take();
}

/** Encodes the request of a znode: its header, its path, and what `write` adds. */
export function request(
  xid: number,
  type: number,
  path: string,
  write: (archive: OutputArchive) => void = () => undefined,
): Uint8Array<ArrayBuffer> {
  return framesBytes((archive) => {
    archive.int(xid);
    archive.int(type);
    archive.string(path);
    write(archive);
  });
}

/** Encodes a create with an open ACL; its data is so many times an x. */
export function create(
  xid: number,
  path: string,
  flags = 0,
  dataBytes = 1,
): Uint8Array<ArrayBuffer> {
  return request(xid, OpCode.create, path, (archive) => {
    archive.buffer(new Uint8Array(dataBytes).fill(120));
    archive.vector([31], (into, perms) => {
      into.int(perms);
      into.string("world");
      into.string("anyone");
    });
    archive.int(flags);
  });
}

/** Encodes a read with its watch flag. */
export function read(
  xid: number,
  type: number,
  path: string,
  watch: boolean,
): Uint8Array<ArrayBuffer> {
  return request(xid, type, path, (archive) => archive.bool(watch));
}

/** A native client on a WebSocket of the shard, as a pump or a program that needs none would be. */
export class NativeClient {
  readonly socket: WebSocket;
  /** Binary messages, as they came. */
  messages = 0;
  readonly frames: NativeFrame[] = [];
  /** The answer to the handshake, once it is there. */
  connected: { readonly timeoutMs: number; readonly session: NativeSession } | undefined;
  pongs = 0;
  isAcknowledging = true;
  /** The last text that asks how much was read, while it is not answered. */
  #asked: string | undefined;
  close: { readonly code: number; readonly reason: string } | undefined;

  static async open(shard: ShardUnderTest, identity: Identity = ADMIN): Promise<NativeClient> {
    const headers = {
      Upgrade: "websocket",
      "Sec-WebSocket-Protocol": "zookeeper",
      [IDENTITY_HEADER]: JSON.stringify(identity),
    };
    const response = await shard.api.fetch(new Request("https://shard/ws", { headers }));
    const isNative = response.headers.get("Sec-WebSocket-Protocol") === "zookeeper";
    if (response.webSocket === null || !isNative) throw new Error(`refused: ${response.status}`);
    return new NativeClient(response.webSocket);
  }

  /** Opens a client and goes through the handshake. */
  static async connect(shard: ShardUnderTest, handshake: Handshake = {}): Promise<NativeClient> {
    const client = await NativeClient.open(shard);
    client.shake(handshake);
    await eventually(() => client.session);
    return client;
  }

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    socket.accept();
    socket.addEventListener("message", ({ data }) => this.#onMessage(data as string | ArrayBuffer));
    socket.addEventListener("close", ({ code, reason }) => {
      this.close = { code, reason };
    });
  }

  get session(): NativeSession {
    if (this.connected === undefined) throw new Error("no session");
    return this.connected.session;
  }

  /** Sends a handshake. */
  shake({ timeoutMs = 10_000, session, lastZxidSeen = 0 }: Handshake = {}): void {
    const { id, password } = session ?? { id: 0, password: new Uint8Array(16) };
    const handshake = framesBytes((archive) => {
      archive.int(0);
      archive.long(lastZxidSeen);
      archive.int(timeoutMs);
      archive.long(id);
      archive.buffer(password);
      archive.bool(false);
    });
    this.socket.send(handshake);
  }

  /** Sends a request and awaits the frame with its xid. */
  async ask(bytes: Uint8Array<ArrayBuffer>): Promise<NativeFrame> {
    const xid = new DataView(bytes.buffer).getInt32(4);
    this.socket.send(bytes);
    return eventually(() => {
      const frame = this.frames.find((one) => one.xid === xid);
      if (frame === undefined) throw new Error(`no answer to ${xid} yet`);
      return frame;
    });
  }

  /** Sends a heartbeat as a pump does; resolves when the runtime has answered it. */
  async ping(): Promise<void> {
    const before = this.pongs;
    this.socket.send("ping");
    await eventually(() => {
      if (this.pongs === before) throw new Error("no pong yet");
    });
  }

  /** Says that everything was read, and goes on saying so. */
  acknowledge(): void {
    this.isAcknowledging = true;
    if (this.#asked !== undefined) this.socket.send(this.#asked);
    this.#asked = undefined;
  }

  /** xid, zxid and code of every frame so far. */
  get headers(): number[][] {
    return this.frames.map(({ xid, zxid, code }) => [xid, zxid, code]);
  }

  /** Type and path of every event so far. */
  get events(): (readonly [number, string | null])[] {
    return this.frames
      .filter(({ xid }) => xid === Xid.notification)
      .map(({ body }) => {
        const type = body.int();
        body.int();
        return [type, body.string()] as const;
      });
  }

  #onMessage(data: string | ArrayBuffer): void {
    if (data === "pong") this.pongs += 1;
    else if (typeof data === "string") {
      this.#asked = data;
      if (this.isAcknowledging) this.acknowledge();
    } else {
      this.messages += 1;
      for (const frame of framesOf(new Uint8Array(data))) this.#onFrame(frame);
    }
  }

  #onFrame(frame: Uint8Array): void {
    const archive = new InputArchive(frame);
    if (this.connected === undefined) {
      archive.int();
      const timeoutMs = archive.int();
      const id = archive.long();
      const password = archive.buffer() ?? new Uint8Array(0);
      this.connected = { timeoutMs, session: { id, password } };
      return;
    }
    const [xid, zxid, code] = [archive.int(), archive.long(), archive.int()];
    this.frames.push({ xid, zxid, code, body: archive });
  }
}
