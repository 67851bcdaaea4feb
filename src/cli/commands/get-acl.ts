import { Command } from "commander";
import { formatAcl, formatPerms } from "../../protocol/acl-text.ts";
import type { CommandContext } from "../command-context.ts";
import { statLines } from "../output/format-stat.ts";
import { checkPath } from "../malformed-path.ts";

/** `getAcl path`. */
export function getAclCommand({ connection, output }: CommandContext): Command {
  return new Command("getAcl")
    .description("print who may do what with a znode")
    .argument("<path>")
    .option("-s", "with its stat")
    .addHelpText("after", "\nExample:\n  getAcl -s /config")
    .action(async (path: string, { s }: { readonly s?: true }) => {
      checkPath(path);
      const { acl, stat } = await (await connection.client()).getACL(path);
      // Two lines an entry: an id is a record of jute, whose text ends its line.
      const text = acl.flatMap(({ id, perms }) => [
        `'${id.scheme},'${id.id}`,
        `: ${formatPerms(perms)}`,
      ]);
      const entries = acl.map(({ id, perms }) => ({ ...id, perms: formatPerms(perms) }));
      output.show({
        value: s ? { path, acl: entries, stat } : entries,
        text: [...text, ...(s ? statLines(stat) : [])],
        raw: `${formatAcl(acl)}\n`,
      });
    });
}
