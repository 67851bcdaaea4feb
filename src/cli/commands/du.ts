import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { checkPath } from "../malformed-path.ts";
import { pathIn } from "../tree/tree-node.ts";
import { walkStats } from "../tree/walk-stats.ts";

interface Sum {
  readonly path: string;
  znodes: number;
  bytes: number;
}

/** `du path`: how much is below each of its children. */
export function duCommand(context: CommandContext): Command {
  const { output } = context;
  return new Command("du")
    .description("sum up the bytes of data and the znodes, for each child and for all")
    .argument("[path]", "the root of a subtree", "/")
    .addHelpText("after", "\nExample:\n  du /app")
    .action(async (path: string) => {
      checkPath(path);
      const sums = await sumUp(context, path);
      const text = sums.map(({ bytes, znodes, path: of }) => `${bytes}\t${znodes}\t${of}`);
      output.show({ value: sums, text });
    });
}

/** @throws KeeperError NONODE */
async function sumUp(
  { connection, output, signal }: CommandContext,
  root: string,
): Promise<readonly Sum[]> {
  const zk = await connection.client();
  // Says so if there is none.
  await zk.get(root);
  const all: Sum = { path: root, znodes: 0, bytes: 0 };
  const parts: Sum[] = [];
  using progress = output.progress({ name: "du", signal });
  for await (const { path, stat } of walkStats(zk, root, { signal, isLeftOut: () => false })) {
    progress.tick();
    // A walk is through with a child before it comes to the next one.
    if (path.lastIndexOf("/") === 0) parts.push({ path: pathIn(root, path), znodes: 0, bytes: 0 });
    for (const sum of [all, parts.at(-1)]) {
      if (sum === undefined) continue;
      sum.znodes += 1;
      sum.bytes += stat?.dataLength ?? 0;
    }
  }
  return [...parts, all];
}
