import { LIMITS } from "../core/limits.ts";
import type { Zxid } from "../core/zxid.ts";
import { parseAck, PING, PONG } from "./flow-control.ts";
import { type FourLetterWord, findFourLetterWord } from "./four-letter-word.ts";
import { FRAME_BYTES_MAX, FrameJoiner, intAt, PREFIX_BYTES } from "./jute/frame.ts";
import { OpCode, Xid } from "./jute/op-code.ts";
import { OutputArchive } from "./jute/output-archive.ts";
import { PumpCredit } from "./pump-credit.ts";
import { type FrameStart, PumpReplies } from "./pump-replies.ts";

/** How long a client may take from being accepted to its session. Source: `NIOServerCnxnFactory`. */
export const HANDSHAKE_MS = 10_000;

/** A handshake is 44 or 45 bytes; whoever has no session yet gets no room for more [PU9]. */
export const HANDSHAKE_BYTES_MAX = 1_024;

/** Frames for the shard are sent together up to here, so that no message is too long to receive. */
const MESSAGE_BYTES_MAX = 4_194_304;

/** What the owner of the sockets does, in this order. Bytes are views: send or copy them at once. */
export type PumpAction =
  /** Send a message to the shard: bytes, or a text. The first one opens the WebSocket. */
  | { readonly type: "toShard"; readonly message: Uint8Array | string }
  /** Write bytes to the client, and report them by {@link Pump.written} once they are out. */
  | { readonly type: "toClient"; readonly bytes: Uint8Array }
  /** The connection is no client's: answer the word and close it. Nothing more comes from here. */
  | { readonly type: "command"; readonly word: FourLetterWord }
  /** Close both sides, the client's behind all that was written to it. Nothing more comes. */
  | { readonly type: "close"; readonly reason: string };

/**
 * The native pump: between a client's TCP and the WebSocket of its shard, bytes for bytes.
 *
 *     client ── frames ──► whole frames, many to a message ──► shard
 *            ◄─ frames ─── as they come ◄──────────────────────
 *            ── native ping ──► text `ping`          (the shard sleeps on)
 *            ◄─ ping reply ──── text `pong`
 *
 * No sockets and no timers: what happened comes in with the time, what to do goes out. One pump
 * serves one connection. Before each read of the client its owner asks {@link wantsPause}, and
 * calls {@link tick} at {@link deadlineMs}.
 *
 * Bodies are not looked at. Only whole frames reach the shard, so that it can sleep between any two
 * messages. A heartbeat is only sent when the client is heard, never by a timer: otherwise the pump
 * would keep a client alive that is gone [PU4].
 */
export class Pump {
  readonly #frames = new FrameJoiner(FRAME_BYTES_MAX, HANDSHAKE_BYTES_MAX);
  readonly #replies = new PumpReplies();
  readonly #credit = new PumpCredit();
  readonly #acks: { readonly text: string; readonly at: number }[] = [];
  /** For each `ping` under way: whether the client waits for its reply, or we sent it ourselves. */
  readonly #pings: boolean[] = [];
  #actions: PumpAction[] = [];
  /** `opening` up to the handshake, `joining` up to its answer; `open` from the session on. */
  #stage: "opening" | "joining" | "open" | "done" = "opening";
  #deadlineMs: number | undefined;
  #timeoutMs = 0;
  #heartbeatMs = 0;
  #lastZxid: Zxid = 0;
  /** Replies to pings that wait for the end of a frame. */
  #heldPingReplies = 0;
  #sentBytes = 0;
  #writtenBytes = 0;

  constructor(nowMs: number) {
    this.#deadlineMs = nowMs + HANDSHAKE_MS;
  }

  /** Whether the client must not be read now: the shard has enough to answer [PU6]. */
  get wantsPause(): boolean {
    return this.#credit.isUsedUp;
  }

  /** When {@link tick} is wanted, ms since 1970; undefined once there is a session. */
  get deadlineMs(): number | undefined {
    return this.#deadlineMs;
  }

  /** Bytes came from the client, in a piece of any size. */
  fromClient(piece: Uint8Array, nowMs: number): PumpAction[] {
    if (this.#stage === "done") return [];
    const { frames, faultyLength } = this.#frames.push(piece);
    const isHeard = this.#forward(frames, nowMs);
    if (faultyLength !== undefined) this.#stopAt(faultyLength);
    else if (isHeard) this.#beat(nowMs);
    return this.#take();
  }

  /** A message came from the shard: bytes of frames, or a text. */
  fromShard(message: Uint8Array | string, nowMs: number): PumpAction[] {
    if (this.#stage === "done") return [];
    if (typeof message !== "string") this.#pass(message, nowMs);
    else if (message === PONG) this.#pong();
    else this.#ask(message);
    return this.#take();
  }

  /** So many more bytes of those for the client were written. */
  written(bytesCount: number): PumpAction[] {
    this.#writtenBytes += bytesCount;
    if (this.#stage === "done") return [];
    this.#acknowledge();
    return this.#take();
  }

  /** Time passed. */
  tick(nowMs: number): PumpAction[] {
    if (this.#stage === "done" || this.#deadlineMs === undefined) return [];
    if (nowMs >= this.#deadlineMs) {
      this.#close(`expected a session within ${HANDSHAKE_MS} ms, saw none`);
    }
    return this.#take();
  }

  /** The client closed its side, or is gone. */
  clientClosed(): PumpAction[] {
    return this.#closed("the client closed the connection");
  }

  /** The shard closed the WebSocket, or it broke. */
  shardClosed(): PumpAction[] {
    return this.#closed("the shard closed the connection");
  }

  #closed(reason: string): PumpAction[] {
    if (this.#stage === "done") return [];
    this.#close(reason);
    return this.#take();
  }

  /**
   * Sends whole frames on; pings become texts, what lies between them goes together.
   *
   * @returns whether they keep the session alive: authentication alone does not [SE30].
   */
  #forward(frames: Uint8Array, nowMs: number): boolean {
    let isHeard = frames.length === 0;
    let start = 0;
    let at = 0;
    while (at < frames.length) {
      const end = at + PREFIX_BYTES + intAt(frames, at);
      const op = this.#stage === "opening" ? undefined : opOf(frames, at, end);
      const isPing = op === OpCode.ping;
      isHeard ||= op !== OpCode.auth && op !== OpCode.sasl;
      if (isPing || end - start > MESSAGE_BYTES_MAX) {
        this.#send(frames.subarray(start, at));
        start = isPing ? end : at;
      }
      if (isPing) this.#ping(nowMs, true);
      else this.#credit.sent(end - at);
      if (this.#stage === "opening") this.#stage = "joining";
      at = end;
    }
    this.#send(frames.subarray(start));
    return isHeard;
  }

  #send(frames: Uint8Array): void {
    if (frames.length > 0) this.#actions.push({ type: "toShard", message: frames });
  }

  #ping(nowMs: number, isClients: boolean): void {
    this.#heartbeatMs = nowMs;
    this.#pings.push(isClients);
    this.#credit.pingSent();
    this.#actions.push({ type: "toShard", message: PING });
  }

  /** The client was heard: tells the shard, if that was not done for a third of the timeout. */
  #beat(nowMs: number): void {
    if (this.#stage !== "open" || this.#pings.length > 0) return;
    if (nowMs - this.#heartbeatMs >= this.#timeoutMs / 3) this.#ping(nowMs, false);
  }

  /** The client sent something that is no frame. */
  #stopAt(length: number): void {
    const word = this.#stage === "opening" ? findFourLetterWord(length) : undefined;
    if (word === undefined) {
      const max = this.#stage === "opening" ? HANDSHAKE_BYTES_MAX : FRAME_BYTES_MAX;
      this.#close(`expected a frame of 0 to ${max} bytes, saw a length of ${length}`);
      return;
    }
    this.#actions.push({ type: "command", word });
    this.#finish();
  }

  #pass(message: Uint8Array, nowMs: number): void {
    const { SEND_BUFFER_BYTES_MAX: max } = LIMITS;
    const unwritten = this.#sentBytes - this.#writtenBytes;
    if (unwritten > max) {
      this.#close(`expected at most ${max} unread bytes (SEND_BUFFER_BYTES_MAX), saw ${unwritten}`);
      return;
    }
    const isGood = this.#replies.push(message, (start) => {
      this.#sawReply(start, nowMs);
    });
    if (!isGood) {
      this.#close("expected frames from the shard, saw a negative length");
      return;
    }
    this.#write(message);
    this.#replyToPings();
  }

  #sawReply({ header }: FrameStart, nowMs: number): void {
    if (this.#stage !== "open") {
      this.#credit.answered();
      this.#joined(header.getInt32(4), nowMs);
      return;
    }
    if (header.getInt32(0) !== Xid.notification) this.#credit.answered();
    const zxid = header.getInt32(4) * 0x1_0000_0000 + header.getUint32(8);
    if (zxid > this.#lastZxid) this.#lastZxid = zxid;
  }

  /** The handshake was answered; a timeout of 0 says that the session is over. */
  #joined(timeoutMs: number, nowMs: number): void {
    if (timeoutMs <= 0) return;
    this.#stage = "open";
    this.#deadlineMs = undefined;
    this.#timeoutMs = timeoutMs;
    this.#heartbeatMs = nowMs;
  }

  #pong(): void {
    const isClients = this.#pings.shift();
    if (isClients === undefined) return;
    this.#credit.pingAnswered();
    if (!isClients) return;
    this.#heldPingReplies += 1;
    this.#replyToPings();
  }

  #replyToPings(): void {
    // A client that asks before it has its session is answered behind it.
    if (this.#heldPingReplies === 0 || this.#stage !== "open") return;
    if (!this.#replies.isAtBoundary) return;
    const archive = new OutputArchive();
    for (; this.#heldPingReplies > 0; this.#heldPingReplies -= 1) {
      archive.startFrame();
      archive.int(Xid.ping);
      archive.long(this.#lastZxid);
      archive.int(0);
      archive.endFrame();
    }
    this.#write(archive.take());
  }

  #write(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#sentBytes += bytes.length;
    this.#actions.push({ type: "toClient", bytes });
  }

  /** The shard asks how much was read; the answer is the same text, once the client took it. */
  #ask(text: string): void {
    if (parseAck(text) === undefined) return;
    this.#acks.push({ text, at: this.#sentBytes });
    this.#acknowledge();
  }

  #acknowledge(): void {
    for (;;) {
      const [first] = this.#acks;
      if (first === undefined || first.at > this.#writtenBytes) return;
      this.#acks.shift();
      this.#actions.push({ type: "toShard", message: first.text });
    }
  }

  #close(reason: string): void {
    this.#actions.push({ type: "close", reason });
    this.#finish();
  }

  #finish(): void {
    this.#stage = "done";
    this.#deadlineMs = undefined;
  }

  #take(): PumpAction[] {
    const actions = this.#actions;
    this.#actions = [];
    return actions;
  }
}

/** The operation of the frame between `at` and `end`; undefined if it is too short to have one. */
function opOf(frames: Uint8Array, at: number, end: number): number | undefined {
  return end - at >= PREFIX_BYTES + 8 ? intAt(frames, at + PREFIX_BYTES + 4) : undefined;
}
