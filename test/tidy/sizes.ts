import { codeLinesCount } from "./code.ts";
import { type Check, type Repository, sourceFiles, testFiles } from "./repository.ts";

const SOURCE_LINES_MAX = 400;
const TEST_LINES_MAX = 800;
const README_LINES_MAX = 80;
/**
 * The Durable Object only translates; when it grows past this, something belongs in `server`. A
 * seventh of it carries the calls between the members of an ensemble, which need the platform.
 */
const SHARD_LINES_MAX = 1_060;

/** Files that are tables and may be longer, each with its reason. */
const EXCEPTIONS: Readonly<Record<string, string>> = {};

function tooLong(path: string, count: number, limit: number): string[] {
  if (count <= limit || EXCEPTIONS[path] !== undefined) return [];
  return [`${path}: ${count} lines, the limit is ${limit}`];
}

function shardLinesCount(repository: Repository): number {
  return sourceFiles(repository)
    .filter(({ path }) => path.startsWith("src/shard/"))
    .reduce((sum, { text }) => sum + codeLinesCount(text), 0);
}

/** Files stay short enough to be read at once; comments and blank lines are free. */
export const checkSizes: Check = (repository) => [
  ...sourceFiles(repository).flatMap(({ path, text }) =>
    tooLong(path, codeLinesCount(text), SOURCE_LINES_MAX),
  ),
  ...testFiles(repository).flatMap(({ path, text }) =>
    tooLong(path, codeLinesCount(text), TEST_LINES_MAX),
  ),
  ...repository
    .filter(({ path }) => /^src\/.*README\.md$/.test(path))
    .flatMap(({ path, text }) => tooLong(path, text.split("\n").length - 1, README_LINES_MAX)),
  ...tooLong("src/shard", shardLinesCount(repository), SHARD_LINES_MAX),
];
