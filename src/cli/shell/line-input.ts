import type { Interface } from "node:readline";

/** Where a command that asks for more reads it, line by line. */
export interface LineInput {
  /** Somebody types: prompts are shown, and mistakes may be mended. */
  readonly isTerminal: boolean;
  /** The input is this command's alone: nothing may follow what it reads. */
  readonly isOwn: boolean;
  /**
   * Reads the next line.
   *
   * @returns undefined at the end of the input
   * @throws what `signal` was aborted with; the line that then comes is for the next reader.
   */
  readLine(prompt: string, signal: AbortSignal): Promise<string | undefined>;
  /** Gives the terminal back, if it was opened for this. */
  close(): void;
}

/** The lines of a readline interface, each read when it is asked for. */
export class LineReader implements LineInput {
  readonly isTerminal: boolean;
  readonly isOwn: boolean;
  readonly #lines: Interface;
  readonly #iterator: AsyncIterator<string>;
  #next: Promise<IteratorResult<string, unknown>> | undefined;

  constructor(lines: Interface, { isTerminal, isOwn }: Pick<LineInput, "isTerminal" | "isOwn">) {
    this.#lines = lines;
    this.isTerminal = isTerminal;
    this.isOwn = isOwn;
    this.#iterator = lines[Symbol.asyncIterator]();
  }

  async readLine(prompt: string, signal: AbortSignal): Promise<string | undefined> {
    if (this.isTerminal) {
      this.#lines.setPrompt(prompt);
      this.#lines.prompt(true);
    }
    // Whoever gave up has left the line that it waited for.
    this.#next ??= this.#iterator.next();
    const { done, value } = await untilAborted(this.#next, signal);
    this.#next = undefined;
    return done === true ? undefined : value;
  }

  close(): void {
    if (this.isOwn) this.#lines.close();
  }
}

/** The lines of a text that is there already. */
export function textInput(text: string): LineInput {
  const lines = text.split(/\r?\n/);
  // A newline ends a line, it does not begin one.
  if (lines.at(-1) === "") lines.pop();
  return {
    isTerminal: false,
    isOwn: true,
    readLine: () => Promise.resolve(lines.shift()),
    close: () => undefined,
  };
}

function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort);
  return Promise.race([promise, aborted.promise]).finally(() =>
    signal.removeEventListener("abort", abort),
  );
}
