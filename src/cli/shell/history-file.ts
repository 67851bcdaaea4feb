import {
  appendFileSync,
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";

/** Lines that are remembered. */
const LINES_MAX = 1_000;
/** Bytes of the file at which old lines are dropped. */
const BYTES_MAX = 262_144;

/** Proofs of an identity, also as a part of an address; and what begins with a blank, as in bash. */
const SECRET = /^\s|^addauth\b|:\/\/[^/\s]*@/i;

/**
 * Lines of earlier shells, for the keys Up and Down: readable by their user alone.
 *
 * Each line is appended for itself, so that shells side by side lose none of each other's. Who can't
 * read or write the file goes without.
 */
export class HistoryFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** The newest lines, the newest last; the older ones go. */
  read(): string[] {
    try {
      // Who wants no history may name /dev/null, whose mode is everybody's business.
      if (!statSync(this.#path).isFile()) return [];
      const text = readFileSync(this.#path, "utf8");
      const lines = text.split("\n").slice(0, -1).slice(-LINES_MAX);
      chmodSync(this.#path, 0o600);
      if (text.length > BYTES_MAX) this.#replace(lines);
      return lines;
    } catch (error) {
      return ignoreSystemError(error) ?? [];
    }
  }

  /** Remembers a line, unless there is a secret in it. */
  append(line: string): void {
    if (SECRET.test(line) || line.includes("\n")) return;
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
      appendFileSync(this.#path, `${line}\n`, { mode: 0o600 });
    } catch (error) {
      ignoreSystemError(error);
    }
  }

  /** What others append to the old file while the new one is made is carried over. */
  #replace(lines: readonly string[]): void {
    const old = openSync(this.#path, constants.O_RDONLY);
    try {
      const { size } = fstatSync(old);
      const next = `${this.#path}.${process.pid}`;
      writeFileSync(next, lines.map((line) => `${line}\n`).join(""), { mode: 0o600 });
      renameSync(next, this.#path);
      const added = Buffer.alloc(fstatSync(old).size - size);
      readSync(old, added, 0, added.length, size);
      appendFileSync(this.#path, added);
    } finally {
      closeSync(old);
    }
  }
}

/**
 * Where the history of shells is.
 *
 * @returns undefined if the user wants none: EDGEKEEPER_HISTORY is `off` or empty
 * Source: XDG Base Directory Specification, `$XDG_STATE_HOME`.
 */
export function historyPath(environment: NodeJS.ProcessEnv): string | undefined {
  const { EDGEKEEPER_HISTORY: own, XDG_STATE_HOME: state = "" } = environment;
  if (own !== undefined) return own === "" || own === "off" ? undefined : own;
  const folder = isAbsolute(state) ? state : join(homedir(), ".local", "state");
  return join(folder, "edgekeeper", "history");
}

function ignoreSystemError(error: unknown): undefined {
  if (!(error instanceof Error && "syscall" in error)) throw error;
}
