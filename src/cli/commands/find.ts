import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { checkPath } from "../malformed-path.ts";
import { regularExpression } from "../option-values.ts";
import { kindOf } from "../tree/stat-kind.ts";
import { walkTree } from "../walk-tree.ts";

interface FindOptions {
  readonly name?: RegExp;
  readonly ephemeral?: true;
}

/** `find path`: paths below, by their names. */
export function findCommand({ connection, output, signal }: CommandContext): Command {
  return new Command("find")
    .description("list paths of a subtree whose names match")
    .argument("<path>")
    .option("-n, --name <pattern>", "a regular expression for the last part", regularExpression)
    .option("--ephemeral", "ephemerals only")
    .addHelpText("after", "\nExample:\n  find / --name '^task-' --ephemeral")
    .action(async (path: string, { name = /^/, ephemeral }: FindOptions) => {
      checkPath(path);
      const zk = await connection.client();
      using progress = output.progress({ name: "find", signal });
      for await (const found of walkTree(zk, path, { signal })) {
        progress.tick();
        if (!name.test(found.slice(found.lastIndexOf("/") + 1))) continue;
        if (
          ephemeral &&
          kindOf((await zk.exists(found))?.ephemeralOwner ?? 0).kind !== "EPHEMERAL"
        ) {
          continue;
        }
        output.row({ value: found, text: [found] });
      }
    });
}
