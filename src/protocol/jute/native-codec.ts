import type { Reply, WatchedEvent } from "../../core/request.ts";
import { type ConnectedSession, NATIVE_TIMEOUT_BOUNDS } from "../../core/session.ts";
import type { Answer, ClientInput, ConnectionCodec } from "../connection-codec.ts";
import type { ConnectRequest } from "./connect.ts";
import { NativeConnection, type NativeInput } from "./native-connection.ts";

/** The subprotocol of ZooKeeper's own bytes in binary messages. */
export const NATIVE_SUBPROTOCOL = "zookeeper";

/** A connection that speaks ZooKeeper's protocol, its bytes cut into messages anywhere. */
export class NativeCodec implements ConnectionCodec {
  readonly subprotocol: string = NATIVE_SUBPROTOCOL;
  readonly isPaced: boolean = true;
  readonly #native: NativeConnection;

  /** @param hasSession - whether the handshake was made, before the shard slept. */
  constructor(hasSession: boolean) {
    this.#native = new NativeConnection(hasSession);
  }

  get isCut(): boolean {
    return !this.#native.isAtBoundary || this.#native.outstandingRequests > 0;
  }

  get length(): number {
    return this.#native.bytesToTake;
  }

  receive(message: string | ArrayBuffer): ClientInput[] {
    if (typeof message === "string") {
      return [{ type: "close", reason: "expected frames in a binary message, saw a text" }];
    }
    return this.#native.push(new Uint8Array(message)).map(inputOf);
  }

  reply({ xid, zxid, outcome }: Answer<Reply>): string | undefined {
    return this.#native.reply(xid, zxid, outcome);
  }

  connected({ outcome }: Answer<ConnectedSession>): void {
    this.#native.connected(outcome);
  }

  event(event: WatchedEvent): undefined {
    this.#native.event(event);
  }

  take(): Uint8Array<ArrayBuffer> {
    return this.#native.take();
  }
}

function inputOf(input: NativeInput): ClientInput {
  return input.type === "connect"
    ? { type: "connect", xid: 0, ask: askOf(input.handshake) }
    : input;
}

function askOf(handshake: ConnectRequest) {
  const { sessionId: id, password, timeoutMs, lastZxidSeen, canBeReadOnly } = handshake;
  const resume = id === 0 ? {} : { resume: { id, password } };
  const readOnly = canBeReadOnly ? { canBeReadOnly } : {};
  return { timeoutMs, bounds: NATIVE_TIMEOUT_BOUNDS, lastZxidSeen, ...resume, ...readOnly };
}
