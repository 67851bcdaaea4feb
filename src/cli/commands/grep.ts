import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { CommandError } from "../command-error.ts";
import { checkPath } from "../malformed-path.ts";
import { regularExpression } from "../option-values.ts";
import { readFound } from "../tree/read-tree.ts";
import { pathIn } from "../tree/tree-node.ts";
import { walkStats } from "../tree/walk-stats.ts";

const decoder = new TextDecoder();

const HELP = `
Ends with 1 if there is none.

Example:
  grep -l 'host: *zoo[0-9]' /app`;

/** `grep pattern path`: lines of data. Ends with 1 if there is none, as grep does. */
export function grepCommand({ connection, output, signal }: CommandContext): Command {
  return new Command("grep")
    .description("print lines of data that match, in a subtree")
    .argument("<pattern>", "a regular expression", regularExpression)
    .argument("[path]", "its root", "/")
    .option("-l", "only the paths")
    .addHelpText("after", HELP)
    .action(async (pattern: RegExp, root: string, { l }: { readonly l?: true }) => {
      checkPath(root);
      const zk = await connection.client();
      // Says so if there is none.
      await zk.get(root);
      const found = walkStats(zk, root, { signal, isLeftOut: () => false });
      const options = { withAcl: false, withEphemerals: true, signal, onLeftOut: () => undefined };
      let count = 0;
      using progress = output.progress({ name: "grep", signal });
      for await (const node of readFound(zk, { root, found }, options)) {
        progress.tick();
        // What may not be read matches nothing.
        if ("isHidden" in node || node.data === null) continue;
        const path = pathIn(root, node.path);
        const lines = decoder
          .decode(node.data)
          .split("\n")
          .filter((line) => pattern.test(line));
        count += lines.length;
        if (l && lines.length > 0) output.row({ value: path, text: [path] });
        if (l) continue;
        for (const line of lines) {
          output.row({ value: { path, line }, text: [`${path}:${line}`] });
        }
      }
      if (count === 0) throw new CommandError(`nothing matches ${pattern.source} below ${root}`);
    });
}
