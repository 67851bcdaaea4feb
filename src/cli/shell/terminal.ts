import { createInterface } from "node:readline";
import { callbackify } from "node:util";
import { completeLine } from "./complete-line.ts";
import type { ServerConnection } from "../server/server-connection.ts";
import type { Shell } from "./shell.ts";

/** Where a shell reads and writes. */
export interface TerminalStreams {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
  /** Ends the shell, also in the middle of a command. */
  readonly signal: AbortSignal;
}

/**
 * Runs a shell in a terminal, or on the lines of a pipe, until it quits or its input ends.
 *
 * Ctrl-C ends the running command; without one it drops the line, and on an empty line it leaves,
 * like Ctrl-D. Whatever the end: the terminal is as it was, and the session is closed.
 */
export async function runTerminal(
  shell: Shell,
  connection: ServerConnection,
  { input, output, signal }: TerminalStreams,
): Promise<void> {
  const isTerminal = input.isTTY === true;
  const completer = callbackify((line: string) =>
    completeLine(line, shell.commandNames, () => connection.client().catch(() => undefined)),
  );
  const lines = createInterface({
    input,
    output,
    terminal: isTerminal,
    completer,
  });
  const prompt = (): void => {
    if (!isTerminal || shell.isBusy) return;
    lines.setPrompt(shell.prompt);
    lines.prompt(true);
  };
  lines.on("SIGINT", () => {
    if (shell.isBusy) shell.interrupt();
    else if (lines.line === "") lines.close();
    else {
      output.write("^C\n");
      lines.write(null, { ctrl: true, name: "u" });
      prompt();
    }
  });
  signal.addEventListener("abort", () => {
    shell.interrupt();
    lines.close();
  });
  shell.onNotice = prompt;
  try {
    prompt();
    for await (const line of lines) {
      await shell.run(line);
      if (shell.hasQuit) break;
      prompt();
    }
  } finally {
    shell.onNotice = () => undefined;
    lines.close();
    await connection.close();
  }
}
