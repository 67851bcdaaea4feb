import { Code } from "../core/keeper-error.ts";
import type { Limits } from "../core/limits.ts";
import type { Zxid } from "../core/zxid.ts";
import { formatAck } from "../protocol/flow-control.ts";
import {
  closeCodeOf,
  encodeConnected,
  encodeEvent,
  encodeReply,
  joinMessages,
} from "../protocol/json/encode.ts";
import type { DecodedInvalid } from "../protocol/json/messages.ts";
import type { ConnectionId } from "../server/input.ts";
import { cutReason } from "../protocol/close-reason.ts";
import type {
  ConnectedEffect,
  ClientConnection,
  EventEffect,
  ReplyEffect,
} from "../server/client-connection.ts";
import { Unread } from "../protocol/unread.ts";

/** Encoded units after which a flush starts another message; receivers have limits, too. */
const MESSAGE_LENGTH_MAX = 1_048_576;

/** What a connection needs from its shard. */
export interface SocketPorts {
  readonly limits: Limits;
  /** Keeps the connection's state with its socket. */
  readonly save: (connection: SocketConnection) => void;
  /** Forgets that state: the shard closed the connection, its socket may linger. */
  readonly forget: (connection: SocketConnection) => void;
}

/** A client on a hibernating WebSocket that speaks JSON. */
export class SocketConnection implements ClientConnection {
  readonly id: ConnectionId;
  readonly socket: WebSocket;
  readonly #ports: SocketPorts;
  readonly #unread: Unread;
  #queue: string[] = [];
  #queueLength = 0;
  #isChanged = false;
  #isDone = false;

  constructor(id: ConnectionId, socket: WebSocket, ports: SocketPorts) {
    this.id = id;
    this.socket = socket;
    this.#ports = ports;
    this.#unread = new Unread(ports.limits.SEND_BUFFER_BYTES_MAX / 4);
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  reply({ xid, zxid, outcome, isReplayed }: ReplyEffect): void {
    this.#push(encodeReply(xid, zxid, outcome, isReplayed));
  }

  connected({ xid, zxid, outcome }: ConnectedEffect): void {
    this.#push(encodeConnected(xid, zxid, outcome));
  }

  /** Answers a `connect` that asks for no session. */
  connectedWithoutSession(xid: number, zxid: Zxid): void {
    this.#push(encodeConnected(xid, zxid, undefined));
  }

  /** Answers what the codec refused. */
  refuse({ xid, failure }: DecodedInvalid): void {
    this.#push(encodeReply(xid, undefined, failure, false));
  }

  event({ event }: EventEffect): void {
    this.#push(encodeEvent(event));
  }

  changed(): void {
    this.#isChanged = true;
  }

  acknowledged(size: number): void {
    this.#unread.acknowledged(size);
  }

  flush(): void {
    if (this.#isDone) return;
    const { SEND_BUFFER_BYTES_MAX: max } = this.#ports.limits;
    if (this.#queue.length > 0 && this.#unread.size > max) {
      this.#queue = [];
      this.close(
        Code.THROTTLEDOP,
        `expected at most ${max} unread bytes (SEND_BUFFER_BYTES_MAX), saw ${this.#unread.size}`,
      );
      return;
    }
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

  #push(part: string): void {
    if (this.#queueLength + part.length > MESSAGE_LENGTH_MAX) this.#send();
    this.#queue.push(part);
    this.#queueLength += part.length;
  }

  #send(): void {
    if (this.#queue.length === 0 || this.#isDone) return;
    const message = joinMessages(this.#queue);
    this.#queue = [];
    this.#queueLength = 0;
    this.socket.send(message);
    const size = this.#unread.sent(message.length);
    if (size !== undefined) this.socket.send(formatAck(size));
  }
}
