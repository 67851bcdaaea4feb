import { describe, expect, it } from "vitest";
import { CreateMode } from "../../../src/core/create-mode.ts";
import { NodeKind } from "../../../src/core/data-node.ts";
import { bytes, codeOf, create, okay, TreeHarness } from "./tree-harness.ts";

const SESSION = { sessionId: 7 };

describe("create", () => {
  it("[CR1] a create gives its zxid, its time and zero versions", () => {
    const h = new TreeHarness();
    const reply = okay(h.write(create("/a", { data: bytes("abc") })));
    const stat = {
      czxid: 1,
      mzxid: 1,
      pzxid: 1,
      ctime: h.nowMs,
      mtime: h.nowMs,
      version: 0,
      cversion: 0,
      aversion: 0,
      ephemeralOwner: 0,
      dataLength: 3,
      numChildren: 0,
    };
    expect(reply).toEqual({ op: "create", path: "/a", stat });
    expect(h.stat("/a")).toEqual(stat);
  });

  it("[CR2] a create changes cversion, numChildren and pzxid of the parent only", () => {
    const h = new TreeHarness();
    h.create("/p");
    const before = h.stat("/p");
    h.nowMs += 1_000;
    h.create("/p/a");
    expect(h.stat("/p")).toEqual({ ...before, cversion: 1, numChildren: 1, pzxid: 2 });
    h.create("/p/a/b");
    expect(h.stat("/p")).toEqual({ ...before, cversion: 1, numChildren: 1, pzxid: 2 });
  });

  it("[CR3] missing parent, taken path and ephemeral parent have their codes", () => {
    const h = new TreeHarness();
    h.create("/e", { flags: CreateMode.EPHEMERAL }, SESSION);
    expect(codeOf(h.write(create("/no/a")))).toBe("NONODE");
    expect(codeOf(h.write(create("/e")))).toBe("NODEEXISTS");
    expect(codeOf(h.write(create("/")))).toBe("NODEEXISTS");
    expect(codeOf(h.write(create("/e/a")))).toBe("NOCHILDRENFOREPHEMERALS");
  });

  it.each([
    ["create", 4, NodeKind.PERSISTENT],
    ["create2", 4, NodeKind.PERSISTENT],
    ["create", 1, NodeKind.EPHEMERAL],
    ["createContainer", 0, NodeKind.CONTAINER],
    ["createContainer", 1, NodeKind.CONTAINER],
    ["createContainer", 4, NodeKind.CONTAINER],
    ["createTTL", 5, NodeKind.TTL],
  ] as const)("[CR4] %s with flags %i makes kind %i", (op, flags, kind) => {
    const h = new TreeHarness();
    h.create("/a", { op, flags, ttlMs: 9 }, SESSION);
    expect(h.tables.get("/a")?.kind).toBe(kind);
  });

  it.each([
    ["create", 5],
    ["create2", 6],
    ["createTTL", 0],
    ["createTTL", 4],
    ["create", 7],
    ["create", -1],
    ["createContainer", 9],
  ] as const)("[CR4] %s with flags %i is BADARGUMENTS", (op, flags) => {
    const h = new TreeHarness();
    expect(codeOf(h.write(create("/a", { op, flags, ttlMs: 9 }), SESSION))).toBe("BADARGUMENTS");
  });

  it("[CR5] null and empty data differ", () => {
    const h = new TreeHarness();
    h.create("/null", { data: null });
    h.create("/empty", { data: bytes("") });
    expect(h.read({ op: "getData", path: "/null", watch: false })).toMatchObject({ data: null });
    expect(h.read({ op: "getData", path: "/empty", watch: false })).toMatchObject({
      data: bytes(""),
    });
    expect(h.stat("/null").dataLength).toBe(0);
  });

  it("[CR6] parents creates missing ancestors in the same txn", () => {
    const h = new TreeHarness();
    h.create("/a");
    const flags = CreateMode.EPHEMERAL_SEQUENTIAL;
    expect(h.create("/a/b/c/d-", { parents: true, flags, data: bytes("x") }, SESSION)).toBe(
      "/a/b/c/d-0000000000",
    );
    expect([
      h.stat("/a/b").czxid,
      h.stat("/a/b/c").czxid,
      h.stat("/a/b/c/d-0000000000").czxid,
    ]).toEqual([2, 2, 2]);
    expect(h.stat("/a/b/c").ephemeralOwner).toBe(0);
    expect(codeOf(h.write(create("/a//x", { parents: true })))).toBe("BADARGUMENTS");
    expect(codeOf(h.write(create("/a/b/c", { parents: true })))).toBe("NODEEXISTS");
  });

  it("[CR7] data over DATA_BYTES_MAX is refused by name", () => {
    const h = new TreeHarness({ limits: { DATA_BYTES_MAX: 4 } });
    expect(codeOf(h.write(create("/a", { data: bytes("1234") })))).toBe("OK");
    expect(h.write(create("/b", { data: bytes("12345") }))).toMatchObject({
      message: "DATA_BYTES_MAX is 4, saw 5",
    });
  });

  it("[CR8] the first reason in ZooKeeper's order wins", () => {
    const h = new TreeHarness();
    const closed = [{ perms: 1, id: { scheme: "world", id: "anyone" } }];
    h.create("/p", { acl: closed });
    h.create("/e", { flags: CreateMode.EPHEMERAL }, SESSION);
    const codes = [
      create("bad", { op: "createTTL", flags: 0, ttlMs: 0, acl: [] }),
      create("/no/a", { acl: [] }),
      create("/no/"),
      create("/p/"),
      create("/p/a"),
      create("/e/"),
      create("/e"),
    ].map((request) => codeOf(h.write(request)));
    expect(codes).toEqual([
      "BADARGUMENTS",
      "INVALIDACL",
      "NONODE",
      "NOAUTH",
      "NOAUTH",
      "BADARGUMENTS",
      "NODEEXISTS",
    ]);
  });
});

describe("sequential znodes", () => {
  const seq = { flags: CreateMode.PERSISTENT_SEQUENTIAL };

  it("[SQ1] the suffix counts all creates under the parent", () => {
    const h = new TreeHarness();
    h.create("/p");
    for (const name of ["a", "b", "c"]) h.create(`/p/${name}`);
    expect(h.create("/p/x-", seq)).toBe("/p/x-0000000003");
    expect(h.create("/p/y-", seq)).toBe("/p/y-0000000004");
    expect(h.create("/task-", seq)).toBe("/task-0000000001");
  });

  it("[SQ2] deletes do not advance it, failed creates give their number back", () => {
    const h = new TreeHarness();
    h.create("/p");
    expect(h.create("/p/x-", seq)).toBe("/p/x-0000000000");
    h.write({ op: "delete", path: "/p/x-0000000000", version: -1 });
    const failing = [create("/p/y-", seq), create("/p/z"), create("/p/z")];
    expect(codeOf(h.write({ op: "multi", ops: failing }))).toBe("NODEEXISTS");
    expect(h.create("/p/x-", seq)).toBe("/p/x-0000000001");
  });

  it("[SQ3] a sequential path may end in a slash", () => {
    const h = new TreeHarness();
    h.create("/p");
    expect(h.create("/p/", seq)).toBe("/p/0000000000");
    expect(h.create("/", seq)).toBe("/0000000001");
  });

  it("[SQ4] the counter stays at the top, where the next create fails", () => {
    const h = new TreeHarness();
    h.create("/p");
    h.alter("/p", { createCounter: 2_147_483_646 });
    expect(h.create("/p/x-", seq)).toBe("/p/x-2147483646");
    expect(h.create("/p/x-", seq)).toBe("/p/x-2147483647");
    expect(codeOf(h.write(create("/p/x-", seq)))).toBe("NODEEXISTS");
  });
});
