/**
 * Group commit: decides when what was taken in is flushed.
 *
 * The first event after an idle turn is flushed at once, so that a lone client waits for nothing.
 * Events that follow before the event loop has gone round once share one flush at the end of that
 * turn: one commit and one message to each connection, however many asked.
 *
 * Sound because sends on any hibernatable socket of the object wait at its output gate, also those
 * made from a timer (compatibility date ≥ 2026-10-01).
 */
export class FlushTurn {
  readonly #flush: () => void;
  #isOpen = false;
  #isWanted = false;

  constructor(flush: () => void) {
    this.#flush = flush;
  }

  /** Asks for a flush: now, or at the end of the turn under way. Never awaited. */
  request(): void {
    if (this.#isOpen) {
      this.#isWanted = true;
      return;
    }
    this.#open();
    this.#flush();
  }

  #open(): void {
    this.#isOpen = true;
    setTimeout(() => this.#end(), 0);
  }

  #end(): void {
    this.#isOpen = false;
    if (!this.#isWanted) return;
    this.#isWanted = false;
    this.#open();
    this.#flush();
  }
}
