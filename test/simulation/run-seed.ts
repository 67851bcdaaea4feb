import { checkHistory } from "./checkers/check-history.ts";
import type { Violation } from "./history.ts";
import { drawOptions } from "./options.ts";
import { Simulation } from "./simulation.ts";
import type { Trace } from "./trace.ts";

/** What a seed came to, small enough to be passed between processes. */
export interface SeedResult {
  readonly seed: number;
  readonly violations: readonly Violation[];
  readonly cpuMs: number;
  readonly simulatedUs: number;
  readonly steps: number;
  readonly operations: number;
  readonly txns: number;
}

/** Runs one seed from its configuration to its checkers. */
export function runSeed(seed: number, trace?: Trace): SeedResult {
  const before = process.cpuUsage();
  const { violations, history, simulatedUs, steps } = new Simulation(
    drawOptions(seed),
    checkHistory,
    trace,
  ).run();
  const { user, system } = process.cpuUsage(before);
  return {
    seed,
    violations,
    cpuMs: (user + system) / 1_000,
    simulatedUs,
    steps,
    operations: history.operations.length,
    txns: history.txns.length,
  };
}
