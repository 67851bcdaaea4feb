import { Command } from "commander";
import type { ShellContext } from "../command-context.ts";

/** `connect [server]`: a new session, there or here. */
export function connectCommand({ connection }: ShellContext): Command {
  return new Command("connect")
    .description("close the session and open one, also at another server")
    .argument("[server]", "URL, or host:port")
    .action(async (server: string | undefined) => {
      await connection.open(server);
    });
}
