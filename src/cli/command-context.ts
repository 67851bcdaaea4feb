import type { Clock } from "../client/clock.ts";
import type { FourLetterWord } from "../protocol/four-letter-word.ts";
import type { Interrupts } from "./interrupts.ts";
import type { Output } from "./output/output.ts";
import type { ServiceAnswer } from "./server/service-get.ts";
import type { LineInput } from "./shell/line-input.ts";
import type { ClientSource, ServerConnection } from "./server/server-connection.ts";
import type { ScreenStreams } from "./top/screen.ts";

/** What a command works with. */
export interface CommandContext {
  readonly connection: ServerConnection;
  readonly output: Output;
  /** Asks the server a four-letter word. */
  readonly askWord: (word: FourLetterWord) => Promise<string>;
  /** Reads lines from the user, or from a pipe. @param words - completed at the start of a line. */
  readonly openInput: (words: readonly string[]) => LineInput;
  /** Aborts when the user has enough: Ctrl-C. */
  readonly signal: AbortSignal;
  /** What {@link signal} is of, for commands that run programs. */
  readonly interrupts: Interrupts;
}

/** What a command that writes works with: its clients may be such that only pretend. */
export interface WritingContext extends Omit<CommandContext, "connection"> {
  readonly connection: ClientSource;
}

/** What a command works with that no shell has, since it takes the whole terminal. */
export interface OneShotContext extends CommandContext {
  /** Asks one of many servers a four-letter word. */
  readonly askWordAt: (server: string, word: FourLetterWord) => Promise<string>;
  /** Gets a route of the service, if the server is one. */
  readonly askRoute: (route: `/${string}`) => Promise<ServiceAnswer>;
  readonly clock: Clock;
  /** The terminal, if both its keys and its screen are ours. */
  readonly screen: ScreenStreams | undefined;
}

/** What a command of the shell works with. */
export interface ShellContext extends CommandContext {
  readonly shell: ShellControl;
}

/** What commands may ask of the shell around them. */
export interface ShellControl {
  /** Every line so far, with this one. */
  readonly history: readonly string[];
  isPrintingWatches: boolean;
  /** Runs a line as if it were typed, and remembers it in the place of this one. */
  redo(line: string): Promise<void>;
  quit(): void;
}
