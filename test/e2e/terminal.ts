import { poll } from "./poll.ts";
import { ProcessGroup } from "./process-group.ts";

/** A terminal in which somebody pastes commands: one shell, and what it shows. */
export class Terminal {
  readonly group: ProcessGroup = new ProcessGroup("bash");
  #pastesCount = 0;
  #shownLength = 0;

  /** Pastes a block of commands and waits until the last of them is done. */
  async paste(commands: string): Promise<void> {
    this.#pastesCount += 1;
    const prompt = `[prompt ${this.#pastesCount}]`;
    this.group.write(`${commands}\necho '${prompt}'\n`);
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
