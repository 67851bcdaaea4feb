import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";

/** One text file: its path from the root of the repository, with slashes, and its content. */
export interface TextFile {
  readonly path: string;
  readonly text: string;
}

/** What every check reads. A check returns one sentence per violation, starting with the path. */
export type Repository = readonly TextFile[];
export type Check = (repository: Repository) => readonly string[];

const IGNORED = new Set(["node_modules", ".git", ".tsbuild", ".wrangler", "dist", "out"]);
const TEXT = new Set(["", ".ts", ".js", ".md", ".json", ".toml", ".txt", ".html", ".css", ".yml"]);

/** Reads every text file below `root`; what git ignores is ignored here. */
export function readRepository(root: string, folder = ""): TextFile[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => !IGNORED.has(entry.name) && !/^\.(env|dev\.vars)/.test(entry.name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) return readRepository(root, path);
      if (!entry.isFile() || !TEXT.has(extname(entry.name))) return [];
      return [{ path, text: readFileSync(join(root, path), "utf8") }];
    });
}

/** The repository this test runs in. */
export function thisRepository(): Repository {
  return readRepository(join(import.meta.dirname, "../.."));
}

/** A repository of planted files, `{ path: text }`: how each check tests itself. */
export function plant(files: Readonly<Record<string, string>>): Repository {
  return Object.entries(files).map(([path, text]) => ({ path, text }));
}

/** TypeScript below `src/`, declarations for the compiler included. */
export function sourceFiles(repository: Repository): TextFile[] {
  return repository.filter(({ path }) => path.startsWith("src/") && path.endsWith(".ts"));
}

/** TypeScript below `test/`, except this folder, which is full of planted violations. */
export function testFiles(repository: Repository): TextFile[] {
  return repository.filter(
    ({ path }) =>
      path.startsWith("test/") && path.endsWith(".ts") && !path.startsWith("test/tidy/"),
  );
}
