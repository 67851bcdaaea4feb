import assert from "node:assert/strict";
import { poll } from "../../e2e/poll.ts";
import { ProcessGroup } from "../../e2e/process-group.ts";

/** A line of the shell, and all that must come of it, on both standard streams. */
export type Exchange = readonly [line: string, answer: string | RegExp];

/** What a command gets, besides its words. */
interface Surroundings {
  /** What it reads. */
  readonly lines?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** How a command ended. */
interface Ended {
  readonly output: string;
  readonly code: number;
}

/** What `version` prints in the shell: it asks no server. */
const MARK = /ZooKeeper CLI version: .*\n/;

/** Our command line as its user has it, at one server. */
export class CommandLine {
  readonly #options: readonly string[];

  /** @param options - those of the program, `--server` among them */
  constructor(...options: readonly string[]) {
    this.#options = options;
  }

  /** Starts a command; both of its streams are one, so that their order is kept. */
  start(words: readonly string[], environment: Surroundings["environment"] = {}): ProcessGroup {
    const command = [process.execPath, "src/cli/main.ts", ...this.#options, ...words];
    const args = ["-c", 'exec "$0" "$@" 2>&1', ...command];
    return new ProcessGroup("sh", { arguments: args, environment });
  }

  /** Runs a command until it has ended. */
  async run(words: readonly string[], surroundings: Surroundings = {}): Promise<Ended> {
    const { lines = [], environment } = surroundings;
    const command = this.start(words, environment);
    command.write(lines.map((line) => `${line}\n`).join(""));
    command.endInput();
    const code = await command.end();
    return { output: command.output, code };
  }

  /**
   * Runs lines in one shell, each when the one before is answered: what a line prints on standard error
   * might overtake what an earlier one still has to print on standard output.
   *
   * @throws AssertionError that names the line
   */
  async converse(...exchanges: readonly Exchange[]): Promise<void> {
    const shell = this.start(["shell"]);
    const answersUntil = async (count: number): Promise<string[]> =>
      poll(`answer ${count} of the shell`, () => {
        const parts = shell.output.split(MARK);
        return parts.length > count ? parts : undefined;
      }).catch((error) => shell.fail(error));
    // In front of the first mark is what the shell says of its connection.
    shell.write("printwatches off\nversion\n");
    await answersUntil(1);
    for (const [index, [line, expected]] of exchanges.entries()) {
      shell.write(`${line}\nversion\n`);
      const answer = (await answersUntil(index + 2))[index + 1]?.replace(/\n$/, "");
      if (typeof expected === "string")
        assert.deepEqual({ line, answer }, { line, answer: expected });
      else assert.match(`${line}\n${answer}`, expected);
    }
    shell.endInput();
    await shell.end();
  }
}
