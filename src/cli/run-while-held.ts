import type { Hold } from "../recipes/index.ts";
import { CommandError } from "./command-error.ts";
import type { Interrupts } from "./interrupts.ts";
import { runChild } from "./run-child.ts";

/**
 * Runs a program as long as something is held; whoever calls lets go behind it.
 *
 * @throws CommandError with the program's exit code, unless that is 0; 1 when the hold was lost
 */
export async function runWhileHeld(
  held: Hold,
  program: readonly string[],
  interrupts: Interrupts,
): Promise<void> {
  const environment = { EDGEKEEPER_TOKEN_HELD: String(held.token) };
  const exitCode = await runChild(program, { environment, interrupts, lost: held.lost });
  if (held.lost.aborted) throw new CommandError(`${held.path} was lost while ${program[0]} ran`);
  // It has said itself what went wrong.
  if (exitCode !== 0) throw new CommandError("", exitCode);
}
