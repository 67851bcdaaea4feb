import { importsOf, resolveImport } from "./code.ts";
import { type Check, sourceFiles } from "./repository.ts";

/** Files that something outside the code starts. */
const ENTRIES = new Set(["src/index.ts", "src/dev.ts", "src/serve.ts", "src/cli/main.ts"]);

/** Every source file is imported by another file, of `src` or of `test`. */
export const checkOrphans: Check = (repository) => {
  const imported = new Set(
    repository
      .filter(({ path }) => path.endsWith(".ts"))
      .flatMap(({ path, text }) => importsOf(text).map((name) => resolveImport(path, name))),
  );
  return sourceFiles(repository)
    .filter(({ path }) => !path.endsWith(".d.ts") && !ENTRIES.has(path) && !imported.has(path))
    .map(({ path }) => `${path}: nothing imports this file`);
};
