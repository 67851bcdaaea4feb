import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";

/** `whoami`. */
export function whoamiCommand({ connection, output }: CommandContext): Command {
  return new Command("whoami").description("print who the server takes us for").action(async () => {
    const ids = await (await connection.client()).whoAmI();
    const lines = ids.map(({ scheme, id }) => `${scheme}: ${id}`);
    output.show({ value: ids, text: ["Auth scheme: User", ...lines] });
  });
}
