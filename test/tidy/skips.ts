import { withoutText } from "./code.ts";
import { type Check, type Repository, testFiles } from "./repository.ts";

const TABLE = "test/README.md";
const SKIP =
  /\.(?:skip|todo|skipIf|runIf|fails)\b(?=\s*[.(])|\b(?:xit|xtest|xdescribe)\s*\(|(?<![.\w])skip\s*\(/g;

/** Rows `| test/unit/a.test.ts | title | reason |` of the table of skipped tests. */
function rowCounts(repository: Repository): Map<string, number> {
  const table = repository.find(({ path }) => path === TABLE)?.text ?? "";
  const rows = table.matchAll(/^\| *`?(test\/[^|`]+?)`? *\|[^|]*[^|\s][^|]*\|[^|]*[^|\s][^|]*\|/gm);
  const counts = new Map<string, number>();
  for (const [, path = ""] of rows) counts.set(path, (counts.get(path) ?? 0) + 1);
  return counts;
}

/** Every test that may be skipped has a row with its reason, and every row still has its test. */
export const checkSkips: Check = (repository) => {
  const rows = rowCounts(repository);
  const skips = new Map(
    testFiles(repository).map(({ path, text }) => [
      path,
      [...withoutText(text).matchAll(SKIP)].length,
    ]),
  );
  return [...new Set([...rows.keys(), ...skips.keys()])]
    .filter((path) => (skips.get(path) ?? 0) !== (rows.get(path) ?? 0))
    .map(
      (path) =>
        `${path}: ${skips.get(path) ?? 0} skips, but ${rows.get(path) ?? 0} rows in ${TABLE}`,
    );
};
