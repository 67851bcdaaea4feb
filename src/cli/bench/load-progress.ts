import type { Clock } from "../../client/index.ts";
import type { Output } from "../output/output.ts";
import type { Measurements } from "./measurements.ts";
import type { LoadShape } from "./run-load.ts";

/** How often the line changes, milliseconds. */
const EVERY_MS = 500;

/** Shows on a terminal how a load goes; its line is gone at the end. */
export class LoadProgress {
  readonly #output: Output;
  readonly #name: string;
  readonly #shape: LoadShape;
  #cancel: () => void = () => undefined;

  constructor(output: Output, name: string, shape: LoadShape) {
    this.#output = output;
    this.#name = name;
    this.#shape = shape;
  }

  start(clock: Clock, measurements: Measurements): void {
    const startMs = clock.nowMs();
    let before = { ms: startMs, count: 0 };
    const show = (): void => {
      const now = { ms: clock.nowMs(), count: measurements.count };
      const perSecond = ((now.count - before.count) * 1_000) / (now.ms - before.ms);
      before = now;
      this.#output.status(this.#lineOf(now.ms - startMs, now.count, perSecond));
      this.#cancel = clock.after(EVERY_MS, show);
    };
    this.#cancel = clock.after(EVERY_MS, show);
  }

  [Symbol.dispose](): void {
    this.#cancel();
    this.#output.status("");
  }

  #lineOf(elapsedMs: number, count: number, perSecond: number): string {
    const { durationMs, requestsMax } = this.#shape;
    const [done, all] = Number.isFinite(requestsMax)
      ? [count.toLocaleString("en-US"), requestsMax.toLocaleString("en-US")]
      : [Math.round(elapsedMs / 1_000), `${durationMs / 1_000} s`];
    return `${this.#name}: ${done} of ${all}, ${Math.round(perSecond).toLocaleString("en-US")}/s`;
  }
}
