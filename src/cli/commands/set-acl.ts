import { Command } from "commander";
import { isKeeperError } from "../../client/index.ts";
import type { WritingContext } from "../command-context.ts";
import { keeperErrorCode } from "../error-text.ts";
import { statLines } from "../output/format-stat.ts";
import { checkPath } from "../malformed-path.ts";
import { aclOf, integer, versionOf } from "../option-values.ts";
import { walkTree } from "../walk-tree.ts";

interface SetAclOptions {
  readonly s?: true;
  readonly v?: number;
  readonly R?: true;
}

const HELP = `
Examples:
  setAcl /config world:anyone:r
  setAcl -R /app auth::cdrwa`;

/** `setAcl path acl`. */
export function setAclCommand({ connection, output, signal }: WritingContext): Command {
  return new Command("setAcl")
    .description("say who may do what with a znode")
    .argument("<path>")
    .argument("<acl>", "scheme:id:perms, joined by commas; perms are letters of cdrwa")
    .option("-s", "print its stat")
    .option("-v <version>", "only if its ACL has this version", integer)
    .option("-R", "for everything below, too")
    .addHelpText("after", HELP)
    .action(async (path: string, text: string, options: SetAclOptions) => {
      checkPath(path);
      const acl = aclOf(text);
      const zk = await connection.client();
      if (!options.R) {
        const stat = await zk.setACL(path, acl, versionOf(options));
        if (options.s) output.show({ value: { path, stat }, text: statLines(stat) });
        return;
      }
      for await (const below of walkTree(zk, path, { signal })) {
        await zk.setACL(below, acl, versionOf(options)).catch((error: unknown) => {
          // One that refuses does not keep the others from it.
          if (!isKeeperError(error)) throw error;
          output.remark(keeperErrorCode(error));
        });
      }
    });
}
