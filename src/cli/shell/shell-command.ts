import { Command } from "commander";
import type { FourLetterWord } from "../../protocol/four-letter-word.ts";
import type { Interrupts } from "../interrupts.ts";
import type { Format, OutputStreams } from "../output/output.ts";
import { type Connect, type Notice, ServerConnection } from "../server/server-connection.ts";
import { HistoryFile, historyPath } from "./history-file.ts";
import { Shell } from "./shell.ts";
import { runTerminal, type TerminalStreams } from "./terminal.ts";

/** What the command starts a shell with. */
export interface ShellStart {
  readonly server: string;
  readonly connect: Connect;
  readonly format: Format;
  readonly streams: OutputStreams;
  readonly terminal: Omit<TerminalStreams, "signal">;
  readonly askWord: (server: string, word: FourLetterWord) => Promise<string>;
  /** Ends the shell, also in the middle of a command. */
  readonly interrupts: Interrupts;
}

const HELP = `
The commands are those of this program, with close, connect, history, printwatches, quit, redo and
removewatches. Tab completes commands, options and paths. Ctrl-C drops the line or ends the command,
Ctrl-D leaves. Up goes back to earlier lines; behind the beginning of one, to those that begin so. !!
runs the last line again, !3 that of the number, !get the last that begins so.

Lines are kept in ~/.local/state/edgekeeper/history, or the file that EDGEKEEPER_HISTORY names, unless
that is "off"; those of addauth and those that begin with a blank are not.

Examples:
  edgekeeper --server zoo1:2181 shell
  edgekeeper < commands.txt`;

/** `edgekeeper shell`. */
export function shellCommand(start: () => ShellStart): Command {
  return new Command("shell")
    .description("read commands from the terminal, or from a pipe")
    .addHelpText("after", HELP)
    .action(async () => {
      const shell = start();
      // It ends its command and its session by itself.
      process.exitCode = await shell.interrupts.during(runShell(shell));
      shell.interrupts.signal.throwIfAborted();
    });
}

/** @returns the exit code of the last command. */
export async function runShell({
  server,
  connect,
  format,
  streams,
  terminal,
  askWord,
  interrupts: { signal },
}: ShellStart): Promise<number> {
  const isTerminal = terminal.input.isTTY === true;
  const notice = (told: Notice): void => shell.notice(told);
  const connection = new ServerConnection(server, connect, notice);
  const ask = (word: FourLetterWord) => askWord(connection.server, word);
  const shell = new Shell({ connection, streams, format, askWord: ask });
  signal.addEventListener("abort", () => connection.interrupt());
  if (isTerminal) streams.out(`Connecting to ${server}\n`);
  await connection.open();
  if (isTerminal) streams.out('Welcome to edgekeeper! "help" lists the commands.\n');
  const path = isTerminal ? historyPath(process.env) : undefined;
  const history = path === undefined ? undefined : new HistoryFile(path);
  await runTerminal(shell, connection, { ...terminal, signal, history });
  return shell.exitCode;
}
