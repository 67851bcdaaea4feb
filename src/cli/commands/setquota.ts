import { Command, Option } from "commander";
import type { ZooKeeper } from "../../client/index.ts";
import { QUOTA_PATH } from "../../core/path.ts";
import type { StatsTrack } from "../../core/quota.ts";
import type { WritingContext } from "../command-context.ts";
import { CommandError } from "../command-error.ts";
import { checkPath, MalformedPathError } from "../malformed-path.ts";
import { integer } from "../option-values.ts";
import * as quota from "../quota-nodes.ts";

interface SetQuotaOptions {
  readonly n?: number;
  readonly b?: number;
  readonly N?: number;
  readonly B?: number;
}

const HELP = `
ZooKeeper ≥ 3.7 for -N and -B.

Examples:
  setquota -n 1000 /app
  setquota -B 1000000 /app`;

/** `setquota path`. */
export function setquotaCommand({ connection, output }: WritingContext): Command {
  const limit = (name: string, others: readonly string[], text: string) =>
    new Option(`-${name} <value>`, text).argParser(integer).conflicts([...others]);
  return new Command("setquota")
    .description("limit the znodes or bytes of a subtree")
    .usage("-n|-b|-N|-B <value> <path>")
    .argument("<path>")
    .addOption(limit("n", ["b", "N", "B"], "znodes; more are only logged"))
    .addOption(limit("b", ["n", "N", "B"], "bytes; more are only logged"))
    .addOption(limit("N", ["n", "b", "B"], "znodes; more are refused"))
    .addOption(limit("B", ["n", "b", "N"], "bytes; more are refused"))
    .addHelpText("after", HELP)
    .action(async (path: string, options: SetQuotaOptions) => {
      if (path.startsWith(QUOTA_PATH)) {
        throw new CommandError(`cannot set a quota under the path: ${QUOTA_PATH}`);
      }
      const limits = limitsOf(options);
      checkPath(path);
      const warn = (what: string, seen: number) =>
        output.line(
          `[Warning]: the ${what} quota you create is less than the existing ${what}:${seen}`,
        );
      const { set, seen } = await setQuota(await connection.client(), path, limits);
      if (isOver(seen.count, set.count, set.countHardLimit)) warn("count", seen.count);
      if (isOver(seen.bytes, set.bytes, set.byteHardLimit)) warn("bytes", seen.bytes);
    });
}

/** @throws CommandError in zkCli's words. */
function limitsOf({ n, b, N, B }: SetQuotaOptions): StatsTrack {
  const [count, bytes] = [n ?? N, b ?? B];
  if (count === undefined && bytes === undefined) {
    throw new CommandError("expected one of -n, -b, -N and -B, saw none");
  }
  if (count !== undefined && count <= 0) {
    throw new CommandError("the num quota must be greater than zero");
  }
  if (bytes !== undefined && bytes < 0) {
    throw new CommandError("the bytes quota must be greater than or equal to zero");
  }
  return { count: n ?? -1, bytes: b ?? -1, countHardLimit: N ?? -1, byteHardLimit: B ?? -1 };
}

/** What a quota is now, and how much of it is used. */
interface Quota {
  readonly set: StatsTrack;
  readonly seen: StatsTrack;
}

/** Sets those limits that are given, and leaves the others. */
async function setQuota(zk: ZooKeeper, path: string, limits: StatsTrack): Promise<Quota> {
  if ((await zk.exists(path)) === undefined)
    throw new MalformedPathError(`${path} does not exist.`);
  await quota.refuseNested(zk, path);
  await quota.ensureQuotaPath(zk, path);
  const [limitsPath, statsPath] = [quota.limitsPath(path), quota.statsPath(path)];
  let set = limits;
  if ((await zk.exists(limitsPath)) === undefined) {
    await zk.create(limitsPath, quota.formatLimits(limits));
    await zk.create(statsPath, "count=0,bytes=0");
  } else {
    const given = Object.entries(limits).filter(([, value]) => value > -1);
    set = { ...(await quota.readTrack(zk, limitsPath)), ...Object.fromEntries(given) };
    await zk.set(limitsPath, quota.formatLimits(set));
  }
  return { set, seen: await quota.readTrack(zk, statsPath) };
}

function isOver(seen: number, soft: number, hard: number): boolean {
  return (soft > -1 && soft < seen) || (hard > -1 && hard < seen);
}
