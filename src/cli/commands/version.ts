import { Command } from "commander";
import { FULL_VERSION } from "../../protocol/version.ts";
import type { CommandContext } from "../command-context.ts";

/** `version`. */
export function versionCommand({ output }: CommandContext): Command {
  return new Command("version")
    .description("print the version of this program")
    .addHelpText("after", "\nExample:\n  version")
    .action(() => {
      output.line(`ZooKeeper CLI version: ${FULL_VERSION}`);
    });
}
