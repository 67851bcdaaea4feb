import { parseArgs } from "node:util";
import { drawOptions } from "./options.ts";
import { Simulation } from "./simulation.ts";
import { Trace } from "./trace.ts";

const { values } = parseArgs({
  options: { seed: { type: "string" }, seeds: { type: "string" }, trace: { type: "boolean" } },
});
const [from = 1, to = from] = (values.seeds ?? values.seed ?? "1").split("-").map(Number);
const print = (line: string): void => void process.stdout.write(`${line}\n`);
for (let seed = from; seed <= to; seed++) {
  const started = process.cpuUsage();
  const result = new Simulation(
    drawOptions(seed),
    () => [],
    new Trace(values.trace ? print : undefined),
  ).run();
  const ms = (process.cpuUsage(started).user + process.cpuUsage(started).system) / 1000;
  print(
    `seed ${seed} ${result.violations.length ? "FAILED" : "ok"} ${ms.toFixed(0)} ms cpu, ${(result.simulatedUs / 1e6).toFixed(0)} s, ${result.steps} steps, ${result.history.operations.length} ops, ${result.history.operations.filter((o) => o.completion).length} answered, ${result.history.txns.length} txns`,
  );
  for (const v of result.violations.slice(0, 5)) print(`  ${v.checker} ${v.rule}: ${v.message}`);
}
