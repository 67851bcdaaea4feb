import { parseArgs } from "node:util";
import { catchBugs } from "./catch-bugs.ts";
import { PLANTED_BUGS } from "./planted-bugs.ts";
import { runSeed, type SeedResult } from "./run-seed.ts";
import { SeedPool } from "./seed-pool.ts";
import { Trace } from "./trace.ts";

const USAGE = `usage: npm run sim -- [options]
  --seed N       one seed
  --seeds A-B    all seeds from A to B (default 1-100)
  --hours H      seeds from --seed on, for so many hours
  --bug NAME     with a planted bug in the production code
  --bugs         every planted bug (or those of --bug A,B) until it is caught; --write puts the table into docs/TESTING.md
  --trace        one line per event (with --seed)
`;

/** How many seeds a bug may take until it is caught, in a run of all bugs. */
const BUG_SEEDS_MAX = 200;

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    seeds: { type: "string" },
    hours: { type: "string" },
    bug: { type: "string" },
    bugs: { type: "boolean" },
    write: { type: "boolean" },
    trace: { type: "boolean" },
    help: { type: "boolean" },
  },
});

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function* seedsOf(): Generator<number> {
  if (values.hours !== undefined) {
    const endMs = Date.now() + Number(values.hours) * 3_600_000;
    for (let seed = Number(values.seed ?? 1); Date.now() < endMs; seed++) yield seed;
    return;
  }
  const [from = 1, to = from] = (values.seeds ?? values.seed ?? "1-100").split("-").map(Number);
  for (let seed = from; seed <= to; seed++) yield seed;
}

function printFailure({ seed, violations }: SeedResult): void {
  const bug = values.bug === undefined ? "" : ` --bug ${values.bug}`;
  print(`SEED=${seed} failed: npm run sim -- --seed ${seed}${bug} --trace`);
  for (const { checker, rule, message } of violations.slice(0, 5)) {
    print(`  [${rule}] ${checker}: ${message}`);
  }
  if (violations.length > 5) print(`  and ${violations.length - 5} more`);
}

async function runSeeds(): Promise<boolean> {
  const sum = { seeds: 0, failed: 0, cpuMs: 0, simulatedUs: 0, operations: 0, txns: 0 };
  const pool = new SeedPool(values.bug === undefined ? {} : { bug: values.bug });
  await pool.run(seedsOf(), (result) => {
    sum.seeds++;
    sum.cpuMs += result.cpuMs;
    sum.simulatedUs += result.simulatedUs;
    sum.operations += result.operations;
    sum.txns += result.txns;
    if (result.violations.length > 0) {
      sum.failed++;
      printFailure(result);
    }
    return true;
  });
  const days = sum.simulatedUs / 86_400e6;
  const cpuHours = sum.cpuMs / 3_600_000;
  print(
    `${sum.seeds} seeds, ${sum.failed} failed; ${sum.operations} operations, ${sum.txns} txns; ` +
      `${days.toFixed(3)} simulated days in ${(sum.cpuMs / 1_000).toFixed(1)} s of CPU, ` +
      `${(days / cpuHours).toFixed(1)} simulated days per CPU-hour`,
  );
  print(`${sum.seeds - sum.failed} passed, ${sum.failed} failed`);
  return sum.failed === 0;
}

/** In this very process, so that a debugger sees it. */
async function runTraced(seed: number): Promise<boolean> {
  if (values.bug !== undefined) {
    process.env["EDGEKEEPER_PLANTED_BUG"] = values.bug;
    await import("./plant.ts");
  }
  const result = runSeed(seed, new Trace(print));
  if (result.violations.length > 0) printFailure(result);
  return result.violations.length === 0;
}

async function main(): Promise<boolean> {
  if (values.help === true) {
    print(USAGE);
    return true;
  }
  if (values.bugs === true) {
    const wanted = values.bug?.split(",");
    const bugs = PLANTED_BUGS.filter(({ name }) => wanted?.includes(name) ?? true);
    return await catchBugs(bugs, BUG_SEEDS_MAX, {
      print,
      isWriting: values.write === true,
    });
  }
  if (values.trace === true) return await runTraced(Number(values.seed ?? 1));
  return await runSeeds();
}

process.exitCode = (await main()) ? 0 : 1;
