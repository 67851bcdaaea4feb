import { Code } from "../core/keeper-error.ts";
import { Fifo } from "../core/fifo.ts";
import type { AuthRequest, SetWatchesRequest } from "../core/request.ts";
import type { Zxid } from "../core/zxid.ts";
import {
  decodeHandshakeAnswer,
  encodeHandshake,
  type Handshake,
  type HandshakeAnswer,
} from "../protocol/jute/client-handshake.ts";
import {
  decodeEvent,
  decodeReply,
  decodeReplyFrame,
  type NativeEvent,
  type NativeReply,
  type ReplyFrame,
} from "../protocol/jute/decode-reply.ts";
import {
  ClientXid,
  encodeAuth,
  encodeRequest,
  encodeSetWatches,
  type NativeRequest,
} from "../protocol/jute/encode-request.ts";
import { FrameJoiner, framesOf, PREFIX_BYTES } from "../protocol/jute/frame.ts";
import { Xid } from "../protocol/jute/op-code.ts";
import { OutputArchive } from "../protocol/jute/output-archive.ts";
import type { Dial, Transport } from "./transport.ts";

/** The answer to a request: a reply, or the code of its failure. */
export interface Answer {
  readonly zxid: Zxid;
  /** 0 = OK. */
  readonly code: number;
  /** There if, and only if, the code is OK. */
  readonly reply: NativeReply | undefined;
  /** Why it failed, where no server says so; of all requests that one accident met. */
  readonly cause?: Error;
}

/** A request on its way. */
export interface Sent {
  readonly request: NativeRequest;
  readonly settle: (answer: Answer) => void;
}

/** Where a {@link Connection} leads. */
export interface ConnectionTarget {
  readonly dial: Dial;
  readonly server: string;
  /** A server ends the connection for a request with more. */
  readonly requestBytesMax: number;
}

/** Who hears of a {@link Connection}. */
export interface ConnectionListener {
  /** The way is open: say {@link Connection.shake} now. */
  opened(): void;
  shaken(answer: HandshakeAnswer): void;
  /** Before the answer to any request that shows its change. */
  event(event: NativeEvent, zxid: Zxid): void;
  authAnswered(code: number): void;
  pong(): void;
  /** It is over; `lost` were sent and not answered, in order. With a `refusal` for good. */
  closed(reason: string, lost: readonly Sent[], refusal: Code | undefined): void;
}

/** Bytes of a frame from a server; replies may be far larger than requests. */
const REPLY_BYTES_MAX = 64 * 1_048_576;
const XID_MAX = 0x7fff_ffff;

/**
 * One connection to one server: numbers requests, matches answers, joins frames.
 *
 * Whatever is asked for in one turn leaves in one piece. Answers come in the order of the
 * requests; a server that breaks it is disconnected.
 *
 * Source: ZooKeeper `ClientCnxn.SendThread`.
 */
export class Connection {
  readonly #transport: Transport;
  readonly #listener: ConnectionListener;
  readonly #requestBytesMax: number;
  readonly #frames = new FrameJoiner(REPLY_BYTES_MAX);
  readonly #archive = new OutputArchive();
  readonly #sent = new Fifo<Sent & { readonly xid: number }>();
  #xid = 0;
  #stage: "shaking" | "open" | "closed" = "shaking";
  #willFlush = false;

  constructor({ dial, server, requestBytesMax }: ConnectionTarget, listener: ConnectionListener) {
    this.#listener = listener;
    this.#requestBytesMax = requestBytesMax;
    this.#transport = dial(server, {
      opened: () => listener.opened(),
      received: (bytes) => this.#receive(bytes),
      pong: () => listener.pong(),
      closed: (reason, refusal) => this.#end(reason, refusal),
    });
  }

  /** Requests sent and not answered. */
  get outstanding(): number {
    return this.#sent.length;
  }

  shake(handshake: Handshake): void {
    encodeHandshake(this.#archive, handshake);
    this.#flushSoon();
  }

  /** A request that is too long is not sent, and fails at once with BADARGUMENTS. */
  ask(sent: Sent): void {
    this.#xid = this.#xid === XID_MAX ? 1 : this.#xid + 1;
    const start = this.#archive.length;
    encodeRequest(this.#archive, this.#xid, sent.request);
    const bytes = this.#archive.length - start - PREFIX_BYTES;
    if (bytes > this.#requestBytesMax) {
      this.#archive.cut(start);
      const reason = `expected a request of at most ${this.#requestBytesMax} bytes, saw ${bytes}`;
      const cause = new Error(reason);
      sent.settle({ zxid: 0, code: Code.BADARGUMENTS, reply: undefined, cause });
      return;
    }
    this.#sent.push({ ...sent, xid: this.#xid });
    this.#flushSoon();
  }

  authenticate(request: AuthRequest): void {
    encodeAuth(this.#archive, request);
    this.#flushSoon();
  }

  /** Registers watches again. Its answer is not waited for: it comes in order. */
  setWatches(request: SetWatchesRequest): void {
    encodeSetWatches(this.#archive, request);
    this.#flushSoon();
  }

  ping(): void {
    if (this.#stage === "open") this.#transport.ping();
  }

  /** Closes; the listener hears of it as of any other end. */
  close(reason: string): void {
    this.#flush();
    this.#transport.close();
    this.#end(reason);
  }

  #flushSoon(): void {
    if (this.#willFlush) return;
    this.#willFlush = true;
    queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    this.#willFlush = false;
    if (this.#stage !== "closed" && this.#archive.length > 0) {
      this.#transport.send(this.#archive.take());
    }
  }

  #end(reason: string, refusal?: Code): void {
    if (this.#stage === "closed") return;
    this.#stage = "closed";
    this.#listener.closed(reason, [...this.#sent.items()], refusal);
  }

  #receive(bytes: Uint8Array): void {
    const { frames, faultyLength } = this.#frames.push(bytes);
    for (const frame of framesOf(frames)) {
      if (this.#stage === "closed") return;
      const fault = this.#stage === "shaking" ? this.#takeHandshake(frame) : this.#take(frame);
      if (fault !== undefined) {
        this.close(fault);
        return;
      }
    }
    if (faultyLength === undefined) return;
    this.close(
      `expected a frame of 0 to ${REPLY_BYTES_MAX} bytes, saw a length of ${faultyLength}`,
    );
  }

  /** @returns what is wrong with the frame. */
  #takeHandshake(frame: Uint8Array): string | undefined {
    const answer = decodeHandshakeAnswer(frame);
    if (answer === undefined) return "expected the answer to a handshake, saw another frame";
    this.#stage = "open";
    this.#listener.shaken(answer);
    return undefined;
  }

  #take(bytes: Uint8Array): string | undefined {
    const frame = decodeReplyFrame(bytes);
    if (frame === undefined) return `expected a header of 16 bytes, saw ${bytes.length}`;
    switch (frame.xid) {
      case Xid.notification:
        return this.#takeEvent(frame);
      case ClientXid.ping:
        this.#listener.pong();
        return undefined;
      case ClientXid.auth:
        this.#listener.authAnswered(frame.code);
        return undefined;
      case ClientXid.setWatches:
        return undefined;
      default:
        return this.#takeReply(frame);
    }
  }

  #takeEvent({ body, zxid }: ReplyFrame): string | undefined {
    const event = decodeEvent(body);
    if (event === undefined) return "expected an event, saw other bytes";
    this.#listener.event(event, zxid);
    return undefined;
  }

  #takeReply({ xid, zxid, code, body }: ReplyFrame): string | undefined {
    const oldest = this.#sent.peek();
    if (oldest?.xid !== xid) {
      return `expected the answer to request ${oldest?.xid ?? "none"}, saw the one to ${xid}`;
    }
    const reply = code === Code.OK ? decodeReply(body, oldest.request) : undefined;
    if (code === Code.OK && reply === undefined) {
      return `expected the answer to ${oldest.request.op}, saw other bytes`;
    }
    this.#sent.shift();
    oldest.settle({ zxid, code, reply });
    return undefined;
  }
}
