import type { ConnectionId } from "../server/input.ts";

/**
 * How often in one turn a lone connection is flushed at once: one that awaits each answer comes no
 * sooner, one that does not is better off with a commit for many of its messages.
 */
const LONE_FLUSHES_MAX = 2;

/**
 * Group commit: decides when what was taken in is flushed.
 *
 * The first event after an idle turn is flushed at once, and so are the next ones of a connection
 * that is the only one to ask, so that a lone client waits for nothing. Events that follow before
 * the event loop has gone round share one flush at the end of that turn: one commit and one message
 * to each connection, however many asked.
 *
 * Sound because sends on any hibernatable socket of the object wait at its output gate, also those
 * made from a timer (compatibility date ≥ 2026-10-01).
 */
export class FlushTurn {
  readonly #flush: () => void;
  #isOpen = false;
  #isWanted = false;
  /** Who was alone in the turn before, and may flush at once while that lasts. */
  #lone: ConnectionId | undefined;
  #loneFlushes = 0;
  /** Who asked in this turn. */
  readonly #asked = new Set<ConnectionId | undefined>();

  constructor(flush: () => void) {
    this.#flush = flush;
  }

  /**
   * Asks for a flush: now, or at the end of the turn under way. Never awaited.
   *
   * @param asker - the connection that waits for it; undefined for a call, or for nobody.
   */
  request(asker?: ConnectionId): void {
    if (!this.#isOpen) {
      this.#open(asker);
      this.#asked.add(asker);
      this.#flush();
      return;
    }
    this.#asked.add(asker);
    const isAlone = asker !== undefined && asker === this.#lone && this.#asked.size === 1;
    if (!isAlone || this.#loneFlushes === LONE_FLUSHES_MAX) {
      this.#isWanted = true;
      return;
    }
    this.#loneFlushes += 1;
    this.#flush();
  }

  #open(lone: ConnectionId | undefined): void {
    this.#isOpen = true;
    this.#lone = lone;
    this.#loneFlushes = 0;
    this.#asked.clear();
    setTimeout(() => this.#end(), 0);
  }

  #end(): void {
    this.#isOpen = false;
    if (!this.#isWanted) return;
    this.#isWanted = false;
    const [first] = this.#asked;
    this.#open(this.#asked.size === 1 ? first : undefined);
    this.#flush();
  }
}
