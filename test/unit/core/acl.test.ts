import { describe, expect, it } from "vitest";
import { checkACL, fixupACL, OPEN_ACL_UNSAFE, Perms, type ACL } from "../../../src/core/acl.ts";
import { codeOf, create, TreeHarness } from "./tree-harness.ts";

const acl = (perms: number, scheme: string, id: string): ACL => ({ perms, id: { scheme, id } });
const bob = { scheme: "digest", id: "bob:hash" };
const BOB = { ids: [bob] };

describe("permissions", () => {
  const needed: readonly (readonly [number, number])[] = [
    [Perms.CREATE, 0],
    [Perms.DELETE, 1],
    [Perms.READ, 2],
    [Perms.WRITE, 3],
    [Perms.ADMIN, 4],
  ];

  it.each(needed)(
    "[AC1][AC7] with only the right %i exactly its operation works",
    (perms, index) => {
      const h = new TreeHarness();
      h.create("/p");
      h.create("/p/a");
      h.write({ op: "setACL", path: "/p", acl: [acl(perms, "world", "anyone")], version: -1 });
      const codes = [
        h.write(create("/p/new")),
        h.write({ op: "delete", path: "/p/a", version: -1 }),
        h.read({ op: "exists", path: "/p", watch: false }),
        h.write({ op: "setData", path: "/p", data: null, version: -1 }),
        h.write({ op: "setACL", path: "/p", acl: OPEN_ACL_UNSAFE, version: -1 }),
      ].map(codeOf);
      expect(codes).toEqual(needed.map((_, at) => (at === index ? "OK" : "NOAUTH")));
    },
  );

  it("[AC1] the znode's own ACL does not protect it from delete", () => {
    const h = new TreeHarness();
    h.create("/a", { acl: [acl(Perms.READ, "digest", "bob:hash")] });
    expect(codeOf(h.write({ op: "delete", path: "/a", version: -1 }))).toBe("OK");
  });

  it("[AC7] getData, getChildren and check need READ too", () => {
    const h = new TreeHarness();
    h.create("/a", { acl: [acl(Perms.WRITE, "world", "anyone")] });
    expect(codeOf(h.read({ op: "getData", path: "/a", watch: false }))).toBe("NOAUTH");
    expect(codeOf(h.read({ op: "getChildren", path: "/a", watch: false }))).toBe("NOAUTH");
    const ops = [{ op: "check", path: "/a", version: -1 }] as const;
    expect(codeOf(h.write({ op: "multi", ops }))).toBe("NOAUTH");
  });

  it("[AC5] a super id passes everything", () => {
    const nobody = [acl(Perms.ALL, "digest", "nobody:x")];
    expect(checkACL(nobody, Perms.READ, [])).toBe(false);
    expect(checkACL(nobody, Perms.READ, [{ scheme: "super", id: "" }])).toBe(true);
  });

  it.each([
    ["10.0.0.0/8", "10.200.3.4", true],
    ["10.0.0.0/8", "11.0.0.1", false],
    ["10.0.0.0/9", "10.128.0.0", false],
    ["10.0.0.7", "10.0.0.7", true],
    ["10.0.0.7", "10.0.0.8", false],
    ["0.0.0.0/0", "1.2.3.4", true],
    ["0.0.0.0/0", "::1", false],
    ["2001:db8::/32", "2001:db8:ff::1", true],
    ["2001:db8::/32", "2001:db9::1", false],
    ["::ffff:10.0.0.0/104", "::ffff:10.9.9.9", true],
  ])("[AC4] ip:%s holds %s: %s", (prefix, address, isMatch) => {
    const ids = [{ scheme: "ip", id: address }];
    expect(checkACL([acl(Perms.READ, "ip", prefix)], Perms.READ, ids)).toBe(isMatch);
  });
});

describe("ACLs of creates and setACL", () => {
  it.each([
    ["world", "somebody"],
    ["digest", "bob"],
    ["digest", "bob:"],
    ["digest", "a:b:c"],
    ["ip", "300.0.0.1"],
    ["ip", "10.0.0.0/33"],
    ["ip", "::1/129"],
    ["ip", "1::2::3"],
    ["x509", "no name"],
    ["sasl", "bob"],
    ["super", ""],
    ["nonsense", "x"],
  ])("[AC2] %s:%s is INVALIDACL", (scheme, id) => {
    expect(codeOf(fixupACL("/", [acl(1, scheme, id)], []))).toBe("INVALIDACL");
  });

  it.each([
    ["world", "anyone"],
    ["digest", "bob:anything"],
    ["digest", ":x"],
    ["ip", "10.0.0.1"],
    ["ip", "::1"],
    ["ip", "1:2:3:4:5:6:1.2.3.4/96"],
    ["x509", "CN=bob,O=Example\\, Inc.,C=DE"],
  ])("[AC2] %s:%s is stored as it is", (scheme, id) => {
    expect(fixupACL("/", [acl(1, scheme, id)], [])).toEqual([acl(1, scheme, id)]);
  });

  it("[AC2] an empty list is INVALIDACL", () => {
    expect(codeOf(fixupACL("/", [], []))).toBe("INVALIDACL");
  });

  it("[AC3] auth becomes the proven ids of the connection", () => {
    const ids = [{ scheme: "ip", id: "1.2.3.4" }, bob, { scheme: "x509", id: "CN=x" }];
    expect(fixupACL("/", [acl(5, "auth", "")], ids)).toEqual([
      acl(5, "digest", "bob:hash"),
      acl(5, "x509", "CN=x"),
    ]);
    expect(codeOf(fixupACL("/", [acl(5, "auth", "")], ids.slice(0, 1)))).toBe("INVALIDACL");
  });

  it("[AC3] what auth becomes may stand there twice, as in ZooKeeper", () => {
    const list = [acl(5, "auth", ""), acl(5, "digest", "bob:hash")];
    expect(fixupACL("/", list, [bob])).toEqual([list[1], list[1]]);
  });

  it("[AC3] duplicates go, the order stays", () => {
    const list = [acl(1, "ip", "::1"), acl(2, "ip", "::1"), acl(1, "ip", "::1")];
    expect(fixupACL("/", list, [])).toEqual(list.slice(0, 2));
  });

  it("[AC6] getACL masks digests unless the caller may ADMIN", () => {
    const h = new TreeHarness();
    const stored = [acl(Perms.ADMIN, "digest", "bob:hash"), acl(Perms.READ, "world", "anyone")];
    h.create("/a", { acl: stored });
    expect(h.read({ op: "getACL", path: "/a" })).toMatchObject({
      acl: [acl(Perms.ADMIN, "digest", "bob:x"), stored[1]],
    });
    expect(h.read({ op: "getACL", path: "/a" }, BOB)).toMatchObject({ acl: stored });
    h.create("/b", { acl: [acl(Perms.WRITE, "world", "anyone")] });
    expect(codeOf(h.read({ op: "getACL", path: "/b" }))).toBe("NOAUTH");
  });
});
