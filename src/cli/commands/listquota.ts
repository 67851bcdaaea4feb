import { Command } from "commander";
import { Code, isKeeperError } from "../../client/index.ts";
import { formatStatsTrack } from "../../core/quota.ts";
import type { CommandContext } from "../command-context.ts";
import { CommandError } from "../command-error.ts";
import { checkPath } from "../malformed-path.ts";
import { formatLimits, limitsPath, readTrack, statsPath } from "../quota-nodes.ts";

/** `listquota path`. */
export function listquotaCommand({ connection, output }: CommandContext): Command {
  return new Command("listquota")
    .description("print the quota of a subtree, and how much of it is used")
    .argument("<path>")
    .addHelpText("after", "\nExample:\n  listquota /app")
    .action(async (path: string) => {
      checkPath(path);
      if (output.format === "text") output.remark(`absolute path is ${limitsPath(path)}`);
      const zk = await connection.client();
      try {
        const limits = await readTrack(zk, limitsPath(path));
        const stats = await readTrack(zk, statsPath(path));
        output.show({
          value: { path, limits, used: { znodes: stats.count, usedBytes: stats.bytes } },
          text: [
            `Output quota for ${path} ${formatLimits(limits)}`,
            `Output stat for ${path} ${formatStatsTrack(stats)}`,
          ],
        });
      } catch (error) {
        if (!isKeeperError(error, Code.NONODE)) throw error;
        throw new CommandError(`quota for ${path} does not exist.`);
      }
    });
}
