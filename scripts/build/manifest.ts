import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What the build reads of `package.json`. */
export interface RootManifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  /** From the name of an entry to its source, `./src/client/index.ts`. */
  readonly exports: Readonly<Record<string, string>>;
  /** From the name of a command to its source. */
  readonly bin: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

/** Needed by one command only, and not to be had on every platform: nobody fails to install for it. */
const OPTIONAL = new Set(["workerd"]);

/** The oldest Node that has what modules and dependencies use. Source: commander 15 `engines`. */
const NODE = ">=22.13.0";

export function readRootManifest(root: string): RootManifest {
  return JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
}

/** `./src/client/index.ts` → `client/index`, the name of a module in the package. */
export function moduleOf(source: string): string {
  const [, name] = /^(?:\.\/)?src\/(.+)\.ts$/.exec(source) ?? [];
  if (name === undefined) throw new Error(`expected an entry ./src/….ts, saw ${source}`);
  return name;
}

/**
 * The `package.json` of the package: entries point to built modules, and only what these import is
 * depended on.
 *
 * @param imported - names of the packages that any module imports.
 */
export function packageManifest(root: RootManifest, imported: ReadonlySet<string>): object {
  const { name, version, description, license } = root;
  const needed = Object.entries(root.dependencies).filter(([key]) => imported.has(key));
  const unknown = [...imported].filter((key) => root.dependencies[key] === undefined);
  if (unknown.length > 0) {
    throw new Error(`expected imports of dependencies only, saw ${unknown.join(", ")}`);
  }
  return {
    name,
    version,
    description,
    license,
    type: "module",
    sideEffects: false,
    engines: { node: NODE },
    exports: Object.fromEntries(
      Object.entries(root.exports).map(([entry, source]) => {
        const module = `./${moduleOf(source)}`;
        return [entry, { types: `${module}.d.ts`, default: `${module}.js` }];
      }),
    ),
    bin: Object.fromEntries(
      Object.entries(root.bin).map(([command, source]) => [command, `${moduleOf(source)}.js`]),
    ),
    dependencies: Object.fromEntries(needed.filter(([key]) => !OPTIONAL.has(key))),
    optionalDependencies: Object.fromEntries(needed.filter(([key]) => OPTIONAL.has(key))),
  };
}
