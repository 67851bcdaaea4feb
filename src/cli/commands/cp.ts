import { Command } from "commander";
import type { WritingContext } from "../command-context.ts";
import { copyTree } from "../copy-tree.ts";
import { checkPath } from "../malformed-path.ts";

const HELP = `
Examples:
  cp /app/config /app/config.old
  cp -r /app /backup`;

/** `cp from to`: one transaction. */
export function cpCommand({ connection, output, signal }: WritingContext): Command {
  return new Command("cp")
    .description("copy a znode with its ACL, all at once or not at all")
    .argument("<from>")
    .argument("<to>")
    .option("-r", "with everything below")
    .addHelpText("after", HELP)
    .action(async (from: string, to: string, { r = false }: { readonly r?: boolean }) => {
      checkPath(from);
      checkPath(to);
      const zk = await connection.client();
      using progress = output.progress({ name: "cp", signal });
      const copy = { from, to, isRecursive: r, isMove: false };
      const paths = await copyTree(zk, copy, { signal, progress });
      output.confirm(`Created ${paths.length === 1 ? to : `${paths.length} znodes`}`);
    });
}
