import { Command } from "commander";
import type { ShellContext } from "../command-context.ts";

const HELP = `
Examples:
  connect zoo2:2181
  connect https://keeper.example.com`;

/** `connect [server]`: a new session, there or here. */
export function connectCommand({ connection }: ShellContext): Command {
  return new Command("connect")
    .description("close the session and open one, also at another server")
    .argument("[server]", "URL, or host:port")
    .addHelpText("after", HELP)
    .action(async (server: string | undefined) => {
      await connection.open(server);
    });
}
