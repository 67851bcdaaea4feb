import { readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join } from "node:path";

/** What entries need: modules beside them, and packages. */
export interface ModuleGraph {
  /** Paths of files below the folder, sorted. */
  readonly files: readonly string[];
  /** Names of packages; neither Node's own nor the runtime's. */
  readonly packages: ReadonlySet<string>;
}

const IMPORT =
  /\b(?:from\s*|import\s*\(?\s*|(?:import\.meta\.resolve|require|require\.resolve)\()"([.@\w][^"\n]*)"/g;
const COMMENT = /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm;

/**
 * Follows imports from files on, in what the compiler wrote: `.js` leads to `.js`, `.d.ts` to `.d.ts`.
 *
 * @param folder - where the compiler wrote to.
 * @param entries - paths below it.
 */
export function moduleGraph(folder: string, entries: readonly string[]): ModuleGraph {
  const files = new Set(entries);
  const packages = new Set<string>();
  // A set that grows is walked to its new end.
  for (const file of files) {
    const text = readFileSync(join(folder, file), "utf8").replaceAll(COMMENT, "");
    for (const [, specifier = ""] of text.matchAll(IMPORT)) {
      if (specifier.startsWith(".")) {
        const module = join(dirname(file), specifier).replace(/\.[jt]s$/, "");
        files.add(module + (file.endsWith(".d.ts") ? ".d.ts" : ".js"));
      } else if (!isOfRuntime(specifier)) {
        packages.add(packageOf(specifier));
      }
    }
  }
  return { files: [...files].toSorted(), packages };
}

function isOfRuntime(specifier: string): boolean {
  return /^(node|cloudflare):/.test(specifier) || builtinModules.includes(specifier);
}

/** `@hono/zod-openapi/x` → `@hono/zod-openapi` */
function packageOf(specifier: string): string {
  const parts = specifier.split("/");
  return parts.slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
}
