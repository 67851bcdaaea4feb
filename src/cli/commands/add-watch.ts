import { Argument, Command, Option } from "commander";
import type { CommandContext } from "../command-context.ts";
import { checkPath } from "../malformed-path.ts";

const MODES = ["PERSISTENT", "PERSISTENT_RECURSIVE"] as const;

const HELP = `
ZooKeeper ≥ 3.6. Events are printed by the shell; elsewhere use watch.

Examples:
  addWatch /config
  addWatch -m PERSISTENT /workers`;

/** `addWatch path`. */
export function addWatchCommand({ connection }: CommandContext): Command {
  return new Command("addWatch")
    .description("watch a znode for good, and everything below it")
    .addArgument(new Argument("<path>"))
    .addOption(
      new Option("-m <mode>", "PERSISTENT: not what is below it").choices(MODES).default(MODES[1]),
    )
    .addHelpText("after", HELP)
    .action(async (path: string, { m }: { readonly m: (typeof MODES)[number] }) => {
      checkPath(path);
      const zk = await connection.client();
      await zk.addWatch(path, connection.watcher, { recursive: m === "PERSISTENT_RECURSIVE" });
    });
}
