import { connect, type Socket } from "node:net";
import type { Server } from "./servers.ts";
import { frame, Reader, Writer } from "./wire.ts";

/** How long a server may be silent before a waiting test gives up on it. */
const SILENCE_MS = 15_000;

/** What a client sends first. */
export interface Handshake {
  readonly lastZxidSeen: bigint;
  readonly timeoutMs: number;
  readonly sessionId: bigint;
  readonly password: Buffer;
  /** The last byte, which old clients don't send. */
  readonly readOnly?: boolean;
}

/** What the server answers to a {@link Handshake}. */
export interface HandshakeReply {
  readonly protocolVersion: number;
  readonly timeoutMs: number;
  readonly sessionId: bigint;
  readonly password: Buffer;
  /** Bytes behind the password: the readOnly byte, if any. */
  readonly rest: Buffer;
}

/** A handshake for a new session. */
export function newSession(timeoutMs: number): Handshake {
  const password = Buffer.alloc(16);
  return { lastZxidSeen: 0n, timeoutMs, sessionId: 0n, password, readOnly: false };
}

/** The payload of a handshake's frame. */
export function encodeHandshake(handshake: Handshake): Buffer {
  const writer = new Writer()
    .int(0)
    .long(handshake.lastZxidSeen)
    .int(handshake.timeoutMs)
    .long(handshake.sessionId)
    .bytes(handshake.password);
  if (handshake.readOnly !== undefined) writer.bool(handshake.readOnly);
  return writer.toBuffer();
}

/** Reads the payload of the frame that answers a handshake. */
export function decodeHandshakeReply(payload: Buffer): HandshakeReply {
  const reader = new Reader(payload);
  return {
    protocolVersion: reader.int(),
    timeoutMs: reader.int(),
    sessionId: reader.long(),
    password: reader.bytes() ?? Buffer.alloc(0),
    rest: reader.rest(),
  };
}

/** A TCP connection that sends any bytes and splits what comes back into frames. */
export class Connection {
  readonly #socket: Socket;
  #chunks: Buffer[] = [];
  #isOver = false;
  #wake: () => void = () => undefined;

  static async open(server: Server): Promise<Connection> {
    const socket = connect({ host: server.host, port: server.port, noDelay: true });
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve).once("error", reject);
    });
    return new Connection(socket);
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#wake();
    });
    // A reset is a way to close; the close event follows.
    socket.on("error", () => undefined);
    for (const event of ["end", "close"]) {
      socket.on(event, () => {
        this.#isOver = true;
        this.#wake();
      });
    }
  }

  /** Sends bytes as they are. */
  send(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  /** Sends bytes, and waits until the kernel has taken all that was sent so far. */
  async sendOut(bytes: Buffer): Promise<void> {
    // One that the server closed meanwhile takes no more: that is for the caller to see.
    await new Promise<void>((resolve) => this.#socket.write(bytes, () => resolve()));
  }

  /** Sends a payload behind its length. */
  sendFrame(payload: Buffer): void {
    this.send(frame(payload));
  }

  /** Stops reading, as a client does that never looks at its answers. */
  pause(): void {
    this.#socket.pause();
  }

  /** Closes it, as a client does that has gone. */
  destroy(): void {
    this.#socket.destroy();
  }

  /**
   * The payload of the next frame; "closed" when the server closed the connection before one was
   * complete, "silent" when nothing came in time.
   */
  async next(silenceMs = SILENCE_MS): Promise<Buffer | "closed" | "silent"> {
    const endMs = Date.now() + silenceMs;
    for (;;) {
      const payload = this.#take();
      if (payload !== undefined) return payload;
      if (this.#isOver) return "closed";
      const restMs = endMs - Date.now();
      if (restMs <= 0 || !(await this.#something(restMs))) return "silent";
    }
  }

  /** Everything that came and was not taken as a frame, once the server has closed. */
  async untilClosed(silenceMs = SILENCE_MS): Promise<Buffer | "silent"> {
    const endMs = Date.now() + silenceMs;
    while (!this.#isOver) {
      const restMs = endMs - Date.now();
      if (restMs <= 0 || !(await this.#something(restMs))) return "silent";
    }
    const bytes = Buffer.concat(this.#chunks);
    this.#chunks = [];
    return bytes;
  }

  /** Waits until bytes or the end come: true, or false when nothing does. */
  #something(silenceMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), silenceMs);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = () => undefined;
        resolve(true);
      };
    });
  }

  #take(): Buffer | undefined {
    let bytes = this.#chunks[0];
    if (bytes === undefined) return undefined;
    let length = bytes.length >= 4 ? bytes.readInt32BE(0) : undefined;
    if (this.#chunks.length > 1 && (length === undefined || bytes.length < 4 + length)) {
      bytes = Buffer.concat(this.#chunks);
      this.#chunks = [bytes];
      length = bytes.length >= 4 ? bytes.readInt32BE(0) : undefined;
    }
    if (length === undefined || bytes.length < 4 + length) return undefined;
    const rest = bytes.subarray(4 + length);
    if (rest.length > 0) this.#chunks[0] = rest;
    else this.#chunks.shift();
    return bytes.subarray(4, 4 + length);
  }
}
