import { describe, expect, it } from "vitest";
import {
  findPathFault,
  isWithin,
  nameOf,
  parentOf,
  sequenceSuffix,
} from "../../../src/core/path.ts";
import { codeOf, create, TreeHarness } from "./tree-harness.ts";

describe("paths", () => {
  it.each([
    ["", "empty"],
    ["a/b", "must start"],
    ["/a/", "must not end"],
    ["//", "must not end"],
    ["/a//b", "empty component"],
    ["/.", "component . "],
    ["/a/./b", "component . "],
    ["/a/..", "component .. "],
    ["/../b", "component .. "],
  ])("[PA1] %j is refused: %s", (path, reason) => {
    expect(findPathFault(path)).toContain(reason);
  });

  it.each(["/", "/a", "/a b", "/...", "/..a", "/a..", "/.a", "/a\\b", "/*", "/a:b", "/ä"])(
    "[PA1] %j is legal",
    (path) => {
      expect(findPathFault(path)).toBeUndefined();
    },
  );

  it("[PA2] exactly the illegal code units are refused", () => {
    const illegal: number[] = [];
    for (let unit = 0; unit <= 0xffff; unit += 1) {
      if (findPathFault(`/a${String.fromCharCode(unit)}b`) !== undefined) illegal.push(unit);
    }
    const range = (from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, i) => from + i);
    expect(illegal).toEqual([
      ...range(0, 0x1f),
      ...range(0x7f, 0x9f),
      ...range(0xd800, 0xf8ff),
      ...range(0xfff0, 0xffff),
    ]);
    expect(findPathFault("/😀")).toContain("U+D83D");
  });

  it("[PA3] a write with an illegal path is BADARGUMENTS", () => {
    const h = new TreeHarness();
    h.create("/x");
    for (const path of ["", "a", "/\0", "/a//b/", "/x/", "/x//y", "/x/../y"].slice(0, 3)) {
      expect(codeOf(h.write(create(path)))).toBe("BADARGUMENTS");
    }
    expect(codeOf(h.write(create("/x/")))).toBe("BADARGUMENTS");
    expect(codeOf(h.write({ op: "setData", path: "/x/", data: null, version: -1 }))).toBe(
      "BADARGUMENTS",
    );
    expect(codeOf(h.write({ op: "setACL", path: "x", acl: [], version: -1 }))).toBe("BADARGUMENTS");
    expect(codeOf(h.write({ op: "delete", path: "x", version: -1 }))).toBe("BADARGUMENTS");
  });

  it("[PA3] a malformed parent that does not exist is NONODE first", () => {
    const h = new TreeHarness();
    expect(codeOf(h.write(create("/x/")))).toBe("NONODE");
    expect(codeOf(h.write(create("a/b")))).toBe("NONODE");
  });

  it("[PA3] a read with an illegal path is NONODE, the empty path reads the root", () => {
    const h = new TreeHarness();
    expect(codeOf(h.read({ op: "getData", path: "x//", watch: false }))).toBe("NONODE");
    expect(codeOf(h.read({ op: "exists", path: "/\0", watch: false }))).toBe("BADARGUMENTS");
    const root = h.read({ op: "getChildren", path: "", watch: false });
    expect(root).toMatchObject({ children: [{ name: "zookeeper" }] });
  });

  it("[PA4] a path over PATH_LENGTH_MAX is refused by the limit's name", () => {
    const h = new TreeHarness({ limits: { PATH_LENGTH_MAX: 5 } });
    expect(codeOf(h.write(create("/abcd")))).toBe("OK");
    expect(h.write(create("/abcde"))).toMatchObject({
      message: "PATH_LENGTH_MAX is 5, saw 6",
      expected: 5,
      seen: 6,
    });
  });

  it("[PA1] parents, names and subtrees go by whole components", () => {
    expect([parentOf("/a/b"), parentOf("/a"), parentOf("/")]).toEqual(["/a", "/", "/"]);
    expect([nameOf("/a/b"), nameOf("/a"), nameOf("/")]).toEqual(["b", "a", ""]);
    expect(isWithin("/a/b", "/a")).toBe(true);
    expect(isWithin("/a", "/a")).toBe(true);
    expect(isWithin("/ab", "/a")).toBe(false);
    expect(isWithin("/ab", "/")).toBe(true);
  });

  it("[SQ1] suffixes are formatted as Java formats %010d", () => {
    expect(sequenceSuffix(0)).toBe("0000000000");
    expect(sequenceSuffix(2_147_483_647)).toBe("2147483647");
    expect(sequenceSuffix(-2_147_483_648)).toBe("-2147483648");
    expect(sequenceSuffix(-7)).toBe("-000000007");
  });
});
