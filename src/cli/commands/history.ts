import { Command } from "commander";
import type { ShellContext } from "../command-context.ts";

const SHOWN = 11;

/** `history`: the last lines, with the numbers that `redo` takes. */
export function historyCommand({ output, shell }: ShellContext): Command {
  return new Command("history")
    .description("print the last commands")
    .addHelpText("after", "\nExample:\n  history")
    .action(() => {
      const start = Math.max(0, shell.history.length - SHOWN);
      for (const [index, line] of shell.history.slice(start).entries()) {
        output.line(`${start + index} - ${line}`);
      }
    });
}
