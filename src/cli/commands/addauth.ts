import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";

/** `addauth scheme auth`. */
export function addauthCommand({ connection }: CommandContext): Command {
  return new Command("addauth")
    .description("prove an identity, for the rest of the session")
    .argument("<scheme>", "digest, for example")
    .argument("[auth]", "user:password, for digest", "")
    .addHelpText("after", "\nExample:\n  addauth digest ann:secret")
    .action(async (scheme: string, auth: string) => {
      await (await connection.client()).addAuth(scheme, auth);
    });
}
