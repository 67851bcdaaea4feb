import { Argument, Command } from "commander";
import type { ShellContext } from "../command-context.ts";

/** `printwatches [on|off]`. */
export function printwatchesCommand({ output, shell }: ShellContext): Command {
  return new Command("printwatches")
    .description("say whether events are printed")
    .addArgument(new Argument("[state]", "from now on; printed if absent").choices(["on", "off"]))
    .addHelpText("after", "\nExample:\n  printwatches off")
    .action((state: "on" | "off" | undefined) => {
      if (state === undefined) {
        output.line(`printwatches is ${shell.isPrintingWatches ? "on" : "off"}`);
      } else {
        shell.isPrintingWatches = state === "on";
      }
    });
}
