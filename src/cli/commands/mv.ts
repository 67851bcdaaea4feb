import { Command } from "commander";
import type { WritingContext } from "../command-context.ts";
import { copyTree } from "../copy-tree.ts";
import { checkPath } from "../malformed-path.ts";

/** `mv from to`: one transaction, so that nobody sees both, or neither. */
export function mvCommand({ connection, output, signal }: WritingContext): Command {
  return new Command("mv")
    .description("move a znode and everything below it, all at once or not at all")
    .argument("<from>")
    .argument("<to>")
    .addHelpText("after", "\nExample:\n  mv /app/old /app/new")
    .action(async (from: string, to: string) => {
      checkPath(from);
      checkPath(to);
      const zk = await connection.client();
      using progress = output.progress({ name: "mv", signal });
      await copyTree(zk, { from, to, isRecursive: true, isMove: true }, { signal, progress });
    });
}
