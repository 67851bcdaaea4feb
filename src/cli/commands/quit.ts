import { Command } from "commander";
import type { ShellContext } from "../command-context.ts";

/** `quit`. */
export function quitCommand({ shell }: ShellContext): Command {
  return new Command("quit")
    .alias("exit")
    .description("close the session and leave")
    .addHelpText("after", "\nExample:\n  quit")
    .action(() => shell.quit());
}
