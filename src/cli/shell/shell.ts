import { Command, Option } from "commander";
import type { CommandContext, ShellControl } from "../command-context.ts";
import { shellCommands } from "../keeper-commands.ts";
import { PLAIN } from "../output/colours.ts";
import { FORMATS, type Format, Output, type OutputStreams } from "../output/output.ts";
import { runCommand, withCommands } from "../run-command.ts";
import type { Notice, ServerConnection } from "../server/server-connection.ts";
import { splitWords } from "./split-words.ts";

/** What a shell is made of. */
export interface ShellOptions {
  readonly connection: ServerConnection;
  readonly streams: OutputStreams;
  readonly askWord: CommandContext["askWord"];
  /** How results are printed unless a line says otherwise. */
  readonly format?: Format;
}

/**
 * The shell without its terminal: it runs lines, one after the other.
 *
 * Source: zkCli `ZooKeeperMain`.
 */
export class Shell implements ShellControl {
  readonly history: string[] = [];
  isPrintingWatches = true;
  hasQuit = false;
  /** Called behind what comes by itself: the line that is being typed has to be shown again. */
  onNotice: () => void = () => undefined;
  /** Of the last command. */
  exitCode = 0;
  readonly #options: ShellOptions;
  #command: AbortController | undefined;

  constructor(options: ShellOptions) {
    this.#options = options;
  }

  /** `[zk: host:port(CONNECTED) 3] ` */
  get prompt(): string {
    const { server, stateName } = this.#options.connection;
    const { paint = PLAIN } = this.#options.streams;
    const look = stateName === "CONNECTED" ? "good" : "warning";
    return `[zk: ${server}(${paint(look, stateName)}) ${this.history.length}] `;
  }

  /** Names of all commands, in order. */
  get commandNames(): readonly string[] {
    const commands = shellCommands(this.#context(new AbortController().signal));
    return [
      ...commands.flatMap((command) => [command.name(), ...command.aliases()]),
      "help",
    ].toSorted();
  }

  /** Whether a command is running. */
  get isBusy(): boolean {
    return this.#command !== undefined;
  }

  /** Runs a line; an empty one is none. */
  async run(line: string): Promise<void> {
    if (line.trim() === "") return;
    this.history.push(line);
    this.#command = new AbortController();
    try {
      await this.#execute(line, this.#command.signal);
    } finally {
      this.#command = undefined;
    }
  }

  /** Ends the command that is running. */
  interrupt(): void {
    this.#command?.abort(new DOMException("interrupted", "AbortError"));
  }

  async redo(line: string): Promise<void> {
    this.history[this.history.length - 1] = line;
    await this.#execute(line, this.#command?.signal ?? new AbortController().signal);
  }

  quit(): void {
    this.hasQuit = true;
  }

  async #execute(line: string, signal: AbortSignal): Promise<void> {
    const { streams, format = "text" } = this.#options;
    const context = this.#context(signal);
    const program = withCommands(new Command(""), shellCommands(context), streams)
      .usage("<command> [options] [arguments]")
      .addOption(new Option("-o, --output <format>").choices(FORMATS).default(format))
      .enablePositionalOptions();
    const { err, paintError } = streams;
    const exitCode = await runCommand(program, splitWords(line), { err, paintError, signal });
    // A redo has said it itself.
    if (!/^\s*redo\b/.test(line)) this.exitCode = exitCode;
  }

  #context(signal: AbortSignal): CommandContext & { readonly shell: ShellControl } {
    const { connection, streams, askWord } = this.#options;
    return { connection, askWord, output: new Output(streams), signal, shell: this };
  }

  /** Prints what the client tells by itself. Source: zkCli `MyWatcher`. */
  notice(notice: Notice): void {
    if (!this.isPrintingWatches) return;
    this.#options.streams.out(noticeText(notice));
    this.onNotice();
  }
}

function noticeText(notice: Notice): string {
  const event =
    "state" in notice
      ? `state:${notice.state} type:None path:null`
      : `state:SyncConnected type:${notice.type} path:${notice.path}`;
  return `\nWATCHER::\n\nWatchedEvent ${event}\n`;
}
