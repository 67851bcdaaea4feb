import { Command, Option } from "commander";
import { type Clock, SYSTEM_CLOCK } from "../../client/clock.ts";
import { CommandError } from "../command-error.ts";
import type { CommandContext, ShellContext, ShellControl } from "../command-context.ts";
import { firstWordsGrammar, type Grammar, grammarOf } from "../completion/grammar.ts";
import { Interrupts } from "../interrupts.ts";
import { shellCommands } from "../keeper-commands.ts";
import { PLAIN } from "../output/colours.ts";
import { FORMATS, type Format, Output, type OutputStreams } from "../output/output.ts";
import { runCommand, withCommands } from "../run-command.ts";
import type { Notice, ServerConnection } from "../server/server-connection.ts";
import { type LineInput, textInput } from "./line-input.ts";
import { expandHistory } from "./expand-history.ts";
import { splitWords } from "./split-words.ts";

/** What a shell is made of. */
export interface ShellOptions {
  readonly connection: ServerConnection;
  readonly streams: OutputStreams;
  readonly askWord: CommandContext["askWord"];
  /** How results are printed unless a line says otherwise. */
  readonly format?: Format;
  /** For tests. */
  readonly clock?: Clock;
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
  /** Gives the terminal to a program, until that is disposed. */
  lendTerminal: () => Disposable = () => ({ [Symbol.dispose]: () => undefined });
  /** Where commands that ask for more read it. */
  input: LineInput = textInput("");
  /** What Tab completes at the start of a line that a command reads; undefined between commands. */
  #inputWords: readonly string[] | undefined;
  /** Of the last command. */
  exitCode = 0;
  readonly #options: ShellOptions;
  #command: Interrupts | undefined;

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

  /** What may be typed now. */
  get grammar(): Grammar {
    return this.#inputWords === undefined
      ? grammarOf(this.program)
      : firstWordsGrammar(this.#inputWords);
  }

  /** The commands of a line, as they are told of by help. */
  get program(): Command {
    return this.#program(this.#newInterrupts());
  }

  /** Whether a command is running. */
  get isBusy(): boolean {
    return this.#command !== undefined;
  }

  /** Runs a line; an empty one is none. */
  async run(typed: string): Promise<void> {
    if (typed.trim() === "") return;
    const line = this.#expand(typed);
    if (line === undefined) return;
    this.history.push(line);
    using interrupts = this.#newInterrupts();
    this.#command = interrupts;
    try {
      await this.#execute(line, interrupts);
      if (interrupts.isAbandoned) {
        this.#options.streams.err("interrupted; what was asked for may still happen\n");
      }
    } finally {
      this.#command = undefined;
      this.#inputWords = undefined;
    }
  }

  /** What is run in the place of `!!` and its like is shown. */
  #expand(typed: string): string | undefined {
    const { out, err } = this.#options.streams;
    try {
      const line = expandHistory(typed, this.history);
      if (line !== typed) out(`${line}\n`);
      return line;
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      err(`${error.message}\n`);
      this.exitCode = error.exitCode;
      return undefined;
    }
  }

  /** Ends the command that is running; called again, with more force. */
  interrupt(): void {
    this.#options.connection.interrupt();
    this.#command?.interrupt("SIGINT");
  }

  async redo(line: string): Promise<void> {
    this.history[this.history.length - 1] = line;
    await this.#execute(line, this.#command ?? this.#newInterrupts());
  }

  quit(): void {
    this.hasQuit = true;
  }

  async #execute(line: string, interrupts: Interrupts): Promise<void> {
    const { err, paintError } = this.#options.streams;
    const program = this.#program(interrupts);
    const exitCode = await runCommand(program, splitWords(line), { err, paintError, interrupts });
    // A redo has said it itself.
    if (!/^\s*redo\b/.test(line)) this.exitCode = exitCode;
  }

  #program(interrupts: Interrupts): Command {
    const { streams, format = "text" } = this.#options;
    // Commands stand at the start of a line, behind no program.
    const root = new Command("").configureHelp({ commandUsage: usageOf });
    return withCommands(root, shellCommands(this.#context(interrupts)), streams)
      .usage("<command> [options] [arguments]")
      .addOption(
        new Option("-o, --output <format>", "how to print results")
          .choices(FORMATS)
          .default(format),
      )
      .enablePositionalOptions();
  }

  #newInterrupts(): Interrupts {
    const interrupts = new Interrupts(this.#options.clock ?? SYSTEM_CLOCK);
    interrupts.lendTerminal = () => this.lendTerminal();
    return interrupts;
  }

  #context(interrupts: Interrupts): ShellContext {
    const { connection, askWord } = this.#options;
    const streams = heardUntil(this.#options.streams, () => interrupts.isAbandoned);
    const openInput = (words: readonly string[]): LineInput => {
      this.#inputWords = words;
      return this.input;
    };
    return {
      connection,
      askWord,
      output: new Output(streams),
      openInput,
      signal: interrupts.signal,
      interrupts,
      shell: this,
    };
  }

  /** Prints what the client tells by itself. Source: zkCli `MyWatcher`. */
  notice(notice: Notice): void {
    if (!this.isPrintingWatches) return;
    this.#options.streams.out(noticeText(notice));
    this.onNotice();
  }
}

function usageOf(command: Command): string {
  return command.parent === null ? command.usage() : `${command.name()} ${command.usage()}`;
}

/** Streams that take nothing more from a command that nobody waits for. */
function heardUntil(streams: OutputStreams, isOver: () => boolean): OutputStreams {
  return {
    ...streams,
    out: (text) => void (isOver() || streams.out(text)),
    err: (text) => void (isOver() || streams.err(text)),
  };
}

function noticeText(notice: Notice): string {
  const event =
    "state" in notice
      ? `state:${notice.state} type:None path:null`
      : `state:SyncConnected type:${notice.type} path:${notice.path}`;
  return `\nWATCHER::\n\nWatchedEvent ${event}\n`;
}
