import { describe, expect, it } from "vitest";
import { DataTree } from "../../../src/core/data-tree.ts";
import { digestOf } from "../../../src/core/tree-digest.ts";
import { MemoryTables } from "../../../src/storage/memory-tables.ts";
import { bytes, codeOf, create, TreeHarness } from "./tree-harness.ts";

describe("the tree", () => {
  it("[TR1] equal logs make equal trees, and every difference shows", () => {
    const h = new TreeHarness();
    const twin = new DataTree(new MemoryTables());
    const replay = (prepared: ReturnType<TreeHarness["prepare"]>) => twin.apply(prepared.logged);
    for (const request of [
      create("/a", { data: bytes("x") }),
      create("/a/b"),
      { op: "setData", path: "/a", data: null, version: -1 } as const,
      { op: "delete", path: "/a/b", version: -1 } as const,
    ]) {
      const prepared = h.prepare(request);
      h.apply(request, prepared);
      expect(digestOf(twin.tables)).not.toBe(digestOf(h.tables));
      replay(prepared);
      expect(digestOf(twin.tables)).toBe(digestOf(h.tables));
    }
  });

  it("[TR2] a fresh tree shows the Stats of a fresh server", () => {
    const h = new TreeHarness();
    expect(h.stat("/")).toMatchObject({ cversion: -1, numChildren: 1, czxid: 0, ctime: 0 });
    expect(h.stat("/zookeeper")).toMatchObject({ cversion: -2, numChildren: 2 });
    expect(h.stat("/zookeeper/config")).toMatchObject({ aversion: -1, version: 0, dataLength: 0 });
    expect(h.stat("/zookeeper/quota")).toMatchObject({ numChildren: 0, cversion: 0 });
    expect(h.read({ op: "getAllChildrenNumber", path: "/" })).toMatchObject({ totalNumber: 3 });
    const write = { op: "setData", path: "/zookeeper/config", data: null, version: -1 } as const;
    expect(codeOf(h.write(write))).toBe("NOAUTH");
  });

  it("[ZX1] failed writes use a zxid", () => {
    const h = new TreeHarness();
    h.create("/a");
    h.write(create("/a"));
    h.create("/b");
    expect([h.stat("/a").czxid, h.stat("/b").czxid, h.tree.lastZxid]).toEqual([1, 3, 3]);
  });

  it("[ZX2] apply refuses a zxid that does not ascend", () => {
    const h = new TreeHarness();
    const first = h.prepare(create("/a"));
    h.apply(create("/a"), first);
    expect(() => h.tree.apply(first.logged)).toThrow("expected a zxid above 0x1, saw 0x1");
  });

  it("[ZX3] what is discarded never happened, what came before it stays outstanding", () => {
    const h = new TreeHarness();
    const kept = h.prepare(create("/a"));
    h.prepare(create("/a/b"));
    h.prepare({ op: "delete", path: "/a/b", version: -1 });
    h.prepare({ op: "setData", path: "/a", data: null, version: 0 });
    h.prep.discard(kept.logged.header.zxid);
    expect(h.prep.lastZxid).toBe(1);
    expect(h.prepare(create("/a")).failure?.code).toBe(-110);
    const retry = { op: "setData", path: "/a", data: bytes("1"), version: 0 } as const;
    const again = h.prepare(retry);
    expect(again.failure).toBeUndefined();
    h.apply(create("/a"), kept);
    h.prep.discard(1);
    expect(h.prepare(retry).failure).toBeUndefined();
    expect(h.stat("/a")).toMatchObject({ version: 0, numChildren: 0 });
  });

  it("[ZX4] prep sees the tree as it will be", () => {
    const h = new TreeHarness();
    const requests = [
      create("/a"),
      create("/a/b"),
      { op: "setData", path: "/a/b", data: null, version: 0 },
      { op: "setData", path: "/a/b", data: null, version: 1 },
      { op: "delete", path: "/a/b", version: 2 },
      { op: "delete", path: "/a", version: 0 },
    ] as const;
    const prepared = requests.map((request) => ({ request, made: h.prepare(request) }));
    expect(prepared.map(({ made }) => made.failure)).toEqual(requests.map(() => undefined));
    expect(h.tables.get("/a")).toBeUndefined();
    const codes = prepared.map(({ request, made }) => codeOf(h.apply(request, made)));
    expect(codes).toEqual(requests.map(() => "OK"));
    expect(h.tables.get("/a")).toBeUndefined();
  });
});
