import { Command } from "commander";
import { Code, KeeperError } from "../../client/index.ts";
import type { CommandContext } from "../command-context.ts";
import { statLines } from "../output/format-stat.ts";
import { checkPath } from "../malformed-path.ts";

/** `stat path`. */
export function statCommand({ connection, output }: CommandContext): Command {
  return new Command("stat")
    .description("print the stat of a znode")
    .argument("<path>")
    .option("-w", "watch for a change, also for its create")
    .addHelpText("after", "\nExample:\n  stat -w /master")
    .action(async (path: string, { w }: { readonly w?: true }) => {
      checkPath(path);
      const zk = await connection.client();
      const stat = await zk.exists(path, { watch: w && connection.watcher });
      if (stat === undefined) throw new KeeperError(Code.NONODE, { path });
      output.show({ value: { path, stat }, text: statLines(stat) });
    });
}
