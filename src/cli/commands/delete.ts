import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { checkPath } from "../malformed-path.ts";
import { integer, versionOf } from "../option-values.ts";

/** `delete path`. */
export function deleteCommand({ connection }: CommandContext): Command {
  return new Command("delete")
    .description("delete a znode that has no children")
    .argument("<path>")
    .option("-v <version>", "only if it has this version", integer)
    .action(async (path: string, options: { readonly v?: number }) => {
      checkPath(path);
      await (await connection.client()).delete(path, versionOf(options));
    });
}
