import { Command } from "commander";
import { childPath, type ZooKeeper } from "../../client/index.ts";
import type { CommandContext } from "../command-context.ts";
import type { Paint } from "../output/colours.ts";
import { checkPath } from "../malformed-path.ts";
import { integer } from "../option-values.ts";

/** A znode in a drawing. */
interface Branch {
  readonly path: string;
  /** What stands before the names of its children. */
  readonly margin: string;
  readonly depth: number;
}

/** Where its lines go. */
interface Drawing {
  readonly print: (line: string) => void;
  readonly paint: Paint;
}

/** `tree path`: a drawing of a subtree. */
export function treeCommand({ connection, output, signal }: CommandContext): Command {
  return new Command("tree")
    .description("draw a subtree")
    .argument("[path]", "its root", "/")
    .option("-L <levels>", "only so deep", integer, Number.POSITIVE_INFINITY)
    .addHelpText("after", "\nExample:\n  tree -L 2 /app")
    .action(async (path: string, { L }: { readonly L: number }) => {
      checkPath(path);
      const zk = await connection.client();
      output.line(path);
      const print = (line: string): void => {
        signal.throwIfAborted();
        output.line(line);
      };
      await draw(zk, { path, margin: "", depth: L }, { print, paint: output.paint });
    });
}

async function draw(zk: ZooKeeper, branch: Branch, drawing: Drawing): Promise<void> {
  const { path, margin, depth } = branch;
  if (depth <= 0) return;
  const names = (await zk.children(path)).children.toSorted();
  for (const [index, name] of names.entries()) {
    const isLast = index === names.length - 1;
    const { print, paint } = drawing;
    print(`${paint("faint", `${margin}${isLast ? "└── " : "├── "}`)}${name}`);
    const below = { path: childPath(path, name), depth: depth - 1 };
    await draw(zk, { ...below, margin: margin + (isLast ? "    " : "│   ") }, drawing);
  }
}
