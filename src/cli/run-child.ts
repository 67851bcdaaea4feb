import { spawn } from "node:child_process";
import { constants } from "node:os";
import { CommandError } from "./command-error.ts";

/** How a program is run beside us. */
export interface ChildOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Sends SIGTERM. */
  readonly signal: AbortSignal;
}

/**
 * Runs a program with our terminal, without a shell in between.
 *
 * @returns its exit code, as a shell tells it: 128 and its number for a signal.
 * @throws CommandError if it cannot be started
 */
export async function runChild(
  words: readonly string[],
  { environment = {}, signal }: ChildOptions,
): Promise<number> {
  const [program = "", ...args] = words;
  const child = spawn(program, args, {
    stdio: "inherit",
    env: { ...process.env, ...environment },
  });
  const stop = (): void => void child.kill("SIGTERM");
  signal.addEventListener("abort", stop);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once("error", ({ message }) =>
        reject(new CommandError(`expected ${program} to start, saw: ${message}`, 127)),
      );
      child.once("close", (code, ended) => {
        resolve(code ?? 128 + (ended === null ? 0 : constants.signals[ended]));
      });
    });
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
