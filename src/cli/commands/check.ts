import { Argument, Command, Option } from "commander";
import { type BenchSession, withBenchSession } from "../bench/bench-session.ts";
import { LoadProgress } from "../bench/load-progress.ts";
import type { Measured } from "../bench/measurements.ts";
import type { LoadShape } from "../bench/run-load.ts";
import type { CommandContext } from "../command-context.ts";
import { CommandError } from "../command-error.ts";
import { checkPath } from "../malformed-path.ts";
import { countUpTo } from "../option-values.ts";
import type { Paint } from "../output/colours.ts";

/** Writes a second, over so many sessions; ZooKeeper takes 60 of one host unless told otherwise. */
const LOADS = {
  s: { perSecond: 150, connectionsCount: 10 },
  m: { perSecond: 1_000, connectionsCount: 20 },
  l: { perSecond: 8_000, connectionsCount: 40 },
  xl: { perSecond: 15_000, connectionsCount: 50 },
} as const;

/** Bytes of each write, as etcdctl writes them. */
const SIZE = 1_024;
const KEYS_COUNT = 1_000;
/** Requests under way on each session, at most. */
const OUTSTANDING = 64;

/** What is demanded. Source: etcdctl `check perf`. */
const THROUGHPUT_SHARE_MIN = 0.9;
const SLOWEST_MS_MAX = 500;
const DEVIATION_MS_MAX = 100;

const HELP = `
perf sets znodes of 1 KiB at a steady rate for a minute, and passes if
  - at least 90 % of the rate was carried out, and nothing failed,
  - no write took longer than 500 ms, from when it was due,
  - the standard deviation of how long they took is below 100 ms.
Loads: s 150 writes a second, m 1,000, l 8,000, xl 15,000. The exit code is 0 only for PASS.

Example:
  edgekeeper --server zoo1:2181 check perf --load m`;

interface CheckOptions {
  readonly load: keyof typeof LOADS;
  readonly duration: number;
  readonly path: string;
}

/** `check perf`: whether a server is fast enough for a load that is named. */
export function checkCommand(context: CommandContext): Command {
  return new Command("check")
    .description("tell whether a server keeps up with a load")
    .addArgument(new Argument("<what>", "what to look at").choices(["perf"]))
    .addOption(
      new Option("--load <size>", "how much: small, medium, large, extra large")
        .choices(Object.keys(LOADS))
        .default("s"),
    )
    .option("--duration <seconds>", "how long", countUpTo(3_600), 60)
    .option("--path <path>", "where its znode is made", "/")
    .addHelpText("after", HELP)
    .action(async (_what: string, options: CheckOptions) => {
      checkPath(options.path);
      const hasPassed = await checkPerf(context, options);
      // What is wrong has been printed.
      if (!hasPassed) throw new CommandError("");
    });
}

function checkPerf(context: CommandContext, options: CheckOptions): Promise<boolean> {
  const { load, duration, path: parent } = options;
  const { perSecond, connectionsCount } = LOADS[load];
  const bench = { parent, connectionsCount, keysCount: KEYS_COUNT, size: SIZE };
  const shape: LoadShape = {
    outstanding: OUTSTANDING,
    durationMs: duration * 1_000,
    requestsMax: perSecond * duration,
    warmUpMs: 0,
    perSecond,
  };
  return withBenchSession(context, bench, async ({ run }) => {
    const measured = await measure(context, run, shape);
    const findings = findingsOf(measured, perSecond);
    const hasPassed = findings.every(({ isGood }) => isGood);
    const { output } = context;
    output.show({
      value: { load, hasPassed, findings, measured },
      text: [...findings.map((finding) => lineOf(finding, output.paint)), verdict(hasPassed)],
    });
    return hasPassed;
  });
}

async function measure(
  { output }: CommandContext,
  run: BenchSession["run"],
  shape: LoadShape,
): Promise<Measured> {
  using progress = new LoadProgress(output, "check perf", shape);
  const measurements = await run({ set: 1 }, shape, (clock, running) =>
    progress.start(clock, running),
  );
  return measurements.summary("set");
}

/** One of the things that are looked at. */
interface Finding {
  readonly isGood: boolean;
  readonly text: string;
}

function findingsOf(measured: Measured, perSecond: number): Finding[] {
  const { maxMs, standardDeviationMs } = measured;
  const failed = Object.entries(measured.errors).map(([code, count]) => `${count} ${code}`);
  const wanted = Math.floor(perSecond * THROUGHPUT_SHARE_MIN);
  return [
    {
      isGood: measured.perSecond >= wanted,
      text: `throughput is ${measured.perSecond} writes/s, at least ${wanted} are expected`,
    },
    {
      isGood: maxMs <= SLOWEST_MS_MAX,
      text: `the slowest write took ${maxMs} ms, at most ${SLOWEST_MS_MAX} are expected`,
    },
    {
      isGood: standardDeviationMs <= DEVIATION_MS_MAX,
      text: `the standard deviation is ${standardDeviationMs} ms, at most ${DEVIATION_MS_MAX} are expected`,
    },
    {
      isGood: failed.length === 0,
      text: failed.length === 0 ? "no write failed" : `some writes failed: ${failed.join(", ")}`,
    },
  ];
}

function lineOf({ isGood, text }: Finding, paint: Paint): string {
  return `${isGood ? paint("good", "PASS") : paint("error", "FAIL")}: ${text}`;
}

function verdict(hasPassed: boolean): string {
  return hasPassed ? "PASS" : "FAIL";
}
