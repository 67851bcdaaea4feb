import { describe, expect, it } from "vitest";
import { OPEN_ACL_UNSAFE } from "../../../src/core/acl.ts";
import { bytes, codeOf, create, okay, refused, TreeHarness } from "./tree-harness.ts";

const set = (path: string, text: string, version = -1) =>
  ({ op: "setData", path, data: bytes(text), version }) as const;
const remove = (path: string, version = -1) => ({ op: "delete", path, version }) as const;

describe("setData", () => {
  it("[SD1] setData changes data, version, mzxid and mtime of the znode only", () => {
    const h = new TreeHarness();
    h.create("/a");
    const [before, parent] = [h.stat("/a"), h.stat("/")];
    h.nowMs += 50;
    okay(h.write(set("/a", "hello")));
    const changed = { dataLength: 5, version: 1, mzxid: 2, mtime: h.nowMs };
    expect(h.stat("/a")).toEqual({ ...before, ...changed });
    expect(h.stat("/")).toEqual(parent);
  });

  it("[SD2] a wrong version is BADVERSION with both, and -1 matches any", () => {
    const h = new TreeHarness();
    h.create("/a");
    expect(codeOf(h.write(set("/a", "1", 0)))).toBe("OK");
    expect(refused(h.write(set("/a", "2", 0)))).toMatchObject({ code: -103, expected: 0, seen: 1 });
    expect(codeOf(h.write(set("/a", "2", -2)))).toBe("BADVERSION");
    expect(codeOf(h.write(set("/a", "2", -1)))).toBe("OK");
    expect(codeOf(h.write(remove("/a", 1)))).toBe("BADVERSION");
    expect(codeOf(h.write(remove("/a", 2)))).toBe("OK");
  });

  it.each([
    [2_147_483_647, -2_147_483_648],
    [-2, 0],
  ])("[SD3] the version after %i is %i", (version, next) => {
    const h = new TreeHarness();
    h.create("/a");
    h.alter("/a", { version });
    h.write(set("/a", ""));
    expect(h.stat("/a").version).toBe(next);
  });

  it("[SD7] another incarnation is BADVERSION though the version is the same", () => {
    const h = new TreeHarness();
    h.create("/a");
    h.write(remove("/a"));
    h.create("/a");
    expect(codeOf(h.write({ ...set("/a", "x", 0), czxid: 1 }))).toBe("BADVERSION");
    expect(codeOf(h.write({ ...remove("/a", 0), czxid: 1 }))).toBe("BADVERSION");
    expect(codeOf(h.write({ ...set("/a", "x", 0), czxid: 3 }))).toBe("OK");
  });

  it("[SD8] orCreate creates what is missing and says which of the two it did", () => {
    const h = new TreeHarness();
    const upsert = { ...set("/p/a", "x"), orCreate: create("/p/a", { parents: true }) };
    expect(h.write(upsert)).toMatchObject({ op: "setData", path: "/p/a", created: true });
    expect(h.write(upsert)).toMatchObject({ op: "setData", created: false, stat: { version: 1 } });
    expect(codeOf(h.write({ ...upsert, version: 9 }))).toBe("BADVERSION");
    h.write(remove("/p/a"));
    expect(codeOf(h.write({ ...upsert, version: 0 }))).toBe("NONODE");
    expect(codeOf(h.write({ ...upsert, czxid: 1 }))).toBe("NONODE");
  });
});

describe("delete", () => {
  it("[SD4] delete changes numChildren, cversion and pzxid of the parent", () => {
    const h = new TreeHarness();
    h.create("/p");
    h.create("/p/a");
    const before = h.stat("/p");
    h.write(remove("/p/a"));
    expect(h.stat("/p")).toEqual({ ...before, numChildren: 0, cversion: 2, pzxid: 3 });
    expect(h.tables.get("/p/a")).toBeUndefined();
  });

  it("[SD5] a znode with children and those of the service stay", () => {
    const h = new TreeHarness();
    h.create("/p");
    h.create("/p/a");
    expect(codeOf(h.write(remove("/p")))).toBe("NOTEMPTY");
    for (const path of ["/", "/zookeeper", "/zookeeper/quota", "/zookeeper/config"]) {
      expect(codeOf(h.write(remove(path)))).toBe("BADARGUMENTS");
    }
    expect(codeOf(h.write(remove("/no")))).toBe("NONODE");
    expect(codeOf(h.write(remove("/no/a")))).toBe("NONODE");
  });

  it("[SD9] a recursive delete removes the subtree at one zxid, children first", () => {
    const h = new TreeHarness();
    for (const path of ["/p", "/p/a", "/p/a/b", "/p/c", "/q"]) h.create(path);
    h.changes.length = 0;
    expect(h.write({ op: "deleteRecursive", path: "/p", version: -1 })).toEqual({
      op: "delete",
      path: "/p",
    });
    const seen = h.changes.map(({ path }) => path);
    expect(seen.toSorted()).toEqual(["/p", "/p/a", "/p/a/b", "/p/c"]);
    expect(seen.at(-1)).toBe("/p");
    expect(seen.indexOf("/p/a/b")).toBeLessThan(seen.indexOf("/p/a"));
    expect(new Set(h.changes.map(({ zxid }) => zxid)).size).toBe(1);
    expect(h.stat("/").numChildren).toBe(2);
  });

  it("[SD9] a subtree above TXN_NODES_MAX is refused with the count", () => {
    const h = new TreeHarness({ limits: { TXN_NODES_MAX: 3 } });
    for (const path of ["/p", "/p/a", "/p/b"]) h.create(path);
    h.prepare(create("/p/c"));
    const { failure } = h.prepare({ op: "deleteRecursive", path: "/p", version: -1 });
    expect(failure).toMatchObject({ expected: 3, seen: 4 });
    expect(failure?.message).toContain("TXN_NODES_MAX is 3");
  });

  it("[SD9] the version of a recursive delete is the top's, and rights are asked for each", () => {
    const h = new TreeHarness();
    const readOnly = [{ perms: 1, id: { scheme: "world", id: "anyone" } }];
    h.create("/p");
    h.create("/p/a", { acl: readOnly });
    expect(codeOf(h.write({ op: "deleteRecursive", path: "/p", version: 4 }))).toBe("BADVERSION");
    h.create("/q", { acl: OPEN_ACL_UNSAFE });
    h.create("/q/a");
    h.write({ op: "setACL", path: "/q", acl: readOnly, version: -1 });
    expect(codeOf(h.write({ op: "deleteRecursive", path: "/q", version: -1 }))).toBe("NOAUTH");
    expect(h.stat("/q").numChildren).toBe(1);
  });
});

describe("setACL", () => {
  it("[SD6] setACL changes the ACL and aversion only, and causes no event", () => {
    const h = new TreeHarness();
    h.create("/a");
    const before = h.stat("/a");
    h.changes.length = 0;
    const acl = [{ perms: 17, id: { scheme: "world", id: "anyone" } }];
    okay(h.write({ op: "setACL", path: "/a", acl, version: 0 }));
    expect(h.stat("/a")).toEqual({ ...before, aversion: 1 });
    expect(h.tables.get("/a")?.acl).toEqual(acl);
    expect(h.changes).toEqual([]);
    expect(codeOf(h.write({ op: "setACL", path: "/a", acl, version: 0 }))).toBe("BADVERSION");
  });
});
