import { Command } from "commander";
import { Code, isKeeperError, parentOf } from "../../client/index.ts";
import { isWithin } from "../../core/path.ts";
import type { CommandContext } from "../command-context.ts";
import { checkPath } from "../malformed-path.ts";
import { walkTree } from "../walk-tree.ts";

interface Sum {
  readonly path: string;
  znodes: number;
  bytes: number;
}

/** `du path`: how much is below each of its children. */
export function duCommand({ connection, output, signal }: CommandContext): Command {
  return new Command("du")
    .description("sum up the bytes of data and the znodes, for each child and for all")
    .argument("[path]", "the root of a subtree", "/")
    .addHelpText("after", "\nExample:\n  du /app")
    .action(async (path: string) => {
      checkPath(path);
      const zk = await connection.client();
      const all: Sum = { path, znodes: 0, bytes: 0 };
      const parts: Sum[] = [];
      using progress = output.progress({ name: "du", signal });
      for await (const found of walkTree(zk, path, { signal })) {
        progress.tick();
        const stat = await zk.exists(found).catch((error: unknown) => {
          if (!isKeeperError(error, Code.NOAUTH)) throw error;
        });
        if (found !== path && parentOf(found) === path) {
          parts.push({ path: found, znodes: 0, bytes: 0 });
        }
        for (const sum of [all, ...parts.filter((part) => isWithin(found, part.path))]) {
          sum.znodes += 1;
          sum.bytes += stat?.dataLength ?? 0;
        }
      }
      const sums = [...parts, all];
      const text = sums.map(({ bytes, znodes, path: of }) => `${bytes}\t${znodes}\t${of}`);
      output.show({ value: sums, text });
    });
}
