import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { checkPath } from "../malformed-path.ts";
import { regularExpression } from "../option-values.ts";
import { walkTree } from "../walk-tree.ts";

interface FindOptions {
  readonly name?: RegExp;
  readonly ephemeral?: true;
}

/** `find path`: paths below, by their names. */
export function findCommand({ connection, output, signal }: CommandContext): Command {
  return new Command("find")
    .description("list paths of a subtree whose names match")
    .argument("<path>")
    .option("-n, --name <pattern>", "a regular expression for the last part", regularExpression)
    .option("--ephemeral", "ephemerals only")
    .addHelpText("after", "\nExample:\n  find / --name '^task-' --ephemeral")
    .action(async (path: string, { name = /^/, ephemeral }: FindOptions) => {
      checkPath(path);
      const zk = await connection.client();
      for await (const found of walkTree(zk, path, { signal })) {
        if (!name.test(found.slice(found.lastIndexOf("/") + 1))) continue;
        if (ephemeral && !isSession((await zk.exists(found))?.ephemeralOwner ?? 0n)) continue;
        output.show({ value: found, text: [found] });
      }
    });
}

/** Other servers mark containers and TTLs in the same place. Source: ZooKeeper `EphemeralType`. */
function isSession(ephemeralOwner: bigint): boolean {
  const owner = BigInt.asUintN(64, ephemeralOwner);
  return owner !== 0n && owner !== 1n << 63n && owner >> 56n !== 0xffn;
}
