import { Argument, Command } from "commander";
import { benchRows } from "../bench/bench-rows.ts";
import { type BenchSession, withBenchSession } from "../bench/bench-session.ts";
import { LoadProgress } from "../bench/load-progress.ts";
import type { Measured } from "../bench/measurements.ts";
import {
  LOAD_OPERATIONS,
  type LoadOperation,
  operationMix,
  type OperationMix,
} from "../bench/operation-mix.ts";
import type { LoadShape } from "../bench/run-load.ts";
import type { CommandContext } from "../command-context.ts";
import { checkPath } from "../malformed-path.ts";
import { countUpTo } from "../option-values.ts";

const HELP = `
Each connection asks again as soon as it is answered. Everything happens below a znode of its own, which
is removed at the end, also after Ctrl-C. The figures are those of edgekeeper's own client: on a fast
server it is what takes most of the time, so compare servers, not clients, by them.

Examples:
  bench
  bench get set --connections 1 --outstanding 1
  bench --mix set=20,get=80 --duration 60 --size 1000
  edgekeeper --server zoo1:2181 -o json bench create --operations 100000`;

interface BenchArguments {
  readonly connections: number;
  readonly outstanding: number;
  readonly size: number;
  readonly duration?: number;
  readonly operations?: number;
  readonly mix?: OperationMix;
  readonly keys: number;
  readonly path: string;
}

/** `bench`: how much a server does, and how fast. */
export function benchCommand(context: CommandContext): Command {
  return new Command("bench")
    .description("load a server, and print how much it does and how long it takes")
    .addArgument(new Argument("[operation...]", "all if absent").choices(LOAD_OPERATIONS))
    .option("-c, --connections <count>", "so many sessions", countUpTo(1_000), 16)
    .option("-n, --outstanding <count>", "requests under way on each", countUpTo(1_000), 64)
    .option("--size <bytes>", "of the data of each znode", countUpTo(1_000_000), 100)
    .option("--duration <seconds>", "for each operation (default: 5)", countUpTo(DURATION_S_MAX))
    .option("--operations <count>", "stop after so many requests of each", countUpTo(1e9))
    .option("--mix <shares>", "operations at once, as set=20,get=80", operationMix)
    .option("--keys <count>", "znodes that are set and got", countUpTo(1_000_000), 1_000)
    .option("--path <path>", "where its znode is made", "/")
    .addHelpText("after", HELP)
    .action(async (operations: readonly LoadOperation[], options: BenchArguments) => {
      checkPath(options.path);
      const { path: parent, connections: connectionsCount, keys: keysCount, size } = options;
      const bench = { parent, connectionsCount, keysCount, size };
      await withBenchSession(context, bench, async (session) => {
        const all: Measured[] = [];
        for (const load of loadsOf(operations, options)) {
          all.push(...(await runOne(context, session, load)));
        }
        show(context, all, options);
      });
    });
}

/** One of the loads that run one after the other. */
interface NamedLoad {
  readonly name: string;
  readonly mix: OperationMix;
  readonly shape: LoadShape;
}

const DURATION_S = 5;
const DURATION_S_MAX = 86_400;
/** Requests sent so early are not counted: servers and clients warm up. */
const WARM_UP_MS = 500;
const MIXED = "mixed";

function loadsOf(operations: readonly LoadOperation[], options: BenchArguments): NamedLoad[] {
  const shape = shapeOf(options);
  const mixed = options.mix === undefined ? [] : [{ name: MIXED, mix: options.mix, shape }];
  const wanted = operations.length === 0 && mixed.length === 0 ? LOAD_OPERATIONS : operations;
  return [...wanted.map((name) => ({ name, mix: { [name]: 1 }, shape })), ...mixed];
}

function shapeOf({ outstanding, duration, operations }: BenchArguments): LoadShape {
  const seconds = duration ?? (operations === undefined ? DURATION_S : DURATION_S_MAX);
  return {
    outstanding,
    durationMs: seconds * 1_000,
    requestsMax: operations ?? Number.POSITIVE_INFINITY,
    warmUpMs: operations === undefined ? Math.min(WARM_UP_MS, seconds * 100) : 0,
  };
}

async function runOne(
  context: CommandContext,
  { run }: BenchSession,
  { name, mix, shape }: NamedLoad,
): Promise<readonly Measured[]> {
  using progress = new LoadProgress(context.output, name, shape);
  const measurements = await run(mix, shape, (clock, running) => progress.start(clock, running));
  const summary = measurements.summary(name);
  return name === MIXED ? [summary, ...measurements.byOperation()] : [summary];
}

function show(
  { connection: { server }, output }: CommandContext,
  measured: readonly Measured[],
  { connections, outstanding, size }: BenchArguments,
): void {
  const value = { server, connections, outstanding, size, results: measured };
  const shape = `${connections} connections, ${outstanding} requests under way on each, ${size} bytes`;
  output.show({
    value: output.format === "table" ? measured : value,
    text: [
      output.paint("faint", `${shape}; edgekeeper's own client`),
      ...benchRows(measured, output.paint),
    ],
  });
}
