import type { AdminLatency } from "../core/admin-data.ts";

/** Least, mean and greatest of the latencies seen, ms. Source: ZooKeeper `AvgMinMaxCounter`. */
export class Latency {
  #count = 0;
  #sumMs = 0;
  #minMs = Infinity;
  #maxMs = 0;

  add(ms: number): void {
    this.#count += 1;
    this.#sumMs += ms;
    if (ms < this.#minMs) this.#minMs = ms;
    if (ms > this.#maxMs) this.#maxMs = ms;
  }

  reset(): void {
    this.#count = 0;
    this.#sumMs = 0;
    this.#minMs = Infinity;
    this.#maxMs = 0;
  }

  view(): AdminLatency {
    if (this.#count === 0) return { minMs: 0, avgMs: 0, maxMs: 0 };
    return { minMs: this.#minMs, avgMs: this.#sumMs / this.#count, maxMs: this.#maxMs };
  }
}
