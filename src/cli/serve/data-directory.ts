import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CommandError } from "../command-error.ts";
import { takeLock } from "./exclusive-lock.ts";
import { OBJECTS_FOLDER } from "./workerd-config.ts";

/** What a directory is said to be, so that no other one is taken for it. */
const FORMAT = 1;

/** What a file system puts into a new volume by itself. */
const NO_DATA = new Set(["lost+found"]);

/** How long the workerd of a server that was killed may take to go, milliseconds. */
const ORPHAN_MS = 3_000;
const ORPHAN_STEP_MS = 50;

/** Who uses a directory, for people who wonder. */
interface Holder {
  readonly pid: number;
}

/**
 * Where a server keeps its state, its own as long as it is not closed.
 *
 *     edgekeeper.json   what this directory is
 *     lock              held while a server runs
 *     server.json       which one that is
 *     workerd.capnp     what workerd was told at the last start; no secrets
 *     objects/          the objects' databases; workerd's alone
 */
export class DataDirectory implements Disposable {
  readonly path: string;
  readonly #release: () => void;

  /**
   * Makes the directory, for its owner alone, if it isn't there, and takes it.
   *
   * @throws CommandError (as a rejection) if it is another's, in use, or not what it should be.
   */
  static async open(path: string): Promise<DataDirectory> {
    try {
      prepare(path);
    } catch (error) {
      if (error instanceof CommandError) throw error;
      const seen = error instanceof Error ? error.message : String(error);
      throw new CommandError(`expected --data to be a directory for a server, saw ${seen}`);
    }
    const release = await takeLock(join(path, "lock"));
    if (release === undefined) throw inUse(path);
    const directory = new DataDirectory(path, release);
    try {
      await directory.#waitForOrphan();
    } catch (error) {
      release();
      throw error;
    }
    writeFileSync(join(path, "server.json"), `${JSON.stringify({ pid: process.pid })}\n`);
    return directory;
  }

  private constructor(path: string, release: () => void) {
    this.path = path;
    this.#release = release;
  }

  /** Where workerd keeps the objects. */
  get objects(): string {
    return join(this.path, "objects");
  }

  get workerdConfig(): string {
    return join(this.path, "workerd.capnp");
  }

  [Symbol.dispose](): void {
    rmSync(join(this.path, "server.json"), { force: true });
    this.#release();
  }

  /** A workerd whose server was killed with SIGKILL lives on for a moment, and so does its use of files. */
  async #waitForOrphan(): Promise<void> {
    const metadata = join(this.objects, OBJECTS_FOLDER, "metadata.sqlite");
    if (!existsSync(metadata)) return;
    const endMs = Date.now() + ORPHAN_MS;
    for (;;) {
      const release = await takeLock(metadata);
      release?.();
      if (release !== undefined) return;
      if (Date.now() > endMs) throw inUse(this.path);
      await sleep(ORPHAN_STEP_MS);
    }
  }
}

function prepare(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const marker = join(path, "edgekeeper.json");
  if (!existsSync(marker)) {
    const [other] = readdirSync(path).filter((name) => !NO_DATA.has(name));
    if (other !== undefined) {
      throw new CommandError(
        `expected --data to be empty or a server's own, saw ${join(path, other)} and no edgekeeper.json`,
      );
    }
    writeFileSync(marker, `${JSON.stringify({ format: FORMAT })}\n`, { mode: 0o600 });
  }
  const { format } = JSON.parse(readFileSync(marker, "utf8")) as { readonly format?: unknown };
  if (format !== FORMAT) {
    throw new CommandError(`expected ${marker} to say format ${FORMAT}, saw ${String(format)}`);
  }
  mkdirSync(join(path, "objects"), { recursive: true, mode: 0o700 });
}

function inUse(path: string): CommandError {
  const pid = holderOf(path)?.pid;
  const who = pid === undefined ? "another one" : `process ${pid}`;
  return new CommandError(`expected ${path} to be used by no other server, saw ${who}`);
}

function holderOf(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(join(path, "server.json"), "utf8")) as Holder;
  } catch {
    // It is about to start, or about to end.
    return undefined;
  }
}
