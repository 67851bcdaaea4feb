import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { checkPath } from "../malformed-path.ts";

const HELP = `
ZooKeeper ≥ 3.6.

Example:
  getEphemerals /workers`;

/** `getEphemerals [path]`. */
export function getEphemeralsCommand({ connection, output }: CommandContext): Command {
  return new Command("getEphemerals")
    .description("list the ephemerals of this session")
    .argument("[path]", "what they start with", "/")
    .addHelpText("after", HELP)
    .action(async (path: string) => {
      checkPath(path);
      const paths = await (await connection.client()).ephemerals(path);
      output.show({
        value: paths,
        text: [`[${paths.join(", ")}]`],
        raw: paths.map((ephemeral) => `${ephemeral}\n`).join(""),
      });
    });
}
