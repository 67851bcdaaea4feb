import assert from "node:assert/strict";
import type { ZooKeeper } from "../../../src/client/index.ts";
import {
  Barrier,
  ChildrenCache,
  Counter,
  DoubleBarrier,
  GroupMembership,
  IdGenerator,
  Lock,
  NodeCache,
  type NumberEncoding,
  PersistentEphemeral,
  ReadWriteLock,
  SharedValue,
} from "../../../src/recipes/index.ts";
import { poll } from "../../e2e/poll.ts";
import { asked } from "./contention.ts";
import type { Contender } from "./contender.ts";

/** Something that both sides do at one path; fails by throwing. */
export type Exchange = (zk: ZooKeeper, contender: Contender, path: string) => Promise<void>;

const TIMES = 50;

/** Both count up at once, and nothing is lost. */
function counting(theirs: string, encoding: NumberEncoding): Exchange {
  return async (zk, contender, path) => {
    const counter = new Counter(zk, path, { encoding });
    const deed = contender.tell("count", theirs, path, TIMES);
    for (let time = 0; time < TIMES; time += 1) await counter.add(1);
    const theirSum = Number(await deed.said());
    assert.ok(theirSum >= TIMES && theirSum <= 2 * TIMES, `their sum is ${theirSum}`);
    assert.equal(await counter.get(), 2 * TIMES);
    assert.equal(await contender.tell("count", theirs, path, 1).said(), `${2 * TIMES + 1}`);
  };
}

/** A barrier of either side holds the other one up. */
const barrier: Exchange = async (zk, contender, path) => {
  const ours = new Barrier(zk, path);
  const deed = contender.tell("pass", path);
  assert.equal(await deed.said(), "set");
  let isThrough = false;
  const passing = ours.wait().then(() => (isThrough = true));
  await zk.sync();
  assert.deepEqual([isThrough, deed.has(1)], [false, false]);
  await ours.lift();
  assert.equal(await deed.said(1), "passed");
  await passing;
  assert.equal(await deed.said(2), "set again");
  isThrough = false;
  const again = ours.wait().then(() => (isThrough = true));
  await zk.sync();
  assert.equal(isThrough, false);
  deed.release();
  await again;
};

/** So many of theirs and one of ours begin together, and end together. */
function doubleBarrier(theirCount: number): Exchange {
  return async (zk, contender, path) => {
    const count = theirCount + 1;
    const deeds = Array.from({ length: theirCount }, () => contender.tell("double", path, count));
    const areThere = async () => {
      const stat = await zk.exists(path);
      return stat?.numChildren === theirCount ? true : undefined;
    };
    await poll("they are there", areThere);
    assert.ok(deeds.every((deed) => !deed.has(1)));
    const ours = new DoubleBarrier(zk, path, count);
    await ours.enter();
    for (const deed of deeds) assert.equal(await deed.said(1), "entered");
    let hasLeft = false;
    const leaving = ours.leave().then(() => (hasLeft = true));
    await zk.sync();
    assert.deepEqual(
      [hasLeft, ...deeds.map((deed) => deed.has(2))],
      [false, ...deeds.map(() => false)],
    );
    for (const deed of deeds) deed.release();
    for (const deed of deeds) assert.equal(await deed.said(2), "left");
    await leaving;
  };
}

/** A cache of theirs sees what we write. */
function followed(kind: string): Exchange {
  return async (zk, contender, path) => {
    await zk.create(path);
    await zk.create(`${path}/child`);
    const watched = kind === "NodeCache" || kind === "DataWatch" ? `${path}/child` : path;
    const deed = contender.tell("follow", kind, watched, "news");
    assert.equal(await deed.said(), "follows");
    await zk.set(`${path}/child`, "news");
    assert.equal(await deed.said(1), "seen");
  };
}

/** Readers of both sides read at the same time. */
function readTogether(layout: "curator" | "kazoo"): Exchange {
  return async (zk, contender, path) => {
    const { read, write } = new ReadWriteLock(zk, path, { layout });
    const ours = await read.acquire();
    const deed = contender.tell("hold", "ReadLock", path);
    assert.equal(await deed.said(), "held");
    assert.equal(await write.tryAcquire(), undefined);
    deed.release();
    await deed.said(1);
    await ours.release();
  };
}

/** A reader of theirs waits for our writer. */
const readBehind: Exchange = async (zk, contender, path) => {
  const { write } = new ReadWriteLock(zk, path, { layout: "kazoo" });
  const ours = await write.acquire();
  const deed = await asked(zk, path, () => contender.tell("hold", "ReadLock", path));
  assert.equal(deed.has(0), false);
  await ours.release();
  assert.equal(await deed.said(), "held");
  assert.equal(await write.tryAcquire(), undefined);
  deed.release();
  await (await write.acquire()).release();
};

/** Numbers that are drawn on both sides are all different. */
const drawing: Exchange = async (zk, contender, path) => {
  const deed = contender.tell("count", "CachedAtomicLong", path, TIMES);
  const generator = new IdGenerator(zk, path, 10, { encoding: "int64" });
  const drawn = new Set<number>();
  for (let time = 0; time < TIMES; time += 1) drawn.add(await generator.next());
  for (const number of (await deed.said()).split(",")) drawn.add(Number(number));
  assert.equal(drawn.size, 2 * TIMES);
};

const appending: Exchange = async (zk, contender, path) => {
  const value = new SharedValue(zk, path);
  const deed = contender.tell("append", path, "c", TIMES);
  for (let time = 0; time < TIMES; time += 1) await value.update(({ text }) => `${text}e`);
  await deed.said();
  const { text } = await value.get();
  assert.equal(text.length, 2 * TIMES);
  assert.equal(text.replaceAll("e", "").length, TIMES);
};

/** Each side asks the other one to let go. */
const revoking: Exchange = async (zk, contender, path) => {
  const lock = new Lock(zk, path);
  const ours = await lock.acquire();
  await contender.tell("revoke", path).said();
  await poll("we hear of it", () => (ours.revoked.aborted ? true : undefined));
  await ours.release();
  const deed = contender.tell("hold", "Revocable", path);
  assert.equal(await deed.said(), "held");
  assert.equal(await lock.revoke(), true);
  assert.equal(await deed.said(1), "revoked");
  deed.release();
  assert.equal(await deed.said(2), "released");
};

/** Members of both sides see each other. */
const meeting: Exchange = async (zk, contender, path) => {
  await using group = new GroupMembership(zk, path, { id: "edgekeeper", data: "node" });
  await group.ready;
  const deed = contender.tell("hold", "GroupMember", path);
  assert.equal(await deed.said(), "held");
  const isThere = () => group.members.get("curator") === "java" || undefined;
  await poll("we see theirs", isThere);
  const seen = await contender.tell("members", path, 3).said();
  assert.equal(seen, "curator=java,edgekeeper=node,watcher=");
  deed.release();
  const isGone = () => (group.members.has("curator") ? undefined : true);
  await poll("we see that it is gone", isGone);
};

/** A party of kazoo has whose names say that they are of it. */
const partying: Exchange = async (zk, contender, path) => {
  const id = "0123456789abcdef0123456789abcdef__party__";
  await using group = new GroupMembership(zk, path, { id, data: "node" });
  await group.ready;
  const deed = contender.tell("hold", "Party", path);
  assert.equal(await deed.said(), "held");
  const isThere = () => [...group.members.values()].includes("python") || undefined;
  await poll("we see theirs", isThere);
  assert.equal(await contender.tell("members", path, 2).said(), "node,python");
  deed.release();
  const isGone = () => (group.members.size === 1 ? true : undefined);
  await poll("we see that it is gone", isGone);
};

/** An ephemeral of theirs is waited for, and ours follows. */
const following: Exchange = async (zk, contender, path) => {
  const deed = contender.tell("hold", "PersistentNode", path);
  assert.equal(await deed.said(), "held");
  await using cache = new NodeCache(zk, path);
  await using own = new PersistentEphemeral(zk, path, "edgekeeper");
  await zk.sync();
  assert.equal((await zk.get(path)).text, "curator");
  deed.release();
  await own.ready;
  assert.equal((await zk.get(path)).text, "edgekeeper");
  await poll("the cache has it", () => cache.current?.text === "edgekeeper" || undefined);
};

/** Our caches see what theirs make. */
const cached: Exchange = async (zk, contender, path) => {
  await zk.create(path);
  await using cache = new ChildrenCache(zk, path);
  await cache.ready;
  const deed = contender.tell("hold", "PersistentNode", `${path}/child`);
  assert.equal(await deed.said(), "held");
  await poll("we see it", () => cache.children.get("child")?.text === "curator" || undefined);
  deed.release();
  await poll("we see that it is gone", () => cache.children.size === 0 || undefined);
};

export const CURATOR_EXCHANGES: Readonly<Record<string, Exchange>> = {
  "Counter of int32 and SharedCount": counting("SharedCount", "int32"),
  "Counter of int64 and DistributedAtomicLong": counting("DistributedAtomicLong", "int64"),
  "IdGenerator of int64 and CachedAtomicLong": drawing,
  "SharedValue and SharedValue": appending,
  "Barrier and DistributedBarrier": barrier,
  "DoubleBarrier and two DistributedDoubleBarriers": doubleBarrier(2),
  "GroupMembership and GroupMember": meeting,
  "PersistentEphemeral and PersistentNode": following,
  "ChildrenCache and PersistentNode": cached,
  "PathChildrenCache and our znodes": followed("PathChildrenCache"),
  "NodeCache and our znode": followed("NodeCache"),
  "CuratorCache and our znodes": followed("CuratorCache"),
  "Lock.revoke and Revoker": revoking,
  "readers of both": readTogether("curator"),
};

export const KAZOO_EXCHANGES: Readonly<Record<string, Exchange>> = {
  "Counter and Counter": counting("Counter", "text"),
  "Counter of int32 and Counter(support_curator=True)": counting("CounterOfCurator", "int32"),
  "Barrier and Barrier": barrier,
  "DoubleBarrier and DoubleBarrier": doubleBarrier(1),
  "GroupMembership and Party": partying,
  "TreeCache and our znodes": followed("TreeCache"),
  "DataWatch and our znode": followed("DataWatch"),
  "readers of both": readTogether("kazoo"),
  "ReadWriteLock.write and ReadLock": readBehind,
};
