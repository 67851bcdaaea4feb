import type { Clock } from "../../../src/client/clock.ts";

interface Timer {
  readonly dueMs: number;
  readonly task: () => void;
}

/** A clock that stands still until it is advanced; chance is what the test says. */
export class FakeClock implements Clock {
  readonly #timers = new Set<Timer>();
  readonly #chance: () => number;
  #nowMs = 0;

  constructor(chance: () => number = () => 0) {
    this.#chance = chance;
  }

  /** Timers that neither ran nor were cancelled. */
  get timersCount(): number {
    return this.#timers.size;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, task: () => void): () => void {
    const timer = { dueMs: this.#nowMs + delayMs, task };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  random(): number {
    return this.#chance();
  }

  /** Runs everything that comes due, in order, with the microtasks that it causes. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await settled();
    for (;;) {
      const next = [...this.#timers].toSorted((a, b) => a.dueMs - b.dueMs)[0];
      if (next === undefined || next.dueMs > endMs) break;
      this.#timers.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.task();
      await settled();
    }
    this.#nowMs = endMs;
  }
}

/** Lets everything run that waits for nothing but its turn. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}
