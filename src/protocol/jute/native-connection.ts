import { assert } from "../../core/assert.ts";
import type { Outcome } from "../../core/keeper-error.ts";
import type { Reply, Request, WatchedEvent } from "../../core/request.ts";
import type { ConnectedSession } from "../../core/session.ts";
import type { Zxid } from "../../core/zxid.ts";
import { Fifo } from "../../core/fifo.ts";
import { type ConnectRequest, decodeConnectRequest, encodeConnectResponse } from "./connect.ts";
import { decodeRequest } from "./decode-request.ts";
import { type DecodedFrame, fatal } from "./decoded-frame.ts";
import { encodeEvent, encodeReply } from "./encode-reply.ts";
import { FRAME_BYTES_MAX, FrameJoiner, framesOf } from "./frame.ts";
import { OutputArchive } from "./output-archive.ts";

/** What the bytes of a client mean to the server, in this order. */
export type NativeInput =
  | { readonly type: "connect"; readonly handshake: ConnectRequest }
  | { readonly type: "request"; readonly xid: number; readonly request: Request }
  /** Nothing was asked and nothing will be answered: close. */
  | { readonly type: "close"; readonly reason: string };

/**
 * One native connection at the server's side: bytes in, requests out; outcomes in, bytes out.
 *
 * Knows what was asked and not answered, because an answer's shape depends on it. Answers come in
 * the order of requests. Between two messages of an idle client there is nothing here but whether
 * the handshake was made, so that a hibernating shard can leave it out and make it anew.
 */
export class NativeConnection {
  readonly #frames = new FrameJoiner(FRAME_BYTES_MAX);
  readonly #archive = new OutputArchive();
  readonly #asked = new Fifo<DecodedFrame>();
  #handshake: ConnectRequest | undefined;
  /** `shaking` until the first frame; `deaf` once nothing more is read. */
  #stage: "shaking" | "open" | "deaf";

  /** @param isJoined - whether the handshake was made, before the shard slept. */
  constructor(isJoined: boolean) {
    this.#stage = isJoined ? "open" : "shaking";
  }

  /** Requests without an answer yet. */
  get outstandingRequests(): number {
    return this.#asked.length;
  }

  /** Whether the client is in the middle of a frame, which would not survive a sleep. */
  get isAtBoundary(): boolean {
    return this.#frames.isAtBoundary;
  }

  /** Bytes that {@link take} would return. */
  get bytesToTake(): number {
    return this.#archive.length;
  }

  /** Takes in bytes of the client, cut anywhere. */
  push(bytes: Uint8Array): NativeInput[] {
    const inputs: NativeInput[] = [];
    if (this.#stage === "deaf") return inputs;
    const { frames, faultyLength } = this.#frames.push(bytes);
    for (const frame of framesOf(frames)) {
      inputs.push(this.#stage === "shaking" ? this.#shake(frame) : this.#ask(decodeRequest(frame)));
      if (this.#isDeaf()) return inputs;
    }
    if (faultyLength === undefined) return inputs;
    const reason = `expected a frame of 0 to ${FRAME_BYTES_MAX} bytes, saw a length of ${faultyLength}`;
    inputs.push(this.#stage === "shaking" ? this.#refuse(reason) : this.#ask(fatal(reason)));
    return inputs;
  }

  /** Answers the handshake. */
  connected(outcome: Outcome<ConnectedSession>): void {
    assert(this.#handshake !== undefined, "connected without a handshake");
    encodeConnectResponse(this.#archive, this.#handshake, outcome);
    this.#handshake = undefined;
  }

  /**
   * Answers the oldest request.
   *
   * @returns why the connection is closed behind this answer; undefined if it is not.
   */
  reply(xid: number, zxid: Zxid, outcome: Outcome<Reply>): string | undefined {
    const asked = this.#asked.shift();
    assert(
      asked?.xid === xid,
      () => `an answer to ${xid}, but the oldest request is ${asked?.xid}`,
    );
    encodeReply(this.#archive, asked, zxid, outcome);
    if (asked.kind === "fatal") return asked.reason;
    return asked.kind === "unimplemented" ? "the operation is not one for clients" : undefined;
  }

  event(event: WatchedEvent): void {
    encodeEvent(this.#archive, event);
  }

  /** Returns all that was encoded since the last call, to be sent as one message. */
  take(): Uint8Array<ArrayBuffer> {
    return this.#archive.take();
  }

  #isDeaf(): boolean {
    return this.#stage === "deaf";
  }

  #shake(frame: Uint8Array): NativeInput {
    const handshake = decodeConnectRequest(frame);
    if (handshake === undefined) return this.#refuse("expected a handshake, saw another frame");
    this.#stage = "open";
    this.#handshake = handshake;
    return { type: "connect", handshake };
  }

  #refuse(reason: string): NativeInput {
    this.#stage = "deaf";
    return { type: "close", reason };
  }

  /** What closes the connection is the last that is read of it [JU25]. */
  #ask(decoded: DecodedFrame): NativeInput {
    if (decoded.kind === "fatal" || decoded.kind === "unimplemented") this.#stage = "deaf";
    this.#asked.push(decoded);
    return { type: "request", xid: decoded.xid, request: decoded.request };
  }
}
