import { describe, expect, test } from "vitest";
import type { ZooKeeper } from "../../../src/client/index.ts";
import {
  Barrier,
  ChildrenCache,
  ConfigStore,
  Counter,
  DelayedQueue,
  DoubleBarrier,
  GroupMembership,
  LeaderElection,
  LeaderLatch,
  Lock,
  MasterWorker,
  NodeCache,
  PersistentEphemeral,
  Queue,
  ReadWriteLock,
  Semaphore,
  ServiceRegistry,
} from "../../../src/recipes/index.ts";
import { type FaultyClient, Stage } from "./faulty-client.ts";

const PATH = "/recipe";

/** Something that happens while many wait for it or look on. */
interface Happening {
  /** What was there before they came. */
  readonly before?: (zk: ZooKeeper) => Promise<unknown>;
  /** Waits, or looks on; what comes of it does not matter. */
  readonly wait: (zk: ZooKeeper, index: number) => unknown;
  /** What happens; gets what `before` returned. */
  readonly happens: (zk: ZooKeeper, held: unknown) => unknown;
}

/** Requests of all clients together, and events that the service told them. */
interface Cost {
  readonly requests: number;
  readonly events: number;
}

async function costOf(happening: Happening, count: number): Promise<Cost> {
  const stage = new Stage();
  const maker = await stage.client();
  const before = happening.before?.(maker.zk);
  const held = before === undefined ? undefined : await stage.until(before);
  const waiters: FaultyClient[] = [];
  for (let index = 0; index < count; index += 1) {
    const waiter = await stage.client();
    waiters.push(waiter);
    void Promise.resolve(happening.wait(waiter.zk, index)).catch(() => undefined);
    await stage.pass(100);
  }
  const all = [maker, ...waiters];
  for (const client of all) {
    client.sent.length = 0;
    client.eventsCount = 0;
  }
  await stage.until(Promise.resolve(happening.happens(maker.zk, held)));
  await stage.pass(500);
  const sum = (of: (client: FaultyClient) => number): number =>
    all.reduce((total, client) => total + of(client), 0);
  return { requests: sum(({ sent }) => sent.length), events: sum((client) => client.eventsCount) };
}

const release = (held: unknown): Promise<void> => (held as { release(): Promise<void> }).release();
const parse = (json: unknown): number => Number(json);
const take = async (zk: ZooKeeper): Promise<void> => {
  for (;;) await (await new Queue(zk, PATH).take()).complete();
};

/** Costs the same, whatever the number of those who wait. */
const WAKES_ONE: Readonly<Record<string, Happening & { readonly cost: Cost }>> = {
  "a lock is released": {
    before: (zk) => new Lock(zk, PATH).acquire(),
    wait: (zk) => new Lock(zk, PATH).acquire(),
    happens: (_zk, held) => release(held),
    cost: { requests: 3, events: 2 },
  },
  "a writer lets go, and writers wait": {
    before: (zk) => new ReadWriteLock(zk, PATH).write.acquire(),
    wait: (zk) => new ReadWriteLock(zk, PATH).write.acquire(),
    happens: (_zk, held) => release(held),
    cost: { requests: 3, events: 2 },
  },
  "a lease is given back": {
    before: (zk) => new Semaphore(zk, PATH, 1).acquire(),
    wait: (zk) => new Semaphore(zk, PATH, 1).acquire(),
    happens: (_zk, held) => release(held),
    cost: { requests: 8, events: 5 },
  },
  "a latch is closed": {
    before: async (zk) => {
      const latch = new LeaderLatch(zk, PATH);
      await latch.waitForLeadership();
      return { release: () => latch.close() };
    },
    wait: (zk) => new LeaderLatch(zk, PATH).waitForLeadership(),
    happens: (_zk, held) => release(held),
    cost: { requests: 3, events: 2 },
  },
  "an elected leader resigns": {
    before: (zk) => new Lock(zk, PATH).acquire(),
    wait: (zk) => new LeaderElection(zk, PATH).campaign(() => new Promise(() => undefined)),
    happens: (_zk, held) => release(held),
    cost: { requests: 3, events: 2 },
  },
  "an entry is put, and consumers wait": {
    wait: take,
    happens: (zk) => new Queue(zk, PATH).put("entry"),
    cost: { requests: 27, events: 10 },
  },
  "a delayed entry is put and becomes due": {
    wait: async (zk) => (await new DelayedQueue(zk, PATH, { nowMs: () => 0 }).take()).complete(),
    happens: (zk) => new DelayedQueue(zk, PATH, { nowMs: () => 0 }).put("entry", 0),
    cost: { requests: 21, events: 10 },
  },
  "a consumer gives its entry back": {
    before: async (zk) => {
      await new Queue(zk, PATH).put("entry");
      return await new Queue(zk, PATH).take();
    },
    wait: take,
    happens: (_zk, held) => release(held),
    cost: { requests: 27, events: 11 },
  },
  "a task is handed out, and workers wait": {
    wait: (zk, index) => new MasterWorker(zk, PATH).work(`w${index}`, async () => "done"),
    happens: async (zk) => {
      const jobs = new MasterWorker(zk, PATH);
      await jobs.result(await jobs.submit("task"));
    },
    cost: { requests: 34, events: 14 },
  },
  "a result is fetched, and masters wait for others": {
    wait: (zk, index) => new MasterWorker(zk, PATH).result(`other ${index}`),
    happens: async (zk) => {
      await zk.create(PATH);
      await zk.create(`${PATH}/results`);
      await zk.create(`${PATH}/results/mine`);
      await new MasterWorker(zk, PATH).result("mine");
    },
    cost: { requests: 6, events: 1 },
  },
};

/** Concerns everybody who waits or looks on: costs each of them so much. */
const WAKES_ALL: Readonly<Record<string, Happening & { readonly each: Cost }>> = {
  "a barrier is lifted": {
    before: (zk) => new Barrier(zk, PATH).set(),
    wait: (zk) => new Barrier(zk, PATH).wait(),
    happens: (zk) => new Barrier(zk, PATH).lift(),
    each: { requests: 1, events: 1 },
  },
  "a writer lets go, and readers wait": {
    before: (zk) => new ReadWriteLock(zk, PATH).write.acquire(),
    wait: (zk) => new ReadWriteLock(zk, PATH).read.acquire(),
    happens: (_zk, held) => release(held),
    each: { requests: 2, events: 1 },
  },
  "a leader follows another, and observers look on": {
    before: (zk) => new Lock(zk, PATH, { data: "first" }).acquire(),
    wait: async (zk) => {
      for await (const _leader of new LeaderElection(zk, PATH).observe());
    },
    happens: async (zk, held) => {
      const next = new Lock(zk, PATH, { data: "next" }).acquire();
      await release(held);
      await next;
    },
    each: { requests: 2, events: 1 },
  },
  "a znode changes, and node caches follow": {
    before: (zk) => zk.create(PATH),
    wait: (zk) => new NodeCache(zk, PATH).ready,
    happens: (zk) => zk.set(PATH, "x"),
    each: { requests: 1, events: 1 },
  },
  "a child comes, and children caches follow": {
    before: (zk) => zk.create(PATH),
    wait: (zk) => new ChildrenCache(zk, PATH).ready,
    happens: (zk) => zk.create(`${PATH}/child`),
    each: { requests: 1, events: 1 },
  },
  "a configuration changes": {
    before: (zk) => zk.create(PATH, "1"),
    wait: (zk) => new ConfigStore(zk, PATH, { parse }).ready,
    happens: (zk) => zk.set(PATH, "2"),
    each: { requests: 1, events: 1 },
  },
  "a member joins": {
    before: (zk) => zk.create(PATH),
    wait: (zk, index) => new GroupMembership(zk, PATH, { id: `m${index}` }).ready,
    happens: (zk) => new PersistentEphemeral(zk, `${PATH}/new`).ready,
    each: { requests: 1, events: 1 },
  },
  "an instance registers, and providers follow": {
    before: (zk) => zk.create(PATH),
    wait: (zk) => new ServiceRegistry(zk, PATH).discover("web").ready,
    happens: (zk) =>
      new ServiceRegistry(zk, PATH).register("web", { id: "new", address: "localhost:1" }).ready,
    each: { requests: 2, events: 2 },
  },
};

/** What one more who waits adds, from the costs for 10 and for 50. */
async function costOfEach(happening: Happening): Promise<Cost> {
  const [few, many] = [await costOf(happening, 10), await costOf(happening, 50)];
  return {
    requests: (many.requests - few.requests) / 40,
    events: (many.events - few.events) / 40,
  };
}

/** What it costs so many to pass a double barrier, in and out. */
async function costOfDoubleBarrier(count: number): Promise<Cost> {
  const stage = new Stage();
  const clients: FaultyClient[] = [];
  for (let index = 0; index < count; index += 1) clients.push(await stage.client());
  const barriers = clients.map(({ zk }) => new DoubleBarrier(zk, PATH, count));
  await stage.until(Promise.all(barriers.map((barrier) => barrier.enter())));
  await stage.until(Promise.all(barriers.map((barrier) => barrier.leave())));
  const sum = (of: (client: FaultyClient) => number): number =>
    clients.reduce((total, client) => total + of(client), 0);
  return { requests: sum(({ sent }) => sent.length), events: sum((client) => client.eventsCount) };
}

describe("what happens costs", () => {
  test.for(Object.entries(WAKES_ALL))(
    "[RP93] each of those whom it concerns: %s",
    async ([, happening]) => {
      expect(await costOfEach(happening)).toEqual(happening.each);
    },
  );

  test("[RP93] each of those who pass a double barrier", async () => {
    for (const count of [10, 50]) {
      const { requests, events } = await costOfDoubleBarrier(count);
      expect(requests / count).toBeLessThanOrEqual(11);
      expect(events / count).toBeLessThanOrEqual(2);
    }
  });

  test("[RP94] many who count at once try again at most as often as others were faster", async () => {
    const stage = new Stage();
    const clients: FaultyClient[] = [];
    for (let index = 0; index < 20; index += 1) clients.push(await stage.client());
    const counters = clients.map(({ zk }) => new Counter(zk, PATH));
    await counters[0]?.get();
    for (const { sent } of clients) sent.length = 0;
    await stage.until(Promise.all(counters.map((counter) => counter.add(1))));
    const requests = clients.reduce((total, { sent }) => total + sent.length, 0);

    expect(await counters[0]?.get()).toBe(20);
    // Each in turn is the fastest: 20 read and write, then 19, and so on.
    expect(requests).toBe(20 * 21);
  });

  test.for(Object.entries(WAKES_ONE))(
    "[RP88] as much for 50 as for 3 who wait: %s",
    async ([, happening]) => {
      const cost = await costOf(happening, 3);
      expect(await costOf(happening, 50)).toEqual(cost);
      expect(cost).toEqual(happening.cost);
    },
  );
});
