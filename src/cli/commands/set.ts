import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { statLines } from "../output/format-stat.ts";
import { checkPath } from "../malformed-path.ts";
import { integer, versionOf } from "../option-values.ts";

interface SetOptions {
  readonly s?: true;
  readonly v?: number;
  readonly b?: true;
}

/** `set path data`. */
export function setCommand({ connection, output }: CommandContext): Command {
  return new Command("set")
    .description("write the data of a znode")
    .argument("<path>")
    .argument("<data>")
    .option("-s", "print its stat")
    .option("-v <version>", "only if it has this version", integer)
    .option("-b", "the data is base64")
    .action(async (path: string, data: string, options: SetOptions) => {
      checkPath(path);
      const zk = await connection.client();
      const bytes = options.b ? Buffer.from(data, "base64") : data;
      const stat = await zk.set(path, bytes, versionOf(options));
      if (options.s) output.show({ value: { path, stat }, text: statLines(stat) });
    });
}
