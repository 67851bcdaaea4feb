import { Command } from "commander";
import type { ShellContext } from "../command-context.ts";
import { CommandError } from "../command-error.ts";
import { integer } from "../option-values.ts";

/** `redo n`. */
export function redoCommand({ shell }: ShellContext): Command {
  return new Command("redo")
    .description("run a command of the history again")
    .argument("<number>", "as history prints it", integer)
    .addHelpText("after", "\nExample:\n  redo 3")
    .action(async (index: number) => {
      // The last one is this redo itself.
      const line = index < shell.history.length - 1 ? shell.history[index] : undefined;
      if (line === undefined) throw new CommandError("Command index out of range");
      if (/^\s*redo\b/.test(line)) throw new CommandError("No redoing redos");
      await shell.redo(line);
    });
}
