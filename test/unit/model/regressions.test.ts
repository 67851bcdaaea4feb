import { describe, expect, it } from "vitest";
import { OPEN_ACL_UNSAFE } from "../../../src/core/acl.ts";
import type { CreateRequest, TreeWriteRequest } from "../../../src/core/request.ts";
import type { Operation } from "./operations.ts";
import { inMemory, Pair } from "./pair.ts";

/** Runs that once told production and the naive model apart, shrunk. */
function agrees(...operations: readonly Operation[]): boolean {
  const pair = new Pair(inMemory()).run(operations);
  return pair.digestOfReplay() === pair.digest();
}

const write = (request: TreeWriteRequest, slot = 0): Operation => ({ do: "write", slot, request });

function create(path: string, own: Partial<CreateRequest> = {}): CreateRequest {
  const data = new Uint8Array(0);
  return { op: "create2", path, data, acl: OPEN_ACL_UNSAFE, flags: 0, ttlMs: 0, ...own };
}

/** Hard limits of a subtree. */
function limits(prefix: string, bytes: number): CreateRequest {
  const text = `count=-1,bytes=-1=;byteHardLimit=${bytes};countHardLimit=-1`;
  const data = new TextEncoder().encode(text);
  return create(`/zookeeper/quota${prefix}/zookeeper_limits`, { data, parents: true });
}

describe("regressions found by the naive model", () => {
  it("[SD8] the reply to a setData holds what a reply holds and nothing of the txn", () => {
    const set = { op: "setData", path: "/a", data: null, version: -1 } as const;
    expect(agrees(write({ ...set, orCreate: create("/a") }), write(set))).toBe(true);
  });

  it("[CR4] createContainer has no TTL, so that flags 5 and 6 are refused", () => {
    const op = "createContainer";
    const creates = [0, 1, 2, 3, 4, 5, 6].map((flags) => write(create("/a-", { op, flags })));
    expect(agrees(...creates)).toBe(true);
  });

  it("[GC5] an exists in a multiRead fails alike on znodes that are there and that are not", () => {
    const ops = ["/a", "/b"].map((path) => ({ op: "exists" as const, path, watch: false }));
    const read = { do: "read", slot: 0, request: { op: "multiRead", ops } } as const;
    expect(agrees(write(create("/a")), { do: "apply", count: 1 }, read)).toBe(true);
  });

  it("[QU3] limits whose stats are missing refuse nothing", () => {
    expect(agrees(write(limits("/a", 0)), write(create("/a", { data: new Uint8Array(2) })))).toBe(
      true,
    );
  });

  it("[QU3] a setData that shrinks and stays over a hard limit is refused", () => {
    const set = (bytes: number) =>
      write({ op: "setData", path: "/a", data: new Uint8Array(bytes), version: -1 });
    const stats = create("/zookeeper/quota/a/zookeeper_stats", { parents: true });
    const big = write(create("/a", { data: new Uint8Array(9) }));
    expect(agrees(big, write(limits("/a", 3)), write(stats), set(6), set(3), set(2))).toBe(true);
  });
});
