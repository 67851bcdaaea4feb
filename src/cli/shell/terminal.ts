import { createInterface, type Interface } from "node:readline";
import { callbackify } from "node:util";
import { completeLine } from "./complete-line.ts";
import type { HistoryFile } from "./history-file.ts";
import { LineReader } from "./line-input.ts";
import type { ServerConnection } from "../server/server-connection.ts";
import type { Shell } from "./shell.ts";

/** Where a shell reads and writes. */
export interface TerminalStreams {
  readonly input: NodeJS.ReadableStream & {
    readonly isTTY?: boolean;
    setRawMode?(isRaw: boolean): unknown;
  };
  readonly output: NodeJS.WritableStream;
  /** Ends the shell, also in the middle of a command. */
  readonly signal: AbortSignal;
  /** Lines of earlier shells. */
  readonly history?: HistoryFile | undefined;
}

/** Lines that Up goes back. */
const HISTORY_SIZE = 1_000;

/** The input ends, and nothing else ends the reading of it. */
const NEVER = new AbortController().signal;

/**
 * Runs a shell in a terminal, or on the lines of a pipe, until it quits or its input ends.
 *
 * Ctrl-C drops the line and ends the running command, Ctrl-D on an empty line leaves. Whatever the
 * end: the terminal is as it was, and the session is closed.
 */
export async function runTerminal(
  shell: Shell,
  connection: ServerConnection,
  { input, output, signal, history }: TerminalStreams,
): Promise<void> {
  const isTerminal = input.isTTY === true;
  const completer = callbackify((line: string) =>
    completeLine(line, shell.grammar, connection.pathSource),
  );
  const lines = createInterface({
    input,
    output,
    terminal: isTerminal,
    completer,
    history: history?.read().toReversed() ?? [],
    historySize: HISTORY_SIZE,
    removeHistoryDuplicates: true,
  });
  const reader = new LineReader(lines, { isTerminal, isOwn: false });
  shell.input = reader;
  const prompt = (): void => {
    if (!isTerminal || shell.isBusy) return;
    lines.setPrompt(shell.prompt);
    lines.prompt(true);
  };
  lines.on("SIGINT", () => {
    // Both sides of the cursor go; readline has no key for the whole line.
    lines.write(null, { ctrl: true, name: "e" });
    lines.write(null, { ctrl: true, name: "u" });
    output.write("^C\n");
    if (shell.isBusy) shell.interrupt();
    else prompt();
  });
  signal.addEventListener("abort", () => {
    shell.interrupt();
    lines.close();
  });
  shell.onNotice = prompt;
  if (isTerminal) shell.lendTerminal = () => lendTerminal(lines, input, () => shell.interrupt());
  try {
    while (!shell.hasQuit) {
      const line = await reader.readLine(shell.prompt, NEVER);
      if (line === undefined) break;
      await shell.run(line);
      // As it was run, in the place of `!!` and redo.
      if (line.trim() !== "") history?.append(shell.history.at(-1) ?? line);
    }
  } finally {
    shell.onNotice = () => undefined;
    lines.close();
    await connection.close();
  }
}

/**
 * Leaves the terminal as a program expects it: nobody else reads keys, and Ctrl-C is a signal to all of
 * us, which ends the command here and not the shell.
 */
function lendTerminal(
  lines: Interface,
  input: TerminalStreams["input"],
  onInterrupt: () => void,
): Disposable {
  const listeners = process.listeners("SIGINT");
  process.removeAllListeners("SIGINT").on("SIGINT", onInterrupt);
  lines.pause();
  input.setRawMode?.(false);
  return {
    [Symbol.dispose]: () => {
      input.setRawMode?.(true);
      lines.resume();
      process.off("SIGINT", onInterrupt);
      for (const listener of listeners) process.on("SIGINT", listener);
    },
  };
}
