import { connect, type Socket } from "node:net";
import { CLOSE_SESSION, CONNECT, type RequestFrame, writeNumber, XID_AT } from "./native-frames.ts";

/** What a connection asks for, and for how long. */
export interface Load {
  readonly frame: RequestFrame;
  /** Requests in flight. */
  readonly outstanding: number;
  /** The number in the path of the request that is sent as the `index`-th. */
  readonly numberOf: (index: number) => number;
  /** How many requests are sent at most. */
  readonly requestsMax?: number;
  /** Nothing more is sent from then on, `performance.now()`. */
  readonly endAt: number;
  /** Called for each answer, with when its request was written and when it was read. */
  readonly onAnswer: (sentAt: number, answeredAt: number) => void;
}

const LENGTH_BYTES = 4;
const READ_BYTES = 262_144;

/**
 * One connection that keeps requests in flight: what was answered together is asked for again
 * together, in one write, from a buffer in which every request in flight has its slot.
 */
export class NativeClient {
  readonly #socket: Socket;
  #onReply: (err: number, xid: number, at: number) => void = () => undefined;
  #onBatch: () => void = () => undefined;
  #rest: Buffer = Buffer.alloc(0);
  #isJoined = false;
  #xid = 0;
  #reject: (error: Error) => void = () => undefined;

  private constructor(port: number, onJoined: () => void) {
    const buffer = Buffer.alloc(READ_BYTES);
    this.#socket = connect({
      host: "127.0.0.1",
      port,
      noDelay: true,
      onread: {
        buffer,
        callback: (length) => {
          this.#read(buffer.subarray(0, length), onJoined);
          return true;
        },
      },
    });
    this.#socket.on("error", (error) => this.#reject(error));
    this.#socket.on("close", () => this.#reject(new Error("the server closed the connection")));
  }

  /** Connects and opens a session. */
  static open(port: number): Promise<NativeClient> {
    return new Promise((resolve, reject) => {
      const client: NativeClient = new NativeClient(port, () => resolve(client));
      client.#reject = reject;
      client.#socket.write(CONNECT);
    });
  }

  /** Sends a load; resolves when everything that was sent is answered. */
  run({ frame, outstanding, numberOf, requestsMax = Infinity, endAt, onAnswer }: Load) {
    const { bytes, numberAt } = frame;
    const slots = Buffer.concat(Array.from({ length: outstanding }, () => bytes));
    const sentAt = new Float64Array(outstanding);
    const firstXid = this.#xid + 1;
    let sent = 0;
    let answered = 0;
    const send = (count: number): void => {
      const now = performance.now();
      const from = sent % outstanding;
      for (let index = 0; index < count; index += 1) {
        const slot = sent % outstanding;
        const start = slot * bytes.length;
        slots.writeInt32BE(firstXid + sent, start + XID_AT);
        if (numberAt !== undefined) writeNumber(slots, start + numberAt, numberOf(sent));
        sentAt[slot] = now;
        sent += 1;
      }
      const end = Math.min(from + count, outstanding);
      this.#socket.cork();
      this.#socket.write(slots.subarray(from * bytes.length, end * bytes.length));
      const wrapped = from + count - end;
      if (wrapped > 0) this.#socket.write(slots.subarray(0, wrapped * bytes.length));
      this.#socket.uncork();
    };
    return new Promise<void>((resolve, reject) => {
      this.#reject = reject;
      this.#onReply = (err, xid, at) => {
        if (err !== 0 || xid !== firstXid + answered) {
          reject(new Error(`expected ${firstXid + answered}, saw ${xid} with error ${err}`));
        }
        onAnswer(sentAt[answered % outstanding] ?? 0, at);
        answered += 1;
      };
      this.#onBatch = () => {
        const isOver = performance.now() >= endAt;
        const count = Math.min(outstanding - (sent - answered), isOver ? 0 : requestsMax - sent);
        if (count > 0) send(count);
        if (answered < sent) return;
        this.#xid += sent;
        resolve();
      };
      send(Math.min(outstanding, requestsMax));
    });
  }

  /** Closes the session, and with it the connection. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#reject = () => resolve();
      this.#onReply = () => undefined;
      this.#onBatch = () => undefined;
      this.#socket.write(CLOSE_SESSION);
    });
  }

  #read(piece: Buffer, onJoined: () => void): void {
    const bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    const now = performance.now();
    let at = 0;
    while (bytes.length - at >= LENGTH_BYTES) {
      const end = at + LENGTH_BYTES + bytes.readInt32BE(at);
      if (end > bytes.length) break;
      if (this.#isJoined) this.#onReply(bytes.readInt32BE(at + 16), bytes.readInt32BE(at + 4), now);
      else onJoined();
      this.#isJoined = true;
      at = end;
    }
    this.#rest = at === bytes.length ? Buffer.alloc(0) : Buffer.from(bytes.subarray(at));
    this.#onBatch();
  }
}
