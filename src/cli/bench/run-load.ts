import type { Clock } from "../../client/index.ts";
import { Measurements } from "./measurements.ts";
import type { RequestSource } from "./request-source.ts";

/** How hard and how long servers are asked. */
export interface LoadShape {
  /** Requests under way on each connection, at most. */
  readonly outstanding: number;
  /** No request is due later, milliseconds from the start. */
  readonly durationMs: number;
  /** How many requests there are at most; what warms up is among them. */
  readonly requestsMax: number;
  /** Requests due before are not counted, milliseconds from the start. */
  readonly warmUpMs: number;
  /** One request is due after the other, so many a second; as fast as answers come if absent. */
  readonly perSecond?: number;
}

/** How long answers may take when nothing more is asked, milliseconds. */
const GRACE_MS = 10_000;

/**
 * Asks through all sources at once, and measures.
 *
 * Without a rate each answer makes room for the next request: the more a server does the more it is
 * asked. With one a request waits from when it was due, also for those before it, so that a server
 * that stands still for a while is not measured by what it did before and after alone.
 *
 * @param signal - ends it early; what is under way is not waited for.
 */
export async function runLoad(
  sources: readonly RequestSource[],
  clock: Clock,
  { shape, signal, started }: LoadOptions,
): Promise<Measurements> {
  const startMs = clock.nowMs();
  const measurements = new Measurements(startMs + shape.warmUpMs);
  started?.(clock, measurements);
  const load = new Load({ ...shape, startMs, clock, measurements, signal });
  const over = Promise.withResolvers<void>();
  const stop = (): void => over.resolve();
  const cancel = clock.after(shape.durationMs + GRACE_MS, stop);
  signal.addEventListener("abort", stop);
  try {
    const { outstanding } = shape;
    // The first of every source before the second of any, so that a paced load goes through all.
    const slots = Array.from({ length: outstanding }, () =>
      sources.map((source) => load.runSlot(source)),
    ).flat();
    await Promise.race([Promise.all(slots), over.promise]);
    const { unansweredCount } = load;
    const endMs = startMs + shape.durationMs;
    // Also a server that was silent at the end had all of the time.
    const nowMs = clock.nowMs();
    measurements.end(unansweredCount > 0 ? nowMs : Math.min(nowMs, endMs), unansweredCount);
  } finally {
    cancel();
    signal.removeEventListener("abort", stop);
    load.wakeAll();
  }
  return measurements;
}

/** Hears what is being measured, and in whose time. */
export type LoadStarted = (clock: Clock, measurements: Measurements) => void;

/** What else a load is run with. */
export interface LoadOptions {
  readonly shape: LoadShape;
  readonly signal: AbortSignal;
  /** Told what is being measured, for whoever shows how it goes. */
  readonly started?: LoadStarted | undefined;
}

interface RunningLoad extends LoadShape {
  readonly startMs: number;
  readonly clock: Clock;
  readonly measurements: Measurements;
  readonly signal: AbortSignal;
}

class Load {
  readonly #load: RunningLoad;
  /** What wakes those who wait until they are due. */
  readonly #sleepers = new Set<() => void>();
  #begunCount = 0;
  /** Requests under way. */
  unansweredCount = 0;
  #isStopped = false;

  constructor(load: RunningLoad) {
    this.#load = load;
  }

  /** One request after the other, until the load is over. */
  async runSlot(source: RequestSource): Promise<void> {
    const { clock, measurements } = this.#load;
    for (;;) {
      const dueMs = this.#nextDueMs(source);
      if (dueMs === undefined) return;
      // Only a paced load is ever ahead of its time.
      for (let nowMs = clock.nowMs(); nowMs < dueMs; nowMs = clock.nowMs()) {
        await this.#sleep(Math.ceil(dueMs - nowMs));
        if (this.#isStopped) return;
      }
      const operation = source.draw();
      this.unansweredCount += 1;
      try {
        await source.issue(operation);
        measurements.answered(operation, dueMs, clock.nowMs());
      } catch (error) {
        measurements.failed(operation, error);
      }
      this.unansweredCount -= 1;
    }
  }

  /** @returns undefined when there is nothing more to ask. */
  #nextDueMs({ zk }: RequestSource): number | undefined {
    const { startMs, clock, perSecond, durationMs, requestsMax, signal } = this.#load;
    const isOver = this.#begunCount >= requestsMax || this.#isStopped || signal.aborted;
    if (isOver || zk.state === "closed") return undefined;
    const nowMs = clock.nowMs();
    const dueMs =
      perSecond === undefined ? nowMs : startMs + (this.#begunCount * 1_000) / perSecond;
    // A paced load that is late asks no more than what it can before the end.
    if (Math.max(dueMs, nowMs) >= startMs + durationMs) return undefined;
    this.#begunCount += 1;
    return dueMs;
  }

  /** Ends it: nobody who waits for his time asks anything more. */
  wakeAll(): void {
    this.#isStopped = true;
    for (const wake of this.#sleepers) wake();
  }

  #sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        cancel();
        this.#sleepers.delete(wake);
        resolve();
      };
      const cancel = this.#load.clock.after(delayMs, wake);
      this.#sleepers.add(wake);
    });
  }
}
