import { isKeeperError } from "../../client/index.ts";
import { Histogram } from "./histogram.ts";
import type { LoadOperation } from "./operation-mix.ts";

/** What one kind of request did, for people and programs. */
export interface Measured {
  readonly operation: string;
  /** Answers, without failures. */
  readonly requests: number;
  readonly perSecond: number;
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly standardDeviationMs: number;
  /** How often each code came. */
  readonly errors: Readonly<Record<string, number>>;
}

/** Histograms count microseconds. */
const US_PER_MS = 1_000;

/** What stands among the codes for a request without an answer. */
const UNANSWERED = "unanswered";

/** Takes the answers of a load in, in bounded memory. */
export class Measurements {
  readonly #all = new Tally();
  readonly #operations = new Map<LoadOperation, Tally>();
  /** Answers to requests due earlier are not counted: servers and clients warm up. */
  readonly #fromMs: number;
  #lastMs = 0;

  constructor(fromMs: number) {
    this.#fromMs = fromMs;
    this.#lastMs = fromMs;
  }

  /** Answers counted so far, failures with them. */
  get count(): number {
    return this.#all.durations.count + this.#all.failuresCount;
  }

  answered(operation: LoadOperation, dueMs: number, nowMs: number): void {
    if (!this.#isCounted(dueMs, nowMs)) return;
    const duration = (nowMs - dueMs) * US_PER_MS;
    this.#all.durations.record(duration);
    this.#tally(operation).durations.record(duration);
  }

  /** Counted whenever it comes. @throws what is our own bug */
  failed(operation: LoadOperation, error: unknown): void {
    if (!isKeeperError(error)) throw error;
    this.#all.fail(error.codeName);
    this.#tally(operation).fail(error.codeName);
  }

  /** The load is over. @param unansweredCount - requests that nobody waits for any more. */
  end(nowMs: number, unansweredCount: number): void {
    this.#lastMs = Math.max(this.#lastMs, nowMs);
    for (let count = 0; count < unansweredCount; count += 1) this.#all.fail(UNANSWERED);
  }

  /** Everything together. */
  summary(name: string): Measured {
    return measured(name, this.#all, this.#seconds);
  }

  /** Each operation by itself. */
  byOperation(): Measured[] {
    return [...this.#operations].map(([name, tally]) => measured(name, tally, this.#seconds));
  }

  get #seconds(): number {
    return (this.#lastMs - this.#fromMs) / 1_000;
  }

  #isCounted(dueMs: number, nowMs: number): boolean {
    if (dueMs < this.#fromMs) return false;
    this.#lastMs = nowMs;
    return true;
  }

  #tally(operation: LoadOperation): Tally {
    const known = this.#operations.get(operation);
    if (known !== undefined) return known;
    const tally = new Tally();
    this.#operations.set(operation, tally);
    return tally;
  }
}

class Tally {
  readonly durations = new Histogram();
  readonly failures = new Map<string, number>();

  fail(code: string): void {
    this.failures.set(code, (this.failures.get(code) ?? 0) + 1);
  }

  get failuresCount(): number {
    return [...this.failures.values()].reduce((sum, count) => sum + count, 0);
  }
}

function measured(operation: string, { durations, failures }: Tally, seconds: number): Measured {
  const ms = (us: number): number => Math.round(us) / US_PER_MS;
  return {
    operation,
    requests: durations.count,
    perSecond: seconds > 0 ? Math.round(durations.count / seconds) : 0,
    meanMs: ms(durations.mean),
    p50Ms: ms(durations.percentile(50)),
    p90Ms: ms(durations.percentile(90)),
    p99Ms: ms(durations.percentile(99)),
    maxMs: ms(durations.max),
    standardDeviationMs: ms(durations.standardDeviation),
    errors: Object.fromEntries(failures),
  };
}
