import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OPEN_ACL_UNSAFE } from "../../../src/core/acl.ts";
import { CacheGovernor } from "../../../src/storage/cache-governor.ts";
import type { SqlDatabase } from "../../../src/storage/sql-database.ts";
import { SqlStore } from "../../../src/storage/sql-store.ts";
import { openNodeSql } from "../../contract/node-database.ts";
import { run } from "./operations.ts";
import { Pair, type Reopenable } from "./pair.ts";

const numRuns = Number(process.env["MODEL_RUNS"] ?? 60);

/** A cache of two znodes, where nearly every read goes to the rows, and one that holds all. */
const BUDGETS = [1_000, 1_048_576];

function overSql(cacheBytes: number, db: SqlDatabase = openNodeSql()): Reopenable {
  const store = new SqlStore(db, { governor: new CacheGovernor(cacheBytes) });
  return { store, reopen: () => overSql(cacheBytes, db) };
}

describe("the tree over SQL and the naive model", () => {
  it.each(BUDGETS)(
    "[ZX4][TR1] agree through a cache of %i bytes and restarts",
    (cacheBytes) => {
      fc.assert(
        fc.property(run, (operations) => {
          const pair = new Pair(overSql(cacheBytes)).run(operations);
          expect(pair.digestOfReplay()).toBe(pair.digest());
        }),
        { numRuns },
      );
    },
    600_000,
  );

  it("[GC7] a malformed path names no znode, whatever its parts", () => {
    const data = new Uint8Array(0);
    const own = { data, acl: OPEN_ACL_UNSAFE, flags: 0, ttlMs: 0 };
    const reads = ["a", "//a", "/a/", "/a//b", "/a/b/", ""].map((path) => ({
      do: "read" as const,
      slot: 0,
      request: { op: "exists" as const, path, watch: false },
    }));
    const pair = new Pair(overSql(1_000)).run([
      { do: "write", slot: 0, request: { op: "create", path: "/a", ...own } },
      { do: "write", slot: 0, request: { op: "create", path: "/a/b", ...own } },
      { do: "apply", count: 2 },
      { do: "checkpoint" },
      { do: "restart" },
      ...reads,
    ]);
    expect(pair.digestOfReplay()).toBe(pair.digest());
  });
});
