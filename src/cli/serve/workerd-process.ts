import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { CommandError } from "../command-error.ts";
import { watchOver } from "./watchdog.ts";

/** How long workerd may go on with what it has begun when it is stopped, milliseconds. */
const STOP_MS = 1_000;

/** Lines that are kept of what workerd said, for when it says nothing more. */
const LAST_WORDS_MAX = 20;

const CONTROL_FD = 3;

/** How to start workerd. */
export interface WorkerdOptions {
  /** Path of the configuration. */
  readonly config: string;
  /** All of its environment. Where secrets are: command lines are everybody's to read. */
  readonly environment: Readonly<Record<string, string>>;
  /** Takes each line that it says. */
  readonly log: (line: string) => void;
}

/** The end of a process. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A workerd, which ends with this process at the latest, however that ends. */
export class WorkerdProcess {
  readonly pid: number;
  readonly exited: Promise<ProcessEnd>;
  readonly #child: ChildProcess;
  readonly #lastWords: string[] = [];

  /** @throws CommandError if it can't be started. */
  static async start(options: WorkerdOptions): Promise<WorkerdProcess> {
    const workerd = new WorkerdProcess(options);
    if (workerd.pid === 0) await workerd.exited;
    return workerd;
  }

  private constructor({ config, environment, log }: WorkerdOptions) {
    const args = ["serve", "--import-path", "/", "--control-fd", `${CONTROL_FD}`, config];
    this.#child = spawn(workerdBinary(), args, {
      env: { ...environment },
      // Not in the terminal's group: when it stops is our decision.
      detached: true,
      stdio: ["ignore", "pipe", "pipe", "pipe"],
    });
    this.pid = this.#child.pid ?? 0;
    this.exited = new Promise((resolve, reject) => {
      this.#child.once("error", ({ message }) => {
        reject(new CommandError(`expected workerd to start, saw ${message}`));
      });
      this.#child.once("close", (code, signal) => resolve({ code, signal }));
    });
    if (this.pid !== 0) void this.exited.then(watchOver(this.pid));
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream !== null) createInterface(stream).on("line", (line) => this.#heard(line, log));
    }
  }

  /** What it said last, line by line. */
  get lastWords(): readonly string[] {
    return this.#lastWords;
  }

  /** The port of each socket, by name, once it listens; undefined if it ends before. */
  async ports(names: readonly string[]): Promise<ReadonlyMap<string, number> | undefined> {
    const ports = new Map<string, number>();
    const control = createInterface(this.#child.stdio[CONTROL_FD] as Readable);
    for await (const line of control) {
      const event = JSON.parse(line) as { event: string; socket?: string; port?: number };
      if (event.event === "listen") ports.set(event.socket ?? "", event.port ?? 0);
      if (names.every((name) => ports.has(name))) return ports;
    }
    return undefined;
  }

  /**
   * Ends it. It takes no more connections, and those that it has are served for a second: workerd
   * would wait for the last of them for ever. What was acknowledged is on the disk all the while.
   */
  async stop(): Promise<void> {
    this.#child.kill("SIGTERM");
    const timer = setTimeout(() => this.kill(), STOP_MS);
    await this.exited;
    clearTimeout(timer);
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  #heard(line: string, log: (line: string) => void): void {
    this.#lastWords.push(line);
    if (this.#lastWords.length > LAST_WORDS_MAX) this.#lastWords.shift();
    log(line);
  }
}

/**
 * The executable of this platform: the package's own command would be a process of Node in between
 * wherever its install script was not run.
 */
function workerdBinary(): string {
  try {
    const module = new URL(import.meta.resolve("workerd"));
    return (createRequire(import.meta.url)(module.pathname) as { readonly default: string })
      .default;
  } catch (error) {
    const seen = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    throw new CommandError(
      `expected the package workerd for this platform, which serve needs, saw: ${seen}`,
    );
  }
}
