import { assert } from "../core/assert.ts";
import { Fifo } from "../core/fifo.ts";

/** Requests of one connection that may be unanswered before its client is not read any more. */
export const OUTSTANDING_REQUESTS_PAUSE = 1_000;

/** Bytes of requests that may be unanswered before the client is not read any more. */
export const UNANSWERED_BYTES_PAUSE = 1_048_576;

/**
 * Counts what was sent to the shard and not answered: the only measure of its load, since nothing
 * can pause a WebSocket [PU6].
 *
 * Answers come in the order of requests, but for pongs, which are counted beside them.
 */
export class PumpCredit {
  /** Sizes of the requests that are not answered. */
  readonly #bytes = new Fifo<number>();
  #bytesSum = 0;
  #pings = 0;

  /** Whether there is more than the shard should be left with. */
  get isUsedUp(): boolean {
    const count = this.#bytes.length + this.#pings;
    return count >= OUTSTANDING_REQUESTS_PAUSE || this.#bytesSum >= UNANSWERED_BYTES_PAUSE;
  }

  sent(bytes: number): void {
    this.#bytes.push(bytes);
    this.#bytesSum += bytes;
  }

  /** The oldest request was answered. One answer too many changes nothing. */
  answered(): void {
    this.#bytesSum -= this.#bytes.shift() ?? 0;
    assert(this.#bytesSum >= 0, "more bytes were answered than sent");
  }

  pingSent(): void {
    this.#pings += 1;
  }

  pingAnswered(): void {
    this.#pings -= 1;
    assert(this.#pings >= 0, "more pings were answered than sent");
  }
}
