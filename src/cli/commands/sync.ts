import { Command } from "commander";
import { isKeeperError } from "../../client/index.ts";
import type { CommandContext } from "../command-context.ts";
import { CommandError } from "../command-error.ts";
import { checkPath } from "../malformed-path.ts";

/** `sync path`. */
export function syncCommand({ connection, output }: CommandContext): Command {
  return new Command("sync")
    .description("wait until this server has everything that was committed")
    .argument("<path>")
    .addHelpText("after", "\nExample:\n  sync /")
    .action(async (path: string) => {
      checkPath(path);
      const zk = await connection.client();
      await zk.sync(path).catch((error: unknown) => {
        if (!isKeeperError(error)) throw error;
        throw new CommandError(`Sync has failed. rc=${error.code}`);
      });
      output.line("Sync is OK");
    });
}
