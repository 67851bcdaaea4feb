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
  readonly #outbound: Outbound<ReplyEffect | EventEffect>;
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

  /** Bytes of answers that the client shall get before it acknowledges again. */
  get room(): number {
    return this.#outbound.room;
  }

  /** Whether a sleep would cost the client something: it is told then. */
  get isCut(): boolean {
    return this.codec.isCut || this.#outbound.hasHeld;
  }

  reply(effect: ReplyEffect): void {
    if (this.#outbound.isHolding) this.#outbound.hold(effect, 0);
    else this.#encode(effect);
  }

  connected(effect: ConnectedEffect): void {
    if (!this.#isDone) this.codec.connected(effect);
  }

  event(effect: EventEffect): void {
    if (this.#outbound.isHolding) this.#outbound.hold(effect, effect.event.path.length);
    else this.#encode(effect);
  }

  changed(): void {
    this.#isChanged = true;
  }

  acknowledged(size: number): void {
    this.#outbound.acknowledged(size);
    for (const effect of this.#outbound.released(false)) this.#encode(effect);
    this.#send();
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
    for (const effect of this.#outbound.released(true)) this.#encode(effect);
    // What it was released for may have closed it.
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

  #encode(effect: ReplyEffect | EventEffect): void {
    // What comes behind an answer that closed the connection goes nowhere.
    if (this.#isDone) return;
    const isReply = effect.type === "reply";
    const reason = isReply ? this.codec.reply(effect) : this.codec.event(effect.event);
    if (this.#outbound.isLong) this.#send();
    if (reason !== undefined) this.close(Code.UNIMPLEMENTED, reason);
  }

  #send(): void {
    for (const message of this.#outbound.take()) this.socket.send(message);
  }
}
