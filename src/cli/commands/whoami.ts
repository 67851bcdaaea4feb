import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";

const HELP = `
ZooKeeper ≥ 3.7.

Example:
  whoami`;

/** `whoami`. */
export function whoamiCommand({ connection, output }: CommandContext): Command {
  return new Command("whoami")
    .description("print who the server takes us for")
    .addHelpText("after", HELP)
    .action(async () => {
      const ids = await (await connection.client()).whoAmI();
      const lines = ids.map(({ scheme, id }) => `${scheme}: ${id}`);
      output.show({ value: ids, text: ["Auth scheme: User", ...lines] });
    });
}
