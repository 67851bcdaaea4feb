import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ProcessGroup } from "../../e2e/process-group.ts";
import { newFolder } from "../../e2e/service.ts";
import type { Part, PartContext } from "../part.ts";
import { addressOf, type Server } from "../servers.ts";
import { EXCLUSIONS } from "./exclusions.ts";

/** Debian's Python, where python3-kazoo is. */
const PYTHON = "/usr/bin/python3";
/** Without byte code and cache: the packages' folders aren't ours to write to. */
const PYTEST = ["-B", "-m", "pytest", "-q", "-p", "running_server", "-p", "no:cacheprovider"];
const SUITE = "/usr/lib/python3/dist-packages/kazoo/tests";
const AT_ONCE = 4;
/** The longest file takes a quarter of it. */
const FILE_MS = 300_000;

/** Everything kazoo tests itself with, on both servers. */
export const kazoo: Part = {
  name: "kazoo",
  async run(context) {
    const [zooKeeper, edgekeeper] = await Promise.all([
      runSuite(context.zooKeeper, []),
      runSuite(context.edgekeeper, []),
    ]);
    await secondTry(context, zooKeeper, edgekeeper);
    compare(context, zooKeeper, edgekeeper);
  },
};

/** One line of running_server.py. */
interface Result {
  readonly test: string;
  readonly outcome: "passed" | "failed" | "skipped";
  readonly why: string;
}

type Results = Map<string, Result>;

/** Runs some tests, or all but the excluded ones, some files at a time: most of it is waiting. */
async function runSuite(server: Server, tests: readonly string[]): Promise<Results> {
  const results: Results = new Map();
  const asked = tests.length === 0 ? testFiles().map((file) => [file]) : [tests.map(importPath)];
  const rest = asked.values();
  const worker = async () => {
    for (const names of rest) await runPytest(server, names, results);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}

/** `kazoo.tests.test_lock` and its like. */
function testFiles(): string[] {
  return readdirSync(SUITE)
    .filter((file) => /^test_.*\.py$/.test(file))
    .map((file) => `kazoo.tests.${file.replace(".py", "")}`);
}

/** `kazoo.tests.test_lock::Class::test`, as pytest wants it behind --pyargs. */
function importPath(test: string): string {
  return `kazoo.tests.${test.replace(".py::", "::")}`;
}

async function runPytest(
  server: Server,
  names: readonly string[],
  results: Results,
): Promise<void> {
  const file = join(newFolder(), "results.jsonl");
  const group = new ProcessGroup(PYTHON, {
    arguments: [...PYTEST, "--pyargs", ...names],
    environment: {
      KAZOO_SERVER: addressOf(server),
      KAZOO_RESULTS: file,
      KAZOO_EXCLUDED: EXCLUSIONS.map(({ test }) => test).join(" "),
      PYTHONPATH: import.meta.dirname,
      ZOOKEEPER_VERSION: "3.8.0",
    },
  });
  // A failed test fails pytest, too: what counts is in the file.
  await group.succeed(FILE_MS).catch(async (error: unknown) => {
    await group.kill();
    if (!existsSync(file)) throw error;
  });
  for (const line of readFileSync(file, "utf8").trim().split("\n")) {
    const result = JSON.parse(line) as Result;
    // A test whose tear-down fails has two lines.
    if (results.get(result.test)?.outcome !== "failed") results.set(result.test, result);
  }
}

/** kazoo's tests wait for threads a fixed time; what failed on one server gets a quiet second try. */
async function secondTry(context: PartContext, a: Results, b: Results): Promise<void> {
  const tests = [...a.keys()].filter((test) => hasFailed(a, test) || hasFailed(b, test));
  for (const [server, results] of [
    [context.zooKeeper, a],
    [context.edgekeeper, b],
  ] as const) {
    const failed = tests.filter((test) => hasFailed(results, test));
    if (failed.length === 0) continue;
    const again = await runSuite(server, failed);
    for (const [test, result] of again) {
      if (result.outcome === "passed") context.print(`second try on ${server.name}: ${test}`);
      results.set(test, result);
    }
  }
}

function hasFailed(results: Results, test: string): boolean {
  return results.get(test)?.outcome === "failed";
}

function compare(context: PartContext, zooKeeper: Results, edgekeeper: Results): void {
  for (const [test, { outcome }] of zooKeeper) {
    const seen = edgekeeper.get(test);
    if (outcome === "failed") context.print(`fails on ZooKeeper: ${test}`);
    if (outcome !== "passed") continue;
    if (seen?.outcome === "passed") context.passed(test);
    else context.failed(test, seen?.why ?? "was not run");
  }
  for (const { test, reason } of EXCLUSIONS) context.print(`left out: ${test}: ${reason}`);
  const count = (results: Results) =>
    [...results.values()].filter(({ outcome }) => outcome === "passed").length;
  const all = zooKeeper.size + EXCLUSIONS.length;
  const skips = [...zooKeeper.values()].filter(({ outcome }) => outcome === "skipped").length;
  context.print(
    `edgekeeper ${count(edgekeeper)} of ${all}, ZooKeeper ${count(zooKeeper)} of ${all}; ` +
      `${EXCLUSIONS.length} left out, ${skips} skip themselves`,
  );
}
