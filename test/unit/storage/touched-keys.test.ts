import { expect, it } from "vitest";
import { DataTree } from "../../../src/core/data-tree.ts";
import { quotaStatsPaths } from "../../../src/core/quota.ts";
import { MemoryTables } from "../../../src/storage/memory-tables.ts";
import { touchedRows } from "../../../src/storage/touched-keys.ts";
import { Workload } from "../../contract/workload.ts";

/** The rows of a tree by key, values as text. */
function rowsOf(tables: MemoryTables): Map<string, string> {
  return new Map(tables.snapshotRows().map(({ key, value }) => [key, value.join()]));
}

it.each([1, 2, 3, 4])(
  "[ST36] names every row that applying a txn changes, seed %i",
  { timeout: 30_000 },
  (seed) => {
    const workload = new Workload(seed);
    const txns = [...workload.quotas(), ...workload.next(250)];
    const tables = new MemoryTables();
    const tree = new DataTree(tables);
    let before = rowsOf(tables);
    for (const logged of txns) {
      tree.apply(logged);
      const after = rowsOf(tables);
      const touched = touchedRows(logged);
      const keys = new Set(touched.map(({ key }) => key));
      const changed = [...after.keys()].filter((key) => before.get(key) !== after.get(key));
      expect(changed.filter((key) => !keys.has(key))).toEqual([]);
      // What is gone must be told; nobody looks for it otherwise.
      const named = new Set(touched.flatMap(({ key, isNamed }) => (isNamed ? [key] : [])));
      const gone = [...before.keys()].filter((key) => !after.has(key));
      expect(gone.filter((key) => !named.has(key))).toEqual([]);
      before = after;
    }
  },
);

it("[ST36] a failed txn and a check touch nothing", () => {
  const header = { sessionId: 7, cxid: 0, zxid: 1, timeMs: 0 };
  expect(touchedRows({ header, txn: { type: "error", code: -101 } })).toEqual([]);
  expect(touchedRows({ header, txn: { type: "check", path: "/a" } })).toEqual([]);
});

it("[ST36] a quota may be on each part of a path", () => {
  expect(quotaStatsPaths("/a/b")).toEqual([
    "/zookeeper/quota/a/zookeeper_stats",
    "/zookeeper/quota/a/b/zookeeper_stats",
  ]);
  expect(quotaStatsPaths("/")).toEqual([]);
});
