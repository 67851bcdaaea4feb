import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import type { Paint } from "../output/colours.ts";
import { statLines } from "../output/format-stat.ts";
import { checkPath } from "../malformed-path.ts";
import { walkTree } from "../walk-tree.ts";

interface LsOptions {
  readonly s?: true;
  readonly w?: true;
  readonly R?: true;
}

const HELP = `
Examples:
  ls /
  ls -s -w /workers
  ls -R /app`;

/** `ls path`: names of children; with `-R` all paths below. */
export function lsCommand({ connection, output, signal }: CommandContext): Command {
  return new Command("ls")
    .description("list the children of a znode")
    .argument("<path>")
    .option("-s", "with its stat")
    .option("-w", "watch for a change")
    .option("-R", "everything below, one path a line")
    .addHelpText("after", HELP)
    .action(async (path: string, { s, w, R }: LsOptions) => {
      checkPath(path);
      const zk = await connection.client();
      const watch = w && connection.watcher;
      if (R) {
        for await (const below of walkTree(zk, path, { watch, signal })) {
          output.row({ value: below, text: [below] });
        }
        return;
      }
      const { children, stat } = await zk.children(path, { watch });
      const names = children.toSorted();
      output.show({
        value: s ? { path, children: names, stat } : names,
        text: [bracketed(names, output.paint), ...(s ? statLines(stat) : [])],
        raw: names.map((name) => `${name}\n`).join(""),
      });
    });
}

function bracketed(names: readonly string[], paint: Paint): string {
  return `${paint("faint", "[")}${names.join(paint("faint", ", "))}${paint("faint", "]")}`;
}
