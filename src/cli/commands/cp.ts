import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { copyTree } from "../copy-tree.ts";
import { checkPath } from "../malformed-path.ts";

/** `cp from to`: one transaction. */
export function cpCommand({ connection, output, signal }: CommandContext): Command {
  return new Command("cp")
    .description("copy a znode with its ACL, all at once or not at all")
    .argument("<from>")
    .argument("<to>")
    .option("-r", "with everything below")
    .action(async (from: string, to: string, { r = false }: { readonly r?: boolean }) => {
      checkPath(from);
      checkPath(to);
      const zk = await connection.client();
      const paths = await copyTree(zk, { from, to, isRecursive: r, isMove: false }, signal);
      output.remark(`Created ${paths.length === 1 ? to : `${paths.length} znodes`}`);
    });
}
