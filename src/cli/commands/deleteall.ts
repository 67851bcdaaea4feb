import { Command } from "commander";
import { isKeeperError, type ZooKeeper } from "../../client/index.ts";
import type { CommandContext } from "../command-context.ts";
import { CommandError } from "../command-error.ts";
import { checkPath } from "../malformed-path.ts";
import { integer } from "../option-values.ts";
import { walkTree } from "../walk-tree.ts";

/** Znodes deleted at once. Source: zkCli `DeleteAllCommand`. */
const BATCH = 1_000;

/** `deleteall path`: a znode and everything below it. */
export function deleteallCommand({ connection, output, signal }: CommandContext): Command {
  return new Command("deleteall")
    .description("delete a znode and everything below it")
    .argument("<path>")
    .option("-b <batch>", "so many in one transaction", integer, BATCH)
    .option("--dry-run", "only print what would be deleted")
    .action(async (path: string, { b, dryRun }: { b: number; dryRun?: true }) => {
      checkPath(path);
      if (b < 0) throw new CommandError("-b argument must be an int value");
      const zk = await connection.client();
      const paths: string[] = [];
      for await (const below of walkTree(zk, path, { signal })) paths.push(below);
      // Children go before their parents.
      paths.reverse();
      if (dryRun) output.show({ value: paths, text: paths });
      else await deleteInBatches(zk, paths, { size: b || 1, signal });
    });
}

/** A batch that fails is undone as a whole, and nothing behind it is tried. */
async function deleteInBatches(
  zk: ZooKeeper,
  paths: readonly string[],
  { size, signal }: { readonly size: number; readonly signal: AbortSignal },
): Promise<void> {
  for (let at = 0; at < paths.length; at += size) {
    signal.throwIfAborted();
    const batch = zk.transaction();
    for (const path of paths.slice(at, at + size)) batch.delete(path);
    try {
      await batch.commit();
    } catch (error) {
      if (!isKeeperError(error)) throw error;
      throw new CommandError("Failed to delete some node(s) in the subtree!");
    }
  }
}
