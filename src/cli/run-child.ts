import { type ChildProcess, spawn } from "node:child_process";
import { CommandError } from "./command-error.ts";
import { ExitCode, exitCodeOfSignal } from "./exit-code.ts";
import { type InterruptName, type Interrupts, nameOfInterrupt } from "./interrupts.ts";

/** How a program is run beside us. */
export interface ChildOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly interrupts: Interrupts;
  /** Sends SIGTERM: what the program ran for is gone. */
  readonly lost?: AbortSignal;
}

/**
 * Runs a program with our terminal, without a shell in between, until it has ended.
 *
 * It gets each Ctrl-C once: from the terminal where that sends it to all of us, else from here. The
 * second one kills it.
 *
 * @returns its exit code, as a shell tells it: 128 and its number for a signal.
 * @throws CommandError if it cannot be started
 */
export async function runChild(
  words: readonly string[],
  { environment = {}, interrupts, lost }: ChildOptions,
): Promise<number> {
  const { signal, insisting } = interrupts;
  const [program = "", ...args] = words;
  signal.throwIfAborted();
  using _terminal = interrupts.lendTerminal();
  const child = spawn(program, args, {
    stdio: "inherit",
    env: { ...process.env, ...environment },
  });
  const listening = new AbortController();
  const on = (asked: AbortSignal | undefined, tell: () => void): void =>
    asked?.addEventListener("abort", tell, { signal: listening.signal });
  on(signal, () => passOn(child, nameOfInterrupt(signal)));
  on(insisting, () => void child.kill("SIGKILL"));
  on(lost, () => void child.kill("SIGTERM"));
  try {
    return await interrupts.during(endOf(child, program));
  } finally {
    listening.abort();
  }
}

function passOn(child: ChildProcess, name: InterruptName): void {
  const { isTTY: isTerminal, isRaw } = process.stdin;
  // A terminal that nobody reads by key sends Ctrl-C to everybody in it.
  if (name === "SIGTERM" || !isTerminal || isRaw) child.kill(name);
}

function endOf(child: ChildProcess, program: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", ({ message }) =>
      reject(new CommandError(`expected ${program} to start, saw: ${message}`, ExitCode.notFound)),
    );
    child.once("close", (code, ended) => {
      resolve(ended === null ? (code ?? 0) : exitCodeOfSignal(ended));
    });
  });
}
