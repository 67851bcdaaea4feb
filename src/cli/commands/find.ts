import { Command } from "commander";
import { nameOf } from "../../core/path.ts";
import type { CommandContext } from "../command-context.ts";
import { checkPath } from "../malformed-path.ts";
import { regularExpression } from "../option-values.ts";
import { kindOf } from "../tree/stat-kind.ts";
import { pathIn } from "../tree/tree-node.ts";
import { walkStats } from "../tree/walk-stats.ts";

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
    .action(async (root: string, { name = /^/, ephemeral }: FindOptions) => {
      checkPath(root);
      const zk = await connection.client();
      // Says so if there is none.
      await zk.get(root);
      using progress = output.progress({ name: "find", signal });
      for await (const found of walkStats(zk, root, { signal, isLeftOut: () => false })) {
        progress.tick();
        const path = pathIn(root, found.path);
        if (!name.test(nameOf(path))) continue;
        if (ephemeral && kindOf(found.stat?.ephemeralOwner ?? 0).kind !== "EPHEMERAL") continue;
        output.row({ value: path, text: [path] });
      }
    });
}
