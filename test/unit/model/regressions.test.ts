import { describe, expect, it } from "vitest";
import { OPEN_ACL_UNSAFE } from "../../../src/core/acl.ts";
import type { CreateRequest, WriteRequest } from "../../../src/core/request.ts";
import type { Operation } from "./operations.ts";
import { inMemory, Pair } from "./pair.ts";

/** Runs that once told production and the naive model apart, shrunk. */
function agrees(...operations: readonly Operation[]): boolean {
  const pair = new Pair(inMemory()).run(operations);
  return pair.digestOfReplay() === pair.digest();
}

const write = (request: WriteRequest, slot = 0): Operation => ({ do: "write", slot, request });

function create(path: string, own: Partial<CreateRequest> = {}): CreateRequest {
  const data = new Uint8Array(0);
  return { op: "create2", path, data, acl: OPEN_ACL_UNSAFE, flags: 0, ttlMs: 0, ...own };
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
});
