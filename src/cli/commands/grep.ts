import { Command } from "commander";
import { Code, isKeeperError } from "../../client/index.ts";
import type { CommandContext } from "../command-context.ts";
import { CommandError } from "../command-error.ts";
import { checkPath } from "../malformed-path.ts";
import { regularExpression } from "../option-values.ts";
import { walkTree } from "../walk-tree.ts";

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
    .action(async (pattern: RegExp, path: string, { l }: { readonly l?: true }) => {
      checkPath(path);
      const zk = await connection.client();
      let count = 0;
      using progress = output.progress({ name: "grep", signal });
      for await (const found of walkTree(zk, path, { signal })) {
        progress.tick();
        const text = await zk.get(found).then(
          (znode) => znode.text,
          // It is gone, or not for us.
          (error: unknown) => {
            if (isKeeperError(error, Code.NONODE, Code.NOAUTH)) return "";
            throw error;
          },
        );
        const lines = text.split("\n").filter((line) => pattern.test(line));
        count += lines.length;
        if (l && lines.length > 0) output.row({ value: found, text: [found] });
        if (l) continue;
        for (const line of lines) {
          output.row({ value: { path: found, line }, text: [`${found}:${line}`] });
        }
      }
      if (count === 0) throw new CommandError(`nothing matches ${pattern.source} below ${path}`);
    });
}
