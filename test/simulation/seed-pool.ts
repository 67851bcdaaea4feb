import { fork, type ChildProcess } from "node:child_process";
import { availableParallelism } from "node:os";
import { PLANTED_BUG_VARIABLE } from "./plant.ts";
import type { SeedResult } from "./run-seed.ts";

/** How long one seed may take before it counts as one that never ends, ms. */
const SEED_MS_MAX = 30_000;

/** How seeds are run. */
export interface SeedPoolOptions {
  /** The name of a planted bug; without one the production code is as it is. */
  readonly bug?: string;
  readonly processes?: number;
}

/**
 * Runs seeds in processes of their own, several at once, so that all cores are used, each result is
 * that of a fresh process, and a seed that hangs ends nothing but itself.
 */
export class SeedPool {
  readonly #options: SeedPoolOptions;
  readonly #children = new Set<ChildProcess>();

  constructor(options: SeedPoolOptions = {}) {
    this.#options = options;
  }

  /**
   * Runs seeds until there are none left, or `onResult` says that it has seen enough.
   *
   * @param onResult - gets results in the order in which they come; returns false to stop.
   */
  async run(seeds: Iterator<number>, onResult: (result: SeedResult) => boolean): Promise<void> {
    let isOver = false;
    const next = (): number | undefined => {
      if (isOver) return undefined;
      const { done, value } = seeds.next();
      return done === true ? undefined : value;
    };
    const report = (result: SeedResult): void => {
      if (!isOver && !onResult(result)) {
        isOver = true;
        for (const child of this.#children) child.kill();
      }
    };
    const count = this.#options.processes ?? availableParallelism();
    await Promise.all(Array.from({ length: count }, () => this.#work(next, report)));
  }

  /** Keeps one child busy, and starts another one when it died. */
  async #work(next: () => number | undefined, report: (result: SeedResult) => void): Promise<void> {
    let child: ChildProcess | undefined;
    for (let seed = next(); seed !== undefined; seed = next()) {
      child ??= this.#start();
      const result = await this.#runIn(child, seed);
      report(result ?? hung(seed));
      if (result === undefined) child = undefined;
    }
    if (child === undefined) return;
    this.#children.delete(child);
    child.kill();
  }

  #start(): ChildProcess {
    const { bug } = this.#options;
    const here = import.meta.dirname;
    const child = fork(`${here}/seed-process.ts`, [], {
      execArgv: ["--no-warnings", ...(bug === undefined ? [] : ["--import", `${here}/plant.ts`])],
      env: { ...process.env, ...(bug === undefined ? {} : { [PLANTED_BUG_VARIABLE]: bug }) },
    });
    this.#children.add(child);
    return child;
  }

  /** Undefined: the child hung or died, and is gone now. */
  async #runIn(child: ChildProcess, seed: number): Promise<SeedResult | undefined> {
    const { promise, resolve } = Promise.withResolvers<SeedResult | undefined>();
    const timer = setTimeout(() => resolve(undefined), SEED_MS_MAX);
    const onMessage = (result: unknown): void => resolve(result as SeedResult);
    const onExit = (): void => resolve(undefined);
    child.once("message", onMessage);
    child.once("exit", onExit);
    child.send(seed);
    const result = await promise;
    clearTimeout(timer);
    child.off("message", onMessage);
    child.off("exit", onExit);
    if (result === undefined) {
      this.#children.delete(child);
      child.kill("SIGKILL");
    }
    return result;
  }
}

function hung(seed: number): SeedResult {
  const message = `expected an end within ${SEED_MS_MAX / 1_000} s, saw none, or the process died`;
  return {
    seed,
    violations: [{ checker: "process", rule: "OR1", message }],
    cpuMs: 0,
    simulatedUs: 0,
    steps: 0,
    operations: 0,
    txns: 0,
  };
}
