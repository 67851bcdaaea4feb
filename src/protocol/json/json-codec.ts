import type { Limits } from "../../core/limits.ts";
import type { Reply, WatchedEvent } from "../../core/request.ts";
import { JSON_TIMEOUT_BOUNDS, type Session } from "../../core/session.ts";
import type { Answer, ClientInput, ConnectionCodec } from "../connection-codec.ts";
import { decodeMessage } from "./decode-message.ts";
import { encodeConnected, encodeEvent, encodeReply, joinMessages } from "./encode.ts";
import type { DecodedMessage } from "./messages.ts";

/** The subprotocol of the JSON messages. */
export const JSON_SUBPROTOCOL = "edgekeeper.json";

/** A connection that speaks JSON: every message is a whole, so there is nothing to remember. */
export class JsonCodec implements ConnectionCodec {
  readonly subprotocol: string = JSON_SUBPROTOCOL;
  readonly isPaced: boolean = false;
  readonly isCut: boolean = false;
  readonly #limits: Limits;
  #parts: string[] = [];
  #length = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  get length(): number {
    return this.#length;
  }

  receive(message: string | ArrayBuffer): ClientInput[] {
    return decodeMessage(message, this.#limits).map((decoded) => this.#inputOf(decoded));
  }

  reply({ xid, zxid, outcome, isReplayed }: Answer<Reply> & { isReplayed: boolean }): undefined {
    this.#push(encodeReply(xid, zxid, outcome, isReplayed));
  }

  connected({ xid, zxid, outcome }: Answer<Session>): void {
    this.#push(encodeConnected(xid, zxid, outcome));
  }

  event(event: WatchedEvent): undefined {
    this.#push(encodeEvent(event));
  }

  take(): string {
    const message = joinMessages(this.#parts);
    this.#parts = [];
    this.#length = 0;
    return message;
  }

  #inputOf(decoded: DecodedMessage): ClientInput {
    const { kind, xid } = decoded;
    if (kind === "request") {
      const { request, options = {} } = decoded;
      return { type: "request", xid, request, options };
    }
    if (kind === "invalid") {
      const { failure } = decoded;
      const answer = (): void => this.#push(encodeReply(xid, undefined, failure, false));
      return { type: "own", answer };
    }
    const { ask } = decoded;
    if (ask !== undefined) {
      return { type: "connect", xid, ask: { ...ask, bounds: JSON_TIMEOUT_BOUNDS } };
    }
    // A connection without a session.
    const answer = (zxid: number): void => this.#push(encodeConnected(xid, zxid, undefined));
    return { type: "own", answer };
  }

  #push(part: string): void {
    this.#parts.push(part);
    this.#length += part.length;
  }
}
