// Adds up vitest's JSON reports and the closing lines of those suites that have a runner of their own:
// `node .ci/count.js <folder> <broken steps>`. A suite that could not be loaded, and a step that failed
// without a failed test, count as one failure each.
import { existsSync, readFileSync } from "node:fs";

const [folder, brokenSteps] = process.argv.slice(2);

function read(name) {
  const path = `${folder}/${name}.json`;
  if (!existsSync(path)) return { passed: 0, failed: 0 };
  const report = JSON.parse(readFileSync(path, "utf8"));
  const unloaded = report.testResults.filter(
    (file) =>
      file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  );
  return { passed: report.numPassedTests, failed: report.numFailedTests + unloaded.length };
}

/** The last `N passed, N failed` that a runner of its own printed. */
function readClosingLine(name) {
  const path = `${folder}/${name}.log`;
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  const [, passed = 0, failed = 0] =
    text
      .match(/^(\d+) passed, (\d+) failed$/gm)
      ?.at(-1)
      ?.match(/(\d+) passed, (\d+)/) ?? [];
  return { passed: Number(passed), failed: Number(failed) };
}

const counted = [
  ...["test", "simulation", "e2e"].map(read),
  ...["seeds", "bugs", "conformance"].map(readClosingLine),
];
const passed = counted.reduce((sum, { passed }) => sum + passed, 0);
let failed = counted.reduce((sum, { failed }) => sum + failed, 0);
const isBroken = Number(brokenSteps) !== 0;
if (isBroken && failed === 0) failed = Number(brokenSteps) || 1;
if (!isBroken && passed === 0) failed += 1;
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = isBroken || failed > 0 ? 1 : 0;
