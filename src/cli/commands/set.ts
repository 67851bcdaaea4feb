import { Command } from "commander";
import type { Data } from "../../client/index.ts";
import type { WritingContext } from "../command-context.ts";
import { statLines } from "../output/format-stat.ts";
import { checkPath } from "../malformed-path.ts";
import { integer, versionOf } from "../option-values.ts";

/** The options of `set` that say what is written. */
export interface SetFlags {
  readonly v?: number;
  readonly b?: true;
}

/** What is said to write data. */
export function setSyntax(): Command {
  return new Command("set")
    .description("write the data of a znode")
    .argument("<path>")
    .argument("<data>", "as it is, or as base64 with -b")
    .option("-v <version>", "only if it has this version", integer)
    .option("-b", "the data is base64");
}

/** The data that was meant. */
export function dataOf(text: string, { b }: SetFlags): Data {
  return b ? Buffer.from(text, "base64") : text;
}

const HELP = `
Examples:
  set /config '{"debug":true}'
  set -v 3 /config x
  set -b /app/blob AAEC`;

/** `set path data`. */
export function setCommand({ connection, output }: WritingContext): Command {
  return setSyntax()
    .option("-s", "print its stat")
    .addHelpText("after", HELP)
    .action(async (path: string, text: string, options: SetFlags & { readonly s?: true }) => {
      checkPath(path);
      const zk = await connection.client();
      const stat = await zk.set(path, dataOf(text, options), versionOf(options));
      if (options.s) output.show({ value: { path, stat }, text: statLines(stat) });
    });
}
