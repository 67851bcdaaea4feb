import { poll } from "./poll.ts";
import { ProcessGroup } from "./process-group.ts";

/** A terminal in which somebody pastes commands: one shell, and what it shows. */
export class Terminal {
  readonly group: ProcessGroup;
  #pastesCount = 0;
  #shownLength = 0;

  /** @param group - the shell, if it is not to be a plain bash that reads a pipe. */
  constructor(group: ProcessGroup = new ProcessGroup("bash")) {
    this.group = group;
  }

  /** A shell with a terminal as it is on a desk: keys have their meaning, also Ctrl-C. */
  static withKeys(
    environment: Readonly<Record<string, string>>,
    shell = "bash --norc --noprofile -i",
  ): Terminal {
    return new Terminal(
      new ProcessGroup("script", {
        arguments: ["--quiet", "--flush", "--command", shell, "/dev/null"],
        environment,
      }),
    );
  }

  /** Presses keys; `Ctrl` has those that are no text. */
  type(keys: string): void {
    this.group.write(keys);
  }

  /** Pastes a block of commands and waits until the last of them is done. */
  async paste(commands: string): Promise<void> {
    this.#pastesCount += 1;
    const prompt = `[prompt ${this.#pastesCount}]`;
    // Where what is typed is shown, too, it must look different.
    this.group.write(`${commands}\necho '[prompt' '${this.#pastesCount}]'\n`);
    await this.#until(prompt, () => this.group.output.includes(prompt));
  }

  /** Waits until something is shown behind all that was waited for before. */
  async shows(pattern: RegExp): Promise<void> {
    await this.#until(`${pattern}`, () => {
      pattern.lastIndex = this.#shownLength;
      const isShown = pattern.test(this.group.output);
      if (isShown) this.#shownLength = pattern.lastIndex;
      return isShown;
    });
  }

  async #until(what: string, isTrue: () => boolean): Promise<void> {
    await poll(`the terminal shows ${what}`, () => (isTrue() ? true : undefined)).catch((error) =>
      this.group.fail(error),
    );
  }
}

/** Keys that a terminal gives a meaning. Source: POSIX "General Terminal Interface". */
export const Ctrl = { c: "\u0003", d: "\u0004" } as const;

/** The key Up. Source: ECMA-48, CUU. */
export const Up = "\u001b[A";
