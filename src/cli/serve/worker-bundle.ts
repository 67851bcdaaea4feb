import { execFile } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { CommandError } from "../command-error.ts";

/** The bundle beside this module, where the package has it. */
const PACKAGED = fileURLToPath(new URL("../../worker/serve.js", import.meta.url));
/** What makes it, where this module is a source. */
const BUILD = fileURLToPath(new URL("../../../scripts/build/worker.ts", import.meta.url));
/** What it makes it of, and more. */
const SOURCES = fileURLToPath(new URL("../../", import.meta.url));
const LOCKFILE = fileURLToPath(new URL("../../../package-lock.json", import.meta.url));
/** Where that puts it. */
const BUILT = fileURLToPath(new URL("../../../dist/worker/serve.js", import.meta.url));

/**
 * Where the bundle of the Worker is. In a clone it is made when there is none of the sources as they
 * are: that takes a second.
 *
 * @throws CommandError (as a rejection) if it is not there and can't be made.
 */
export async function findWorkerBundle(): Promise<string> {
  if (!import.meta.url.endsWith(".ts")) return packaged();
  if (isCurrent()) return BUILT;
  try {
    await promisify(execFile)(process.execPath, ["--no-warnings", BUILD, BUILT]);
    return BUILT;
  } catch (error) {
    if (existsSync(BUILT)) return BUILT;
    const seen = error instanceof Error ? error.message.trim() : String(error);
    throw new CommandError(`expected to build the Worker, saw: ${seen}\nIs npm ci done?`);
  }
}

/** Whether nothing was changed, added or taken away since it was made. */
function isCurrent(): boolean {
  if (!existsSync(BUILT)) return false;
  const builtMs = statSync(BUILT).mtimeMs;
  const names = readdirSync(SOURCES, { recursive: true, encoding: "utf8" });
  const sources = [BUILD, LOCKFILE, SOURCES, ...names.map((name) => join(SOURCES, name))];
  return sources.every((source) => statSync(source).mtimeMs < builtMs);
}

function packaged(): string {
  if (existsSync(PACKAGED)) return PACKAGED;
  throw new CommandError(`expected ${PACKAGED} to be there: install the package again`);
}
