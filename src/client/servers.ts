import { assert } from "../core/assert.ts";
import type { Clock } from "./clock.ts";

/** How long to wait before the second round, and at most, milliseconds. */
const BACKOFF_MS_MIN = 100;
const BACKOFF_MS_MAX = 5_000;
/** Connections that end sooner are brief, milliseconds. */
const BRIEF_MS = 1_000;
/** So many brief ones in a row are followed at once: networks do that. */
const BRIEF_MAX = 3;

/**
 * Which server is tried next, and when: all of them in an order that is drawn once, the first round
 * without waiting, every further one behind a longer delay, half of which is drawn, so that the
 * clients of a server that comes back do not come at once.
 *
 * Source: ZooKeeper `StaticHostProvider`; M. Brooker, "Exponential Backoff and Jitter" (AWS, 2015).
 */
export class Servers {
  readonly #servers: readonly string[];
  readonly #clock: Clock;
  #current = 0;
  #next = 0;
  #searched = 0;
  /** Servers tried since the last one that let us in. */
  #tried = 0;
  /** When we were last let in, until that has ended. */
  #letInMs: number | undefined;
  /** Brief connections in a row. */
  #brief = 0;

  constructor(servers: readonly string[], clock: Clock) {
    assert(servers.length > 0, "a client needs a server");
    this.#clock = clock;
    this.#servers = shuffled(servers, clock);
  }

  get count(): number {
    return this.#servers.length;
  }

  get current(): string {
    return this.#servers[this.#current] ?? "";
  }

  next(): string {
    this.#tried += 1;
    this.#current = this.#next;
    this.#next = (this.#current + 1) % this.count;
    return this.current;
  }

  /** The current one let us in: it is the first to be tried again. */
  connected(): void {
    this.#letInMs = this.#clock.nowMs();
    this.#tried = 0;
    this.#next = this.#current;
  }

  /** The next one to look at while {@link current} serves us: another one, if there is any. */
  search(): string {
    this.#searched = (this.#searched + 1) % this.count;
    if (this.#searched === this.#current) this.#searched = (this.#searched + 1) % this.count;
    return this.#servers[this.#searched] ?? "";
  }

  /** The one that {@link search} named last let us in. */
  found(): void {
    this.#current = this.#searched;
    this.connected();
  }

  /**
   * How long to wait before {@link next}, now that a connection or an attempt has ended. A server that
   * lets us in and soon ends it, again and again, counts as one that does not let us in.
   */
  delayMs(): number {
    if (this.#letInMs !== undefined) {
      const isBrief = this.#clock.nowMs() - this.#letInMs < BRIEF_MS;
      this.#brief = isBrief ? this.#brief + 1 : 0;
      this.#letInMs = undefined;
    }
    const briefs = Math.max(0, this.#brief - BRIEF_MAX);
    const rounds = Math.floor(this.#tried / this.count) + briefs;
    if (rounds === 0) return 0;
    const limitMs = Math.min(BACKOFF_MS_MAX, BACKOFF_MS_MIN * 2 ** (rounds - 1));
    return Math.ceil((limitMs / 2) * (1 + this.#clock.random()));
  }
}

/** Source: Fisher and Yates. */
function shuffled(servers: readonly string[], clock: Clock): string[] {
  const order = [...servers];
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = Math.floor(clock.random() * (last + 1));
    [order[last], order[other]] = [order[other] ?? "", order[last] ?? ""];
  }
  return order;
}
