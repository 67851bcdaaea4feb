import { Command } from "commander";
import type { WritingContext } from "../command-context.ts";
import { checkPath } from "../malformed-path.ts";
import { integer, versionOf } from "../option-values.ts";

/** The options of `delete`. */
export interface DeleteFlags {
  readonly v?: number;
}

/** What is said to delete a znode. */
export function deleteSyntax(): Command {
  return new Command("delete")
    .description("delete a znode that has no children")
    .argument("<path>")
    .option("-v <version>", "only if it has this version", integer);
}

const HELP = `
Examples:
  delete /master
  delete -v 3 /config`;

/** `delete path`. */
export function deleteCommand({ connection }: WritingContext): Command {
  return deleteSyntax()
    .addHelpText("after", HELP)
    .action(async (path: string, options: DeleteFlags) => {
      checkPath(path);
      await (await connection.client()).delete(path, versionOf(options));
    });
}
