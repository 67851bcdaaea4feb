import { Command } from "commander";
import type { ShellContext } from "../command-context.ts";

/** `close`: ends the session; the shell goes on. */
export function closeCommand({ connection }: ShellContext): Command {
  return new Command("close")
    .description("close the session, with its ephemerals")
    .addHelpText("after", "\nExample:\n  close")
    .action(() => connection.close());
}
