import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { checkPath } from "../malformed-path.ts";

const HELP = `
ZooKeeper ≥ 3.6.

Example:
  getAllChildrenNumber /app`;

/** `getAllChildrenNumber path`. */
export function getAllChildrenNumberCommand({ connection, output }: CommandContext): Command {
  return new Command("getAllChildrenNumber")
    .description("count everything below a znode")
    .argument("<path>")
    .addHelpText("after", HELP)
    .action(async (path: string) => {
      checkPath(path);
      const count = await (await connection.client()).countDescendants(path);
      output.show({ value: count, text: [String(count)] });
    });
}
