import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { dataValue } from "../output/data-value.ts";
import { statLines } from "../output/format-stat.ts";
import { hexDump } from "../output/hex-dump.ts";
import { checkPath } from "../malformed-path.ts";

interface GetOptions {
  readonly s?: true;
  readonly w?: true;
  readonly b?: true;
  readonly x?: true;
}

/** What zkCli prints where no data was ever written. */
const NO_DATA = "null";

const HELP = `
Examples:
  get /config
  get -s -w /config
  get -x /app/blob`;

/** `get path`: the data. */
export function getCommand({ connection, output }: CommandContext): Command {
  return new Command("get")
    .description("print the data of a znode")
    .argument("<path>")
    .option("-s", "with its stat")
    .option("-w", "watch for a change")
    .option("-b", "the data as base64")
    .option("-x", "the data as a hex dump")
    .addHelpText("after", HELP)
    .action(async (path: string, { s, w, b, x }: GetOptions) => {
      checkPath(path);
      const zk = await connection.client();
      const { data, text, stat } = await zk.get(path, { watch: w && connection.watcher });
      const bytes = data ?? Buffer.from(NO_DATA);
      const plain = data === null ? NO_DATA : text;
      const shown = x ? hexDump(bytes) : b ? Buffer.from(bytes).toString("base64") : plain;
      output.show({
        value: { path, ...dataValue(data), ...(s ? { stat } : {}) },
        text: [shown, ...(s ? statLines(stat) : [])],
        raw: b || x ? shown : (data ?? ""),
      });
    });
}
