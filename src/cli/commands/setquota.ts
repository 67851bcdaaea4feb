import { Command, Option } from "commander";
import type { ZooKeeper } from "../../client/index.ts";
import { QUOTA_PATH } from "../../core/path.ts";
import { formatStatsTrack, type StatsTrack } from "../../core/quota.ts";
import type { CommandContext } from "../command-context.ts";
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

/** `setquota path`. */
export function setquotaCommand({ connection, output }: CommandContext): Command {
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
      const { count, bytes } = await setQuota(await connection.client(), path, limits);
      if (isOver(count, options.n, options.N)) warn("count", count);
      if (isOver(bytes, options.b, options.B)) warn("bytes", bytes);
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

/** Sets those limits that are given, and leaves the others. @returns what is there already. */
async function setQuota(zk: ZooKeeper, path: string, limits: StatsTrack): Promise<StatsTrack> {
  if ((await zk.exists(path)) === undefined)
    throw new MalformedPathError(`${path} does not exist.`);
  await quota.refuseNested(zk, path);
  await quota.ensureQuotaPath(zk, path);
  const [limitsPath, statsPath] = [quota.limitsPath(path), quota.statsPath(path)];
  if ((await zk.exists(limitsPath)) === undefined) {
    await zk.create(limitsPath, formatStatsTrack(limits));
    await zk.create(statsPath, "count=0,bytes=0");
  } else {
    const given = Object.entries(limits).filter(([, value]) => value > -1);
    const merged = { ...(await quota.readTrack(zk, limitsPath)), ...Object.fromEntries(given) };
    await zk.set(limitsPath, formatStatsTrack(merged));
  }
  return quota.readTrack(zk, statsPath);
}

function isOver(seen: number, soft: number | undefined, hard: number | undefined): boolean {
  return (soft ?? hard ?? Number.POSITIVE_INFINITY) < seen;
}
