import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { buildPackage } from "../../scripts/build/package.ts";
import { atEnd } from "./clean-up.ts";

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, "../..");

/** What a test reads of the package's own `package.json`. */
export interface InstalledManifest {
  readonly version: string;
  readonly exports: Readonly<Record<string, { readonly types: string; readonly default: string }>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
}

/** A project somewhere else that has installed the package, and nothing but what that depends on. */
export interface Project {
  /** Its folder. */
  readonly folder: string;
  /** The folder of the package in it. */
  readonly installed: string;
  readonly manifest: InstalledManifest;
  /** Runs a program of the project; resolves to what it prints. @throws unless it succeeds. */
  run(command: string, args: readonly string[]): Promise<string>;
  write(file: string, text: string): Promise<void>;
  /** Installs another package, by a link to ours. */
  link(name: string): Promise<void>;
}

/** Builds the package below a folder of its own. @returns where it is. */
export async function buildElsewhere(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "edgekeeper-package-"));
  atEnd(() => rm(folder, { recursive: true, force: true }));
  await buildPackage(join(folder, "dist"));
  return join(folder, "dist");
}

/**
 * Packs a built package and installs it, as npm does but without asking a registry: what it depends on
 * is linked from here.
 */
export async function installPackage(built: string): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), "edgekeeper-project-"));
  atEnd(() => rm(folder, { recursive: true, force: true }));
  const modules = join(folder, "node_modules");
  const installed = join(modules, "edgekeeper");
  await mkdir(join(modules, ".bin"), { recursive: true });
  await mkdir(installed);
  const packing = ["pack", "--offline", "--ignore-scripts", "--json", "--pack-destination", folder];
  const { stdout } = await run("npm", packing, { cwd: built });
  const [packed] = JSON.parse(stdout) as { readonly filename: string }[];
  const tarball = join(folder, packed?.filename ?? "");
  await run("tar", ["-xzf", tarball, "-C", installed, "--strip-components", "1"]);
  const manifest: InstalledManifest = JSON.parse(
    await readFile(join(installed, "package.json"), "utf8"),
  );
  const link = async (name: string): Promise<void> => {
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(join(ROOT, "node_modules", name), join(modules, name));
  };
  const needed = { ...manifest.dependencies, ...manifest.optionalDependencies };
  for (const name of Object.keys(needed)) await link(name);
  await symlink("../edgekeeper/cli/main.js", join(modules, ".bin/edgekeeper"));
  // The Node that runs this test.
  const path = [dirname(process.execPath), process.env["PATH"]].join(delimiter);
  const options = { cwd: folder, env: { ...process.env, PATH: path } };
  return {
    folder,
    installed,
    manifest,
    run: async (command, args) => {
      try {
        return (await run(command, args, options)).stdout;
      } catch (error) {
        // What compilers have to say they print.
        const { stdout = "" } = error as { readonly stdout?: string };
        throw new Error(`${command} failed: ${stdout}`, { cause: error });
      }
    },
    write: (file, text) => writeFile(join(folder, file), text),
    link,
  };
}
