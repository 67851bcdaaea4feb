import { Code } from "../core/keeper-error.ts";
import type { Limits } from "../core/limits.ts";
import { cutReason } from "../protocol/close-reason.ts";
import type { ConnectionCodec } from "../protocol/connection-codec.ts";
import { closeCodeOf } from "../protocol/json/encode.ts";
import { Outbound } from "../protocol/outbound.ts";
import type {
  ConnectedEffect,
  ClientConnection,
  EventEffect,
  ReplyEffect,
} from "../server/client-connection.ts";
import type { ConnectionId } from "../server/input.ts";

/** What a connection needs from its shard. */
export interface SocketPorts {
  readonly limits: Limits;
  /** Keeps the connection's state with its socket. */
  readonly save: (connection: SocketConnection) => void;
  /** Forgets that state: the shard closed the connection, its socket may linger. */
  readonly forget: (connection: SocketConnection) => void;
}

/** A client on a hibernating WebSocket, whatever it speaks. */
export class SocketConnection implements ClientConnection {
  readonly id: ConnectionId;
  readonly socket: WebSocket;
  readonly codec: ConnectionCodec;
  readonly #ports: SocketPorts;
  readonly #outbound: Outbound;
  #isChanged = false;
  #isDone = false;

  constructor(id: ConnectionId, socket: WebSocket, codec: ConnectionCodec, ports: SocketPorts) {
    this.id = id;
    this.socket = socket;
    this.codec = codec;
    this.#ports = ports;
    this.#outbound = new Outbound(codec, ports.limits);
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  reply(effect: ReplyEffect): void {
    // What comes behind an answer that closed the connection goes nowhere.
    if (this.#isDone) return;
    const reason = this.codec.reply(effect);
    if (this.#outbound.isLong) this.#send();
    if (reason !== undefined) this.close(Code.UNIMPLEMENTED, reason);
  }

  connected(effect: ConnectedEffect): void {
    if (!this.#isDone) this.codec.connected(effect);
  }

  event({ event }: EventEffect): void {
    if (this.#isDone) return;
    this.codec.event(event);
    if (this.#outbound.isLong) this.#send();
  }

  changed(): void {
    this.#isChanged = true;
  }

  acknowledged(size: number): void {
    this.#outbound.acknowledged(size);
  }

  flush(): void {
    if (this.#isDone) return;
    const overflow = this.#outbound.overflow();
    if (overflow !== undefined) return this.close(Code.THROTTLEDOP, overflow);
    this.#send();
    if (!this.#isChanged) return;
    this.#isChanged = false;
    this.#ports.save(this);
  }

  close(code: Code, reason: string): void {
    if (this.#isDone) return;
    this.#send();
    this.#isDone = true;
    this.#ports.forget(this);
    this.socket.close(closeCodeOf(code), cutReason(reason));
  }

  /** The transport is gone: what is still queued has nowhere to go. */
  gone(): void {
    this.#isDone = true;
  }

  #send(): void {
    for (const message of this.#outbound.take()) this.socket.send(message);
  }
}
