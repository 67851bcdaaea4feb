/**
 * How much of what was sent to a connection its client has not read yet, as far as the shard can
 * know: the platform keeps no count, so the client acknowledges.
 *
 *     0 ───── acknowledged ───── asked ───── sent
 *             └───────── unread ──────────┘
 *
 * Invariant: acknowledged <= asked <= sent. Starts anew with each instance: an object that
 * hibernates was idle long enough for a client to read everything.
 */
export class Unread {
  readonly #askEvery: number;
  #sent = 0;
  #asked = 0;
  #acknowledged = 0;

  /** @param askEvery - after how much sent an acknowledgement is asked for. */
  constructor(askEvery: number) {
    this.#askEvery = askEvery;
  }

  get size(): number {
    return this.#sent - this.#acknowledged;
  }

  /** Counts what was sent; returns how much the client shall acknowledge now, if it shall. */
  sent(size: number): number | undefined {
    this.#sent += size;
    if (this.#sent - this.#asked < this.#askEvery) return undefined;
    this.#asked = this.#sent;
    return this.#asked;
  }

  /** Takes an acknowledgement; one of more than was asked for counts as what was asked for. */
  acknowledged(size: number): void {
    this.#acknowledged = Math.max(this.#acknowledged, Math.min(size, this.#asked));
  }
}
