import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CreateMode } from "../../../src/core/create-mode.ts";
import { DataTree } from "../../../src/core/data-tree.ts";
import { LIMITS } from "../../../src/core/limits.ts";
import type { EphemeralUsage, NodeTable } from "../../../src/core/node-table.ts";
import { OutstandingChanges } from "../../../src/core/outstanding-changes.ts";
import { Prep } from "../../../src/core/prep.ts";
import { MemoryTables } from "../../../src/storage/memory-tables.ts";
import { create, TreeHarness } from "./tree-harness.ts";

const SESSIONS = [7, 8];

/** What `ephemeralUsage` stands for, counted one by one. */
function countedUsage(table: NodeTable, session: number): EphemeralUsage {
  const paths = table.ephemeralsOf(session);
  return { nodes: paths.length, pathLength: paths.reduce((sum, path) => sum + path.length, 0) };
}

/** Counts look-ups of znodes. */
class CountingTables extends MemoryTables {
  gets = 0;

  override get(path: string) {
    this.gets += 1;
    return super.get(path);
  }
}

const step = fc.record({
  kind: fc.constantFrom("create", "delete", "apply", "discard"),
  path: fc.constantFrom("/a", "/bb", "/ccc", "/dddd"),
  session: fc.constantFrom(...SESSIONS),
});

describe("what a session has while its txns are on their way", () => {
  it("[EP4] its ephemerals are counted right whatever is pending, applied or taken back", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const h = new TreeHarness();
        const view = new OutstandingChanges(h.tables);
        const pending: (() => void)[] = [];
        for (const { kind, path, session } of steps) {
          if (kind === "apply") {
            pending.shift()?.();
          } else if (kind === "discard") {
            view.clear();
            pending.length = 0;
          } else {
            const before = view.get(path);
            if ((before === undefined) !== (kind === "create")) continue;
            view.zxid += 1;
            const zxid = view.zxid;
            const root = h.node("/");
            const node = { ...root, ephemeralOwner: session, kind: 1 as const };
            const write = (table: NodeTable): void => {
              if (kind === "create") table.put(path, node);
              else table.delete(path);
            };
            write(view);
            pending.push(() => {
              write(h.tables);
              view.applied(zxid);
            });
          }
          for (const id of SESSIONS) {
            expect(view.ephemeralUsage(id)).toEqual(countedUsage(view, id));
            const stacked = new OutstandingChanges(view);
            expect(stacked.ephemeralUsage(id)).toEqual(countedUsage(view, id));
          }
        }
      }),
    );
  });

  it("[EP4] a create of an ephemeral looks at no other that is pending", () => {
    const tables = new CountingTables();
    new DataTree(tables);
    const prep = new Prep(tables, { lastZxid: 0, limits: LIMITS, enforceQuota: true });
    const getsOfCreate = (name: string): number => {
      tables.gets = 0;
      const request = create(`/${name}`, { flags: CreateMode.EPHEMERAL });
      prep.prepare(request, { sessionId: 7, ids: [], cxid: 0, nowMs: 1 });
      return tables.gets;
    };
    getsOfCreate("first");
    const few = getsOfCreate("second");
    for (let i = 0; i < 500; i += 1) getsOfCreate(String(i));
    expect(getsOfCreate("last")).toBe(few);
  });
});
