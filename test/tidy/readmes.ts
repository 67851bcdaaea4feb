import { layerOf } from "./layers.ts";
import { type Check, sourceFiles } from "./repository.ts";

/** Each layer that has code has a README.md: what it is, what it may import, its invariants, its files. */
export const checkReadmes: Check = (repository) => {
  const layers = new Set(sourceFiles(repository).map(({ path }) => layerOf(path)));
  layers.delete("index");
  const paths = new Set(repository.map(({ path }) => path));
  return [...layers]
    .map((layer) => `src/${layer}/README.md`)
    .filter((path) => !paths.has(path))
    .map((path) => `${path}: is missing`);
};
