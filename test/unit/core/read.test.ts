import { describe, expect, it } from "vitest";
import { OPEN_ACL_UNSAFE } from "../../../src/core/acl.ts";
import { bytes, codeOf, okay, refused, TreeHarness } from "./tree-harness.ts";

const page = (after: string, limit: number, more = {}) => ({
  op: "getChildren2" as const,
  path: "/p",
  watch: false,
  page: { after, limit, stat: false, data: false, ...more },
});

function withChildren(...names: string[]): TreeHarness {
  const h = new TreeHarness();
  h.create("/p");
  for (const name of names) h.create(`/p/${name}`, { data: bytes(name) });
  return h;
}

describe("children", () => {
  it("[GC1] children come sorted by code unit", () => {
    const h = withChildren("b", "a10", "a2", "ü", "Z");
    const reply = okay(h.read({ op: "getChildren", path: "/p", watch: false }));
    expect(reply).toMatchObject({
      children: ["Z", "a10", "a2", "b", "ü"].map((name) => ({ name })),
    });
  });

  it("[GC2] pages go on behind the last name and tell whether more follow", () => {
    const h = withChildren("a", "b", "c", "d", "e");
    const names = (after: string, limit: number) => {
      const reply = okay(h.read(page(after, limit)));
      if (reply.op !== "getChildren") throw new Error(reply.op);
      return [reply.children.map(({ name }) => name).join(""), reply.more];
    };
    expect(names("", 2)).toEqual(["ab", true]);
    expect(names("b", 2)).toEqual(["cd", true]);
    expect(names("d", 2)).toEqual(["e", false]);
    expect(names("", 5)).toEqual(["abcde", false]);
    expect(names("bb", 9)).toEqual(["cde", false]);
  });

  it("[GC2] a limit out of range is refused by name", () => {
    const h = withChildren("a");
    expect(codeOf(h.read(page("", 0)))).toBe("BADARGUMENTS");
    expect(refused(h.read(page("", 10_001))).message).toContain("CHILDREN_PAGE_MAX is 10000");
  });

  it("[GC3] a page shows Stat and data of the children that may be read", () => {
    const h = withChildren("a", "b");
    const acl = [{ perms: 2, id: { scheme: "world", id: "anyone" } }];
    h.write({ op: "setACL", path: "/p/b", acl, version: -1 });
    const reply = okay(h.read(page("", 9, { stat: true, data: true })));
    expect(reply).toMatchObject({ op: "getChildren", more: false });
    expect("children" in reply ? reply.children : []).toEqual([
      { name: "a", data: bytes("a"), stat: h.stat("/p/a") },
      { name: "b" },
    ]);
  });

  it("[GC4] getAllChildrenNumber counts descendants at any depth", () => {
    const h = withChildren("a", "ab");
    h.create("/p/a/x");
    h.create("/pq");
    const count = (path: string) => h.read({ op: "getAllChildrenNumber", path });
    expect(count("/p")).toMatchObject({ totalNumber: 3 });
    expect(count("/")).toMatchObject({ totalNumber: 8 });
    expect(codeOf(count("/no"))).toBe("NONODE");
  });

  it("[GC4] getAllChildrenNumber of the empty path counts the root too", () => {
    const h = withChildren("a");
    const count = (path: string) => okay(h.read({ op: "getAllChildrenNumber", path }));
    expect([count("/"), count("")]).toMatchObject([{ totalNumber: 5 }, { totalNumber: 6 }]);
  });
});

describe("other reads", () => {
  it("[GC5] multiRead answers each part by itself", () => {
    const h = withChildren("a");
    const reply = okay(
      h.read({
        op: "multiRead",
        ops: [
          { op: "getData", path: "/p/a", watch: false },
          { op: "getData", path: "/no", watch: false },
          { op: "getChildren", path: "/p", watch: false },
        ],
      }),
    );
    expect(reply).toMatchObject({
      results: [{ data: bytes("a") }, { op: "error", code: -101 }, { children: [{ name: "a" }] }],
    });
  });

  it("[GC6] whoAmI shows every id, a digest by its user", () => {
    const h = new TreeHarness();
    const ids = [
      { scheme: "ip", id: "127.0.0.1" },
      { scheme: "digest", id: "bob:secret" },
    ];
    expect(h.read({ op: "whoAmI" }, { ids })).toEqual({
      op: "whoAmI",
      ids: [ids[0], { scheme: "digest", id: "bob" }],
    });
  });

  it("[ZX1] reads use no zxid", () => {
    const h = withChildren("a");
    const before = h.prep.lastZxid;
    h.read({ op: "sync", path: "/no" });
    h.read({ op: "getACL", path: "/p" });
    expect(h.prep.lastZxid).toBe(before);
    expect(h.read({ op: "getACL", path: "/p" })).toMatchObject({ acl: OPEN_ACL_UNSAFE });
  });
});
