import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { CommandError } from "../command-error.ts";

/** The bundle beside this module, where the package has it. */
const PACKAGED = fileURLToPath(new URL("../../worker/serve.js", import.meta.url));
/** What makes it, where this module is a source. */
const BUILD = fileURLToPath(new URL("../../../scripts/build/worker.ts", import.meta.url));
/** Where that puts it. */
const BUILT = fileURLToPath(new URL("../../../dist/worker/serve.js", import.meta.url));

/**
 * Where the bundle of the Worker is. In a clone it is made each time, of the sources as they are: that
 * takes less than a second.
 *
 * @throws CommandError (as a rejection) if it is not there and can't be made.
 */
export async function findWorkerBundle(): Promise<string> {
  if (!import.meta.url.endsWith(".ts")) return packaged();
  try {
    await promisify(execFile)(process.execPath, ["--no-warnings", BUILD, BUILT]);
    return BUILT;
  } catch (error) {
    if (existsSync(BUILT)) return BUILT;
    const seen = error instanceof Error ? error.message.trim() : String(error);
    throw new CommandError(`expected to build the Worker, saw: ${seen}\nIs npm ci done?`);
  }
}

function packaged(): string {
  if (existsSync(PACKAGED)) return PACKAGED;
  throw new CommandError(`expected ${PACKAGED} to be there: install the package again`);
}
