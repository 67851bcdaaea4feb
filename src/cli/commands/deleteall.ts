import { Command } from "commander";
import { isKeeperError, type ZooKeeper } from "../../client/index.ts";
import type { WritingContext } from "../command-context.ts";
import { CommandError } from "../command-error.ts";
import { checkPath } from "../malformed-path.ts";
import type { Progress } from "../output/progress.ts";
import { integer } from "../option-values.ts";
import { walkTree } from "../walk-tree.ts";

/** Znodes deleted at once. Source: zkCli `DeleteAllCommand`. */
const BATCH = 1_000;

const HELP = `
Examples:
  deleteall --dry-run /app
  deleteall -b 100 /app`;

/** `deleteall path`: a znode and everything below it. */
export function deleteallCommand({ connection, output, signal }: WritingContext): Command {
  return new Command("deleteall")
    .description("delete a znode and everything below it")
    .argument("<path>")
    .option("-b <batch>", "so many in one transaction", integer, BATCH)
    .addHelpText("after", HELP)
    .action(async (path: string, { b }: { readonly b: number }) => {
      checkPath(path);
      if (b < 0) throw new CommandError("-b argument must be an int value");
      const zk = await connection.client();
      const paths: string[] = [];
      {
        using finding = output.progress({ name: "finding", signal });
        for await (const below of walkTree(zk, path, { signal })) {
          paths.push(below);
          finding.tick();
        }
      }
      using progress = output.progress({ name: "deleting", total: paths.length, signal });
      // Children go before their parents.
      await deleteInBatches(zk, paths.toReversed(), { size: b || 1, signal, progress });
    });
}

/** How znodes are deleted. */
interface Deletion {
  /** Of a batch. */
  readonly size: number;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/** A batch that fails is undone as a whole, and nothing behind it is tried. */
async function deleteInBatches(
  zk: ZooKeeper,
  paths: readonly string[],
  { size, signal, progress }: Deletion,
): Promise<void> {
  for (let at = 0; at < paths.length; at += size) {
    signal.throwIfAborted();
    const batch = zk.transaction();
    const some = paths.slice(at, at + size);
    for (const path of some) batch.delete(path);
    try {
      await batch.commit();
      progress.tick(some.length);
    } catch (error) {
      if (!isKeeperError(error)) throw error;
      throw new CommandError("Failed to delete some node(s) in the subtree!");
    }
  }
}
