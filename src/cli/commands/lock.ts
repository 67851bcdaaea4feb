import { Command } from "commander";
import { Lock } from "../../recipes/index.ts";
import type { CommandContext } from "../command-context.ts";
import { CommandError } from "../command-error.ts";
import { checkPath } from "../malformed-path.ts";
import { integer } from "../option-values.ts";
import { runWhileHeld } from "../run-while-held.ts";

const HELP = `
The program finds the fencing token in EDGEKEEPER_TOKEN_HELD. It gets a SIGTERM when the lock is lost.
The exit code is the program's, or 1 if the lock is taken for longer than --wait.

Example:
  lock /locks/backup --wait 5000 -- ./backup.sh`;

/** `lock path -- program`. */
export function lockCommand({ connection, signal, interrupts }: CommandContext): Command {
  return new Command("lock")
    .description("run a program under a lock")
    .argument("<path>", "the lock: its contenders are children of this znode")
    .argument("<program...>", "behind --")
    .option("--wait <ms>", "how long to wait for it; 0 takes it only if it is free", integer)
    .addHelpText("after", HELP)
    .action(async (path: string, program: readonly string[], { wait }: { wait?: number }) => {
      checkPath(path);
      const lock = new Lock(await connection.client(), path);
      await using held = await (wait === undefined
        ? lock.acquire({ signal })
        : lock.tryAcquire(wait, { signal }));
      if (held === undefined) throw new CommandError(`${path} is held by somebody else`);
      await runWhileHeld(held, program, interrupts);
    });
}
