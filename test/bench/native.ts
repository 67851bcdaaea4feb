import { startZooKeeper } from "../conformance/servers.ts";
import { type BareWorkerd, startBareWorkerd } from "./bare-workerd.ts";
import {
  type Operation,
  OPERATIONS,
  prepareTarget,
  type Round,
  runRound,
  type Shape,
  type Target,
} from "./native-rounds.ts";

const SHAPES: readonly string[] = ["1x1", "4x32", "16x64"];
const ROUNDS = 5;
const MEASURE_MS = 1_500;

/** One line of the table: both servers under the same load, round by round in turn. */
interface Row {
  readonly operation: Operation;
  readonly shape: string;
}

/**
 * Compares edgekeeper's Worker with Apache ZooKeeper, both under the same load from this process.
 *
 * @param words - operations, shapes such as `16x64` and `rounds=3`; what is not named runs in full.
 */
export async function benchNative(words: readonly string[]): Promise<void> {
  const rows = rowsOf(words);
  const rounds = roundsOf(words);
  // As `zkServer.sh` starts it: every write is forced to the disk.
  const zooKeeper = await startZooKeeper("ZooKeeper", { javaOptions: ["-Xmx1000m"] });
  const workerd = await startBareWorkerd();
  try {
    const base = { name: zooKeeper.name, ports: [zooKeeper.port], pids: [zooKeeper.pid] };
    await compare([base, targetOf(workerd)], rows, rounds);
  } finally {
    await workerd.stop();
    await zooKeeper.stop();
  }
}

export function targetOf({ nativePort, pid }: BareWorkerd): Target {
  return { name: "edgekeeper", ports: [nativePort], pids: [pid] };
}

/** Prints a table of `[base, candidate]`. */
export async function compare(
  targets: readonly [Target, Target],
  rows: readonly Row[],
  rounds: number,
): Promise<void> {
  const [base, candidate] = targets;
  for (const target of targets) {
    await prepareTarget(target);
    await warmUp(target);
  }
  console.log(`rates of ${base.name} and ${candidate.name}, medians of ${rounds} rounds each`);
  console.log(HEADER);
  for (const { operation, shape } of rows) {
    const seen: [Round[], Round[]] = [[], []];
    for (let round = 0; round < rounds; round += 1) {
      // Whoever comes second has what the first one left behind, so they take turns.
      for (const index of round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
        const target = targets[index];
        seen[index].push(await runRound(target, operation, shapeOf(shape), MEASURE_MS));
      }
    }
    console.log(lineOf({ operation, shape }, seen));
  }
}

/** Both run compiled code: the first seconds of either say nothing. */
async function warmUp(target: Target): Promise<void> {
  for (const operation of OPERATIONS) {
    await runRound(target, operation, { connections: 16, outstanding: 64 }, 1_000);
  }
}

/** The rows that were asked for. */
export function rowsOf(words: readonly string[]): Row[] {
  const operations = OPERATIONS.filter((operation) => words.includes(operation));
  const shapes = words.filter((word) => /^\d+x\d+$/.test(word));
  return (operations.length === 0 ? OPERATIONS : operations).flatMap((operation) =>
    (shapes.length === 0 ? SHAPES : shapes).map((shape) => ({ operation, shape })),
  );
}

/** How many rounds were asked for. */
export function roundsOf(words: readonly string[]): number {
  return Number(words.find((word) => word.startsWith("rounds="))?.slice(7) ?? ROUNDS);
}

function shapeOf(text: string): Shape {
  const [connections = 1, outstanding = 1] = text.split("x").map(Number);
  return { connections, outstanding };
}

const WIDTHS = [10, 6, 9, 9, 6, 15, 15, 13, 12];
const HEADER = cells([
  "",
  "",
  "base/s",
  "cand./s",
  "ratio",
  "base p50/p99",
  "cand. p50/p99",
  "CPU us/op",
  "load CPU %",
]);

function lineOf({ operation, shape }: Row, [base, candidate]: readonly [Round[], Round[]]): string {
  const of = (rounds: readonly Round[], key: keyof Round): number =>
    median(rounds.map((round) => round[key]));
  const ratio = median(candidate.map(({ rate }, index) => rate / (base[index]?.rate ?? 0)));
  const ms = (rounds: readonly Round[]): string =>
    `${of(rounds, "p50Ms").toFixed(2)}/${of(rounds, "p99Ms").toFixed(2)} ms`;
  const us = [base, candidate].map((rounds) => of(rounds, "serverUs").toFixed(1));
  const load = [base, candidate].map((rounds) => (of(rounds, "loadShare") * 100).toFixed(0));
  return cells([
    operation,
    shape,
    of(base, "rate").toFixed(0),
    of(candidate, "rate").toFixed(0),
    ratio.toFixed(2),
    ms(base),
    ms(candidate),
    us.join(" / "),
    load.join(" / "),
  ]);
}

function cells(texts: readonly string[]): string {
  return texts.map((text, index) => text.padStart(WIDTHS[index] ?? 0)).join("  ");
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
