import { describe, expect, it } from "vitest";
import { CreateMode } from "../../../src/core/create-mode.ts";
import { bytes, codeOf, create, okay, refused, TreeHarness } from "./tree-harness.ts";

describe("multi", () => {
  it("[MU1][MU2] parts see each other and share one zxid and time", () => {
    const h = new TreeHarness();
    h.create("/p");
    const reply = okay(
      h.write({
        op: "multi",
        ops: [
          create("/p/a", { data: bytes("1") }),
          { op: "setData", path: "/p/a", data: bytes("22"), version: 0 },
          { op: "check", path: "/p/a", version: 1 },
          create("/p/s-", { flags: CreateMode.PERSISTENT_SEQUENTIAL }),
          { op: "delete", path: "/p/a", version: 1 },
        ],
      }),
    );
    expect(reply).toMatchObject({
      op: "multi",
      results: [
        { op: "create", path: "/p/a", stat: { version: 0, dataLength: 1, czxid: 2 } },
        { op: "setData", stat: { version: 1, dataLength: 2, mzxid: 2 } },
        { op: "check" },
        { op: "create", path: "/p/s-0000000001", stat: { czxid: 2 } },
        { op: "delete", path: "/p/a" },
      ],
    });
    expect(h.changes.slice(1).map(({ zxid }) => zxid)).toEqual([2, 2, 2, 2]);
    expect(h.stat("/p")).toMatchObject({ numChildren: 1, cversion: 3, pzxid: 2 });
  });

  it("[MU1][MU3] one bad part undoes all, is named, and uses a zxid", () => {
    const h = new TreeHarness();
    h.create("/p");
    const before = h.stat("/p");
    const ops = [create("/p/a"), { op: "check", path: "/p", version: 9 }, create("/p/b")] as const;
    expect(refused(h.write({ op: "multi", ops }))).toMatchObject({ code: -103, failedAt: 1 });
    expect(h.stat("/p")).toEqual(before);
    expect(h.changes).toHaveLength(1);
    h.create("/q");
    expect(h.stat("/q").czxid).toBe(3);
  });

  it("[MU4] an empty multi is fine and uses a zxid", () => {
    const h = new TreeHarness();
    expect(h.write({ op: "multi", ops: [] })).toEqual({ op: "multi", results: [] });
    expect(h.tree.lastZxid).toBe(1);
  });

  it("[MU5] more parts than TXN_NODES_MAX are refused by name", () => {
    const h = new TreeHarness({ limits: { TXN_NODES_MAX: 2 } });
    const ops = ["/a", "/b", "/c"].map((path) => create(path));
    expect(refused(h.write({ op: "multi", ops })).message).toContain("TXN_NODES_MAX is 2");
    expect(codeOf(h.write({ op: "multi", ops: ops.slice(1) }))).toBe("OK");
  });

  it("[MU5] more bytes than TXN_BYTES_MAX are refused by name and leave nothing", () => {
    const h = new TreeHarness({ limits: { TXN_BYTES_MAX: 100 } });
    const ops = ["/a", "/b"].map((path) => create(path, { data: new Uint8Array(60) }));
    expect(refused(h.write({ op: "multi", ops })).message).toContain("TXN_BYTES_MAX is 100");
    expect(codeOf(h.write(create("/a")))).toBe("OK");
  });
});
