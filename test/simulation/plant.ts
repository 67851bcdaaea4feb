import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { PLANTED_BUGS, type PlantedBug } from "./planted-bugs.ts";

/** The environment variable that names the bug to plant. */
export const PLANTED_BUG_VARIABLE = "EDGEKEEPER_PLANTED_BUG";

/** Where the sources are. */
const ROOT = new URL("../../", import.meta.url);

/** Returns the broken source. @throws if the place is not there exactly once. */
export function plantInto({ name, find, replace }: PlantedBug, source: string): string {
  const parts = source.split(find);
  if (parts.length !== 2) {
    throw new Error(`bug ${name} expected its place once, saw it ${parts.length - 1} times`);
  }
  return parts.join(replace);
}

/** The source that a bug goes into. */
export function sourceOf({ file }: PlantedBug): string {
  return readFileSync(new URL(file, ROOT), "utf8");
}

/** From now on the module of the bug is loaded with the bug in it. */
function plant(bug: PlantedBug): void {
  const { href } = new URL(bug.file, ROOT);
  registerHooks({
    load: (url, context, nextLoad) => {
      const loaded = nextLoad(url, context);
      return url === href ? { ...loaded, source: plantInto(bug, sourceOf(bug)) } : loaded;
    },
  });
}

// Preloaded in a child process; imported by everybody else for its functions.
const wanted = process.env[PLANTED_BUG_VARIABLE];
if (wanted !== undefined) {
  const bug = PLANTED_BUGS.find(({ name }) => name === wanted);
  if (bug === undefined) throw new Error(`expected a planted bug, saw ${wanted}`);
  plant(bug);
}
