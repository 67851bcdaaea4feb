import { hostname } from "node:os";
import { Command } from "commander";
import { LeaderElection } from "../../recipes/index.ts";
import type { CommandContext } from "../command-context.ts";
import { checkPath } from "../malformed-path.ts";
import { runWhileHeld } from "../run-while-held.ts";

const HELP = `
The program finds the fencing token in EDGEKEEPER_TOKEN_HELD. It gets a SIGTERM when it leads no more.
Others see who leads in the data of the first child of the path. The exit code is the program's.

Example:
  elect /election -- ./lead.sh`;

/** `elect path -- program`. */
export function electCommand({ connection, output, signal, interrupts }: CommandContext): Command {
  return new Command("elect")
    .description("wait to be elected, and run a program as the leader")
    .argument("<path>", "the election: its candidates are children of this znode")
    .argument("<program...>", "behind --")
    .option("--id <name>", "who we are, for others", hostname())
    .addHelpText("after", HELP)
    .action(async (path: string, program: readonly string[], { id }: { readonly id: string }) => {
      checkPath(path);
      const election = new LeaderElection(await connection.client(), path, { data: id });
      const lead = async (held: Parameters<typeof runWhileHeld>[0]): Promise<void> => {
        output.remark(`${id} leads`);
        await runWhileHeld(held, program, interrupts);
      };
      await election.campaign(lead, { signal });
    });
}
