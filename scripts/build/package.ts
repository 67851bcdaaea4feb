import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { packageDeclaration } from "./declaration.ts";
import { moduleOf, packageManifest, readRootManifest, type RootManifest } from "./manifest.ts";
import { moduleGraph } from "./module-graph.ts";
import { buildWorker } from "./worker.ts";

const ROOT = join(import.meta.dirname, "../..");
/** Where the compiler writes to. */
const COMPILED = join(ROOT, ".tsbuild/src");

/**
 * Builds the package: a module for each source that an entry of `package.json` needs, declarations
 * for what can be imported, a `package.json` of its own, and the Worker that `edgekeeper serve` runs.
 *
 * Modules stay as many as they are, so that bundlers leave out what nobody uses.
 *
 * @param folder - emptied first.
 */
export async function buildPackage(folder: string): Promise<void> {
  const manifest = readRootManifest(ROOT);
  const entries = Object.values(manifest.exports).map(moduleOf);
  const commands = Object.values(manifest.bin).map(moduleOf);
  compile([...entries, ...commands]);
  const code = [...entries, ...commands].map((module) => `${module}.js`);
  const declarations = entries.map((module) => `${module}.d.ts`);
  const { files, packages } = moduleGraph(COMPILED, [...code, ...declarations]);
  rmSync(folder, { recursive: true, force: true });
  for (const file of files) copy(file, folder);
  for (const module of commands) chmodSync(join(folder, `${module}.js`), 0o755);
  for (const file of ["README.md", "LICENSE"]) copyFileSync(join(ROOT, file), join(folder, file));
  writeManifest(manifest, packages, folder);
  mkdirSync(join(folder, "worker"));
  await buildWorker(join(folder, "worker/serve.js"));
}

/** Compiles the layers of some modules and those below, each by its own configuration. */
function compile(modules: readonly string[]): void {
  const layers = new Set(modules.map((module) => `src/${module.slice(0, module.indexOf("/"))}`));
  const tsc = join(ROOT, "node_modules/.bin/tsc");
  const { status } = spawnSync(tsc, ["-b", ...layers], { cwd: ROOT, stdio: "inherit" });
  if (status !== 0) throw new Error("expected the sources to compile, saw what stands above");
}

function copy(file: string, folder: string): void {
  const text = readFileSync(join(COMPILED, file), "utf8");
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), file.endsWith(".d.ts") ? packageDeclaration(text) : text);
}

function writeManifest(
  manifest: RootManifest,
  packages: ReadonlySet<string>,
  folder: string,
): void {
  const text = JSON.stringify(packageManifest(manifest, packages), undefined, 2);
  writeFileSync(join(folder, "package.json"), `${text}\n`);
}
