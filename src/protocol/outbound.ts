import type { Limits } from "../core/limits.ts";
import type { ConnectionCodec } from "./connection-codec.ts";
import { formatAck } from "./flow-control.ts";
import { Unread } from "./unread.ts";

/** Encoded units after which another message is started; receivers have limits, too. */
const MESSAGE_LENGTH_MAX = 1_048_576;

/** Messages for one client: what its codec encoded, and how much of it is not read yet. */
export class Outbound {
  readonly #codec: ConnectionCodec;
  readonly #unread: Unread;
  readonly #unreadMax: number;

  constructor(
    codec: ConnectionCodec,
    { SEND_BUFFER_BYTES_MAX: unreadMax }: Pick<Limits, "SEND_BUFFER_BYTES_MAX">,
  ) {
    this.#codec = codec;
    this.#unreadMax = unreadMax;
    this.#unread = new Unread(unreadMax / 4);
  }

  /** Whether what is encoded should go now, before more is. */
  get isLong(): boolean {
    return this.#codec.length > MESSAGE_LENGTH_MAX;
  }

  /** Why the client gets nothing more: it does not read. What waits for it is dropped. */
  overflow(): string | undefined {
    const { size } = this.#unread;
    if (this.#codec.length === 0 || size <= this.#unreadMax) return undefined;
    this.#codec.take();
    return `expected at most ${this.#unreadMax} unread bytes (SEND_BUFFER_BYTES_MAX), saw ${size}`;
  }

  /** Returns the message to send now, and the text that asks how much was read, if they are due. */
  take(): (string | Uint8Array<ArrayBuffer>)[] {
    if (this.#codec.length === 0) return [];
    const message = this.#codec.take();
    const asked = this.#unread.sent(message.length);
    return asked === undefined ? [message] : [message, formatAck(asked)];
  }

  /** The client says how much it has read. */
  acknowledged(size: number): void {
    this.#unread.acknowledged(size);
  }
}
