import type { Limits } from "../core/limits.ts";
import type { ConnectionCodec } from "./connection-codec.ts";
import { formatAck } from "./flow-control.ts";
import { Unread } from "./unread.ts";

/** Encoded units after which another message is started; receivers have limits, too. */
const MESSAGE_LENGTH_MAX = 1_048_576;

/** What waits to be encoded: only its size matters here. */
interface Held<T> {
  readonly effect: T;
  readonly size: number;
}

/**
 * Messages for one client: what its codec encoded, how much of it is not read yet, and what waits
 * for that.
 *
 * A client of a paced codec gets a quarter of SEND_BUFFER_BYTES_MAX ahead of its acknowledgements.
 * What does not fit is held, in order and not encoded, since its data is only referred to. One of
 * another codec is closed when it leaves more than all of it unread.
 */
export class Outbound<T extends object> {
  readonly #codec: ConnectionCodec;
  readonly #unread: Unread;
  readonly #unreadMax: number;
  #held: Held<T>[] = [];
  #heldSize = 0;

  constructor(
    codec: ConnectionCodec,
    { SEND_BUFFER_BYTES_MAX: unreadMax }: Pick<Limits, "SEND_BUFFER_BYTES_MAX">,
  ) {
    this.#codec = codec;
    this.#unreadMax = unreadMax;
    this.#unread = new Unread(unreadMax / 16);
  }

  /** Bytes of answers that may follow now. Above 0 for a client that has acknowledged all it can. */
  get room(): number {
    if (!this.#codec.isPaced) return Infinity;
    return this.#unreadMax / 4 - this.#unread.size - this.#codec.length;
  }

  /** Whether what comes now has to wait. */
  get isHolding(): boolean {
    return this.#held.length > 0 || this.room <= 0;
  }

  /** Whether anything waits. */
  get hasHeld(): boolean {
    return this.#held.length > 0;
  }

  /** Whether what is encoded should go now, before more is. */
  get isLong(): boolean {
    return this.#codec.length > MESSAGE_LENGTH_MAX;
  }

  /** @param size - bytes that nobody but its client holds back; 0 for answers, which are few. */
  hold(effect: T, size: number): void {
    this.#held.push({ effect, size });
    this.#heldSize += size;
  }

  /** Hands out what may be encoded now; the caller encodes each before it takes the next. */
  *released(isLast: boolean): Generator<T> {
    const held = this.#held;
    let count = 0;
    for (const { effect, size } of held) {
      if (!isLast && this.room <= 0) break;
      count += 1;
      this.#heldSize -= size;
      yield effect;
    }
    this.#held = held.slice(count);
  }

  /** Why the client gets nothing more: it does not read. What waits for it is dropped. */
  overflow(): string | undefined {
    const { isPaced, length } = this.#codec;
    const size = isPaced ? this.#heldSize : this.#unread.size;
    if (size <= this.#unreadMax || (!isPaced && length === 0)) return undefined;
    this.#codec.take();
    this.#held = [];
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
