import { describe, expect, it } from "vitest";
import { CreateMode } from "../../../src/core/create-mode.ts";
import { LIMITS } from "../../../src/core/limits.ts";
import { codeOf, create, TreeHarness } from "./tree-harness.ts";

const OWNER = { sessionId: 7 };
const OTHER = { sessionId: 8 };
const EPHEMERAL = { flags: CreateMode.EPHEMERAL };
const CONTAINER = { flags: CreateMode.CONTAINER };

describe("ephemerals", () => {
  it("[EP1] an ephemeral shows its owner and has no children", () => {
    const h = new TreeHarness();
    h.create("/e", EPHEMERAL, OWNER);
    expect(h.stat("/e").ephemeralOwner).toBe(7);
    expect(codeOf(h.write(create("/e/a"), OWNER))).toBe("NOCHILDRENFOREPHEMERALS");
  });

  it("[EP2][ZX1] closing a session deletes its ephemerals at one zxid, pending ones too", () => {
    const h = new TreeHarness();
    h.openSession(7);
    h.create("/e", EPHEMERAL, OWNER);
    h.create("/gone", EPHEMERAL, OWNER);
    h.create("/other", EPHEMERAL, OTHER);
    const pending = [
      [create("/late", EPHEMERAL), h.prepare(create("/late", EPHEMERAL), OWNER)],
      [
        { op: "delete", path: "/gone", version: -1 },
        h.prepare({ op: "delete", path: "/gone", version: -1 }, OWNER),
      ],
    ] as const;
    const close = h.prepare({ op: "closeSession" }, OWNER);
    for (const [request, prepared] of pending) h.apply(request, prepared);
    h.changes.length = 0;
    h.apply({ op: "closeSession" }, close);
    expect(h.changes.map(({ path, zxid }) => [path, zxid])).toEqual([
      ["/e", 7],
      ["/late", 7],
    ]);
    expect(h.tables.getSession(7)).toBeUndefined();
    expect(h.tables.ephemeralsOf(7)).toEqual([]);
    expect(h.stat("/other").ephemeralOwner).toBe(8);
    expect(h.stat("/").pzxid).toBe(7);
  });

  it("[EP3] an ephemeral without a session is BADARGUMENTS", () => {
    expect(codeOf(new TreeHarness().write(create("/e", EPHEMERAL)))).toBe("BADARGUMENTS");
  });

  it("[EP4] a session gets no more ephemerals than one close may delete", () => {
    const h = new TreeHarness({ limits: { TXN_NODES_MAX: 2 } });
    h.create("/a", EPHEMERAL, OWNER);
    const second = h.prepare(create("/b", EPHEMERAL), OWNER);
    const third = h.prepare(create("/c", EPHEMERAL), OWNER);
    expect(codeOf(h.apply(create("/b", EPHEMERAL), second))).toBe("OK");
    expect(third.failure?.message).toContain("TXN_NODES_MAX is 2");
    expect(h.prepare(create("/c", EPHEMERAL), OTHER).failure).toBeUndefined();
    h.prepare({ op: "delete", path: "/a", version: -1 }, OWNER);
    expect(h.prepare(create("/d", EPHEMERAL), OWNER).failure).toBeUndefined();
  });

  it("[EP4] nor longer paths than one close may name", () => {
    const h = new TreeHarness({ limits: { TXN_BYTES_MAX: 30 } });
    h.create("/12345", EPHEMERAL, OWNER);
    expect(h.write(create("/abcde", EPHEMERAL), OWNER)).toMatchObject({ expected: 30, seen: 36 });
  });

  it("[EP5] getEphemerals lists the caller's own by string prefix", () => {
    const h = new TreeHarness();
    for (const path of ["/a", "/ab", "/b"]) h.create(path, EPHEMERAL, OWNER);
    h.create("/az", EPHEMERAL, OTHER);
    const list = (prefixPath: string) => h.read({ op: "getEphemerals", prefixPath }, OWNER);
    expect(list("/a")).toMatchObject({ paths: ["/a", "/ab"] });
    expect(list(" ")).toMatchObject({ paths: ["/a", "/ab", "/b"] });
    expect(list("/")).toMatchObject({ paths: ["/a", "/ab", "/b"] });
  });
});

describe("containers", () => {
  const reap = { op: "reap", path: "/c" } as const;

  it("[TT1] a container is due some time after its last child went", () => {
    const h = new TreeHarness();
    h.create("/c", CONTAINER);
    expect(h.tables.nextReapMs()).toBeUndefined();
    h.create("/c/a");
    h.nowMs += 5_000;
    h.write({ op: "delete", path: "/c/a", version: -1 });
    const dueMs = h.nowMs + LIMITS.CONTAINER_CHECK_MS;
    expect(h.tables.nextReapMs()).toBe(dueMs);
    expect(h.tables.reapable(dueMs - 1, 10)).toEqual([]);
    expect(h.tables.reapable(dueMs, 10)).toEqual(["/c"]);
    h.nowMs = dueMs;
    expect(codeOf(h.write(reap))).toBe("OK");
    expect(h.tables.nextReapMs()).toBeUndefined();
  });

  it("[TT1] a child in time keeps it, and one that never had a child stays", () => {
    const h = new TreeHarness();
    h.create("/c", CONTAINER);
    expect(codeOf(h.write(reap))).toBe("BADVERSION");
    h.create("/c/a");
    h.write({ op: "delete", path: "/c/a", version: -1 });
    h.create("/c/b");
    expect(h.tables.nextReapMs()).toBeUndefined();
  });

  it("[TT4] a reap that does not fit any more changes nothing", () => {
    const h = new TreeHarness();
    h.create("/c", CONTAINER);
    h.create("/c/a");
    h.create("/plain");
    expect(codeOf(h.write(reap))).toBe("NOTEMPTY");
    expect(codeOf(h.write({ op: "reap", path: "/plain" }))).toBe("BADVERSION");
    expect(codeOf(h.write({ op: "reap", path: "/no" }))).toBe("NONODE");
    expect(h.stat("/c").numChildren).toBe(1);
  });
});

describe("TTL znodes", () => {
  const TTL = { flags: CreateMode.PERSISTENT_WITH_TTL, ttlMs: 1_000 };

  it("[TT2] it is due when more than its TTL passed since the last setData", () => {
    const h = new TreeHarness();
    const start = h.nowMs;
    h.create("/t", TTL);
    expect(h.tables.nextReapMs()).toBe(start + 1_001);
    h.nowMs += 600;
    h.write({ op: "setData", path: "/t", data: null, version: -1 });
    h.nowMs = start + 1_001;
    expect(codeOf(h.write({ op: "reap", path: "/t" }))).toBe("BADVERSION");
    h.nowMs = start + 1_601;
    expect(h.tables.reapable(h.nowMs, 10)).toEqual(["/t"]);
    expect(codeOf(h.write({ op: "reap", path: "/t" }))).toBe("OK");
    expect(h.stat("/").numChildren).toBe(1);
  });

  it("[TT2] children hold it, and their going does not start its time again", () => {
    const h = new TreeHarness();
    const start = h.nowMs;
    h.create("/t", TTL);
    h.create("/t/a");
    expect(h.tables.nextReapMs()).toBeUndefined();
    h.write({ op: "setData", path: "/t", data: null, version: -1 });
    expect(h.tables.nextReapMs()).toBeUndefined();
    h.nowMs += 300;
    h.write({ op: "delete", path: "/t/a", version: -1 });
    expect(h.tables.nextReapMs()).toBe(start + 1_001);
  });

  it.each([
    [0, "BADARGUMENTS"],
    [-1, "BADARGUMENTS"],
    [1.5, "BADARGUMENTS"],
    [1, "OK"],
    [1_099_511_627_775, "OK"],
    [1_099_511_627_776, "BADARGUMENTS"],
  ])("[TT3] a TTL of %d ms is %s", (ttlMs, code) => {
    const h = new TreeHarness();
    const flags = CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL;
    expect(codeOf(h.write(create("/t-", { flags, ttlMs })))).toBe(code);
  });

  it("[TT2] a deleted TTL znode leaves no reap date behind", () => {
    const h = new TreeHarness();
    h.create("/t", TTL);
    h.write({ op: "delete", path: "/t", version: -1 });
    h.create("/t");
    expect(h.tables.nextReapMs()).toBeUndefined();
  });
});
