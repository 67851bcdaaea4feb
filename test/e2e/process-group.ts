import { type ChildProcess, spawn } from "node:child_process";
import { atEnd } from "./clean-up.ts";
import { poll } from "./poll.ts";

/** How to start a {@link ProcessGroup}. */
export interface GroupOptions {
  readonly arguments?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * A command and whatever it starts, in a process group of its own, so that a signal reaches all of
 * them and nobody else. What they print is kept.
 */
export class ProcessGroup {
  readonly name: string;
  /** Standard output and standard error so far, as they came. */
  output = "";
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  #hasEnded = false;

  constructor(command: string, { arguments: args = [], environment = {} }: GroupOptions = {}) {
    this.name = [command, ...args].join(" ");
    this.#child = spawn(command, args, {
      cwd: ROOT,
      detached: true,
      env: { ...process.env, ...environment },
      stdio: "pipe",
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => (this.output += text));
    }
    // A write to a process that was killed is no error of the suite.
    this.#child.stdin?.on("error", () => undefined);
    this.#ended = new Promise((resolve, reject) => {
      this.#child.once("error", reject);
      // Comes when nobody holds the standard streams any more: the whole group is gone.
      this.#child.once("close", (code) => {
        this.#hasEnded = true;
        resolve(code);
      });
    });
    this.pid = this.#child.pid ?? 0;
    atEnd(() => this.kill());
  }

  /** Writes to standard input. */
  write(text: string): void {
    this.#child.stdin?.write(text);
  }

  /** Ends standard input. */
  endInput(): void {
    this.#child.stdin?.end();
  }

  /** Sends a signal to all processes of the group; those that have gone don't matter. */
  signal(signal: NodeJS.Signals): void {
    if (this.#hasEnded) return;
    try {
      process.kill(-this.pid, signal);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
    }
  }

  /** SIGKILL, and waits until the group is gone. */
  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await this.#ended;
  }

  /** Waits until the command ends by itself. @returns its exit code; −1 if a signal ended it. */
  async end(deadlineMs = 60_000): Promise<number> {
    let code: number | undefined;
    void this.#ended.then((ended) => (code = ended ?? -1));
    return poll(`${this.name} ends`, () => code, deadlineMs).catch((error) => this.fail(error));
  }

  /** Waits until the command ends by itself, with code 0. */
  async succeed(deadlineMs?: number): Promise<void> {
    const code = await this.end(deadlineMs);
    if (code !== 0) this.fail(new Error(`${this.name} ended with ${code}`));
  }

  /** @throws Error with everything the group printed. */
  fail(cause: unknown): never {
    throw new Error(`${String(cause)}\n${this.output}`, { cause });
  }
}

/** The root of the repository: where every command runs. */
export const ROOT = new URL("../..", import.meta.url).pathname;
