import { expect, it } from "vitest";
import { OPEN_ACL_UNSAFE } from "../../../src/core/acl.ts";
import type { DataNode } from "../../../src/core/data-node.ts";
import { CacheGovernor, NODE_BYTES, weightOf } from "../../../src/storage/cache-governor.ts";
import { NodeCache } from "../../../src/storage/node-cache.ts";

function nodeOf(bytes: number): DataNode {
  return {
    data: new Uint8Array(bytes),
    acl: OPEN_ACL_UNSAFE,
    kind: 0,
    ephemeralOwner: 0,
    ttlMs: 0,
    czxid: 1,
    mzxid: 1,
    pzxid: 1,
    ctime: 1,
    mtime: 1,
    version: 0,
    createCounter: 0,
    aversion: 0,
    numChildren: 0,
  };
}

const NODE = nodeOf(600);

function fill(cache: NodeCache, governor: CacheGovernor, from: number, to: number): void {
  for (let i = from; i < to; i++) {
    cache.keep(`/${i}`, NODE, undefined);
    governor.enforce();
  }
}

function cached(cache: NodeCache, from: number, to: number): number {
  let count = 0;
  for (let i = from; i < to; i++) if (cache.find(`/${i}`) !== undefined) count++;
  return count;
}

it("[ST23] a node weighs its data and 400 bytes", () => {
  expect([weightOf(nodeOf(0)), weightOf(NODE)]).toEqual([400, 1_000]);
  expect(weightOf({ ...NODE, data: null })).toBe(NODE_BYTES);
});

it("[ST23] all stores together stay inside of the budget", () => {
  const governor = new CacheGovernor(10_000);
  const caches = [0, 1, 2].map(() => new NodeCache(governor));
  for (const cache of caches) fill(cache, governor, 0, 50);
  expect(governor.bytes).toBe(10_000);
  expect(caches.map((cache) => cached(cache, 0, 50))).toEqual([0, 0, 10]);
});

it("[ST23] what was hit outlives what was not, in whichever store", () => {
  const governor = new CacheGovernor(10_000);
  const [busy, other] = [new NodeCache(governor), new NodeCache(governor)];
  fill(busy, governor, 0, 5);
  for (let i = 0; i < 100; i++) {
    cached(busy, 0, 5);
    fill(other, governor, i, i + 1);
  }
  expect(cached(busy, 0, 5)).toBe(5);
  expect(cached(other, 0, 100)).toBe(5);
});

it("[ST23] dirty nodes count, push cached ones out, and stay", () => {
  const governor = new CacheGovernor(10_000);
  const cache = new NodeCache(governor);
  fill(cache, governor, 0, 10);
  const pinned = governor.register();
  governor.pin(pinned, 7_500);
  governor.enforce();
  expect([governor.bytes, cached(cache, 0, 10)]).toEqual([9_500, 2]);
  governor.pin(pinned, 7_500);
  governor.enforce();
  expect([governor.bytes, cached(cache, 0, 10)]).toEqual([15_000, 0]);
  governor.pin(pinned, -15_000);
  expect(governor.bytes).toBe(0);
});

it("[ST23] a node that is replaced or dropped no longer counts", () => {
  const governor = new CacheGovernor(10_000);
  const cache = new NodeCache(governor);
  cache.keep("/a", NODE, undefined);
  cache.keep("/a", nodeOf(100), 7);
  expect([governor.bytes, cache.find("/a")?.dueMs]).toEqual([500, 7]);
  cache.drop("/a");
  cache.drop("/a");
  expect([governor.bytes, cache.find("/a")]).toEqual([0, undefined]);
});
