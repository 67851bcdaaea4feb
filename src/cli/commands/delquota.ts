import { Command, Option } from "commander";
import { childPath, parentOf, type ZooKeeper } from "../../client/index.ts";
import { QUOTA_PATH } from "../../core/path.ts";
import type { StatsTrack } from "../../core/quota.ts";
import type { WritingContext } from "../command-context.ts";
import { checkPath } from "../malformed-path.ts";
import { formatLimits, limitsPath, quotaPath, readTrack } from "../quota-nodes.ts";

interface DelQuotaOptions {
  readonly n?: true;
  readonly b?: true;
  readonly N?: true;
  readonly B?: true;
}

const HELP = `
Examples:
  delquota /app
  delquota -N /app`;

/** `delquota path`. */
export function delquotaCommand({ connection, output }: WritingContext): Command {
  const limit = (name: string, others: readonly string[], text: string) =>
    new Option(`-${name}`, text).conflicts([...others]);
  return new Command("delquota")
    .description("take a limit of a subtree away, or all of them")
    .argument("<path>")
    .addOption(limit("n", ["b", "N", "B"], "that of znodes which is only logged"))
    .addOption(limit("b", ["n", "N", "B"], "that of bytes which is only logged"))
    .addOption(limit("N", ["n", "b", "B"], "that of znodes which refuses"))
    .addOption(limit("B", ["n", "b", "N"], "that of bytes which refuses"))
    .addHelpText("after", HELP)
    .action(async (path: string, options: DelQuotaOptions) => {
      checkPath(path);
      const zk = await connection.client();
      if ((await zk.exists(limitsPath(path))) === undefined) {
        output.line(`Quota does not exist for ${path}`);
        return;
      }
      const lifted = liftedBy(options);
      if (lifted === undefined) {
        await deleteQuota(zk, path);
        return;
      }
      const limits = { ...(await readTrack(zk, limitsPath(path))), ...lifted };
      await zk.set(limitsPath(path), formatLimits(limits));
    });
}

function liftedBy({ n, b, N, B }: DelQuotaOptions): Partial<StatsTrack> | undefined {
  if (n) return { count: -1 };
  if (b) return { bytes: -1 };
  if (N) return { countHardLimit: -1 };
  return B ? { byteHardLimit: -1 } : undefined;
}

/** Deletes the quota, and what led to no other one. */
async function deleteQuota(zk: ZooKeeper, path: string): Promise<void> {
  const whole = quotaPath(path);
  for (const name of (await zk.children(whole)).children) {
    // Quotas of older servers may have others below them; they would refuse.
    await zk.delete(childPath(whole, name));
  }
  for (let empty = whole; empty !== QUOTA_PATH; empty = parentOf(empty)) {
    if ((await zk.children(empty)).children.length > 0) return;
    await zk.delete(empty);
  }
}
