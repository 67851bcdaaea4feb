import { deleteQuietly, ensurePath, type ZooKeeper } from "../../../src/client/index.ts";
import {
  Barrier,
  ConfigStore,
  DelayedQueue,
  DoubleBarrier,
  GroupMembership,
  LeaderElection,
  LeaderLatch,
  Lock,
  MasterWorker,
  MultiLock,
  PersistentEphemeral,
  Queue,
  ReadWriteLock,
  Semaphore,
  ServiceRegistry,
  SetPartitioner,
} from "../../../src/recipes/index.ts";

/** Something that waits at a path until a signal says enough. */
export interface Wait {
  /** Makes everybody else wait, by another client. */
  readonly block?: (zk: ZooKeeper, path: string) => Promise<unknown>;
  readonly wait: (zk: ZooKeeper, path: string, signal: AbortSignal) => Promise<unknown>;
}

const parse = (json: unknown): number => Number(json);

/** Keeps something until the signal says enough, and ends it then. */
async function keepUntil(kept: AsyncDisposable, signal: AbortSignal): Promise<never> {
  await using _kept = kept;
  const aborted = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => aborted.reject(signal.reason));
  return await aborted.promise;
}

/** Everything in the recipes that waits for others, by its name. */
export const WAITS: Readonly<Record<string, Wait>> = {
  "Lock.acquire": {
    block: (zk, path) => new Lock(zk, path).acquire(),
    wait: (zk, path, signal) => new Lock(zk, path).acquire({ signal }),
  },
  "Lock.acquire in the layout of kazoo": {
    block: (zk, path) => new Lock(zk, path).acquire(),
    wait: (zk, path, signal) => new Lock(zk, path, { layout: "kazoo" }).acquire({ signal }),
  },
  "Lock.tryAcquire": {
    block: (zk, path) => new Lock(zk, path).acquire(),
    wait: (zk, path, signal) => new Lock(zk, path).tryAcquire(60_000, { signal }),
  },
  "Lock.run": {
    block: (zk, path) => new Lock(zk, path).acquire(),
    wait: (zk, path, signal) => new Lock(zk, path).run(() => Promise.resolve(), { signal }),
  },
  "ReadWriteLock.read": {
    block: (zk, path) => new ReadWriteLock(zk, path).write.acquire(),
    wait: (zk, path, signal) => new ReadWriteLock(zk, path).read.acquire({ signal }),
  },
  "ReadWriteLock.write": {
    block: (zk, path) => new ReadWriteLock(zk, path).read.acquire(),
    wait: (zk, path, signal) => new ReadWriteLock(zk, path).write.acquire({ signal }),
  },
  "Semaphore.acquire, for a lease": {
    block: (zk, path) => new Semaphore(zk, path, 1).acquire(),
    wait: (zk, path, signal) => new Semaphore(zk, path, 1).acquire({ signal }),
  },
  "Semaphore.acquire, for a turn": {
    block: async (zk, path) => {
      await new Semaphore(zk, path, 1).acquire();
      void new Semaphore(zk, path, 1).acquire().catch(() => undefined);
      await zk.sync();
    },
    wait: (zk, path, signal) => new Semaphore(zk, path, 1).acquire({ signal }),
  },
  "MultiLock.acquire": {
    block: (zk, path) => new Lock(zk, `${path}/b`).acquire(),
    wait: (zk, path, signal) =>
      new MultiLock(zk, [`${path}/a`, `${path}/b`, `${path}/c`]).acquire({ signal }),
  },
  "LeaderLatch.waitForLeadership, and its end": {
    block: (zk, path) => new LeaderLatch(zk, path).waitForLeadership(),
    wait: async (zk, path, signal) => {
      await using latch = new LeaderLatch(zk, path);
      await latch.waitForLeadership(signal);
    },
  },
  "LeaderElection.campaign": {
    block: (zk, path) => new Lock(zk, path).acquire(),
    wait: (zk, path, signal) =>
      new LeaderElection(zk, path).campaign(() => Promise.resolve(), { signal }),
  },
  "LeaderElection.observe": {
    wait: async (zk, path, signal) => {
      for await (const _leader of new LeaderElection(zk, path).observe({ signal }));
    },
  },
  "ConfigStore.observe, and its end": {
    wait: async (zk, path, signal) => {
      await using config = new ConfigStore(zk, path, { parse });
      for await (const _config of config.observe({ signal }));
    },
  },
  "PersistentEphemeral, and its end": {
    wait: (zk, path, signal) => keepUntil(new PersistentEphemeral(zk, path), signal),
  },
  "GroupMembership, and its end": {
    wait: (zk, path, signal) => keepUntil(new GroupMembership(zk, path, { id: "me" }), signal),
  },
  "ServiceRegistry.register, and its end": {
    wait: (zk, path, signal) =>
      keepUntil(
        new ServiceRegistry(zk, path).register("web", { id: "one", address: "localhost:1" }),
        signal,
      ),
  },
  "SetPartitioner, and its end": {
    wait: (zk, path, signal) =>
      keepUntil(new SetPartitioner(zk, path, ["a", "b"], { id: "me" }), signal),
  },
  "Barrier.wait": {
    block: (zk, path) => new Barrier(zk, path).set(),
    wait: (zk, path, signal) => new Barrier(zk, path).wait({ signal }),
  },
  "DoubleBarrier.enter": {
    wait: (zk, path, signal) => new DoubleBarrier(zk, path, 2).enter({ signal }),
  },
  "DoubleBarrier.leave": {
    wait: async (zk, path, signal) => {
      const barrier = new DoubleBarrier(zk, path, 1);
      await barrier.enter({ signal });
      // Somebody who does not leave.
      await ensurePath(zk, `${path}/zzz`);
      try {
        await barrier.leave({ signal });
      } finally {
        await deleteQuietly(zk, `${path}/zzz`);
        await new DoubleBarrier(zk, path, 1).leave();
      }
    },
  },
  "Queue.take": { wait: (zk, path, signal) => new Queue(zk, path).take({ signal }) },
  "Queue.take, of the third in line": {
    block: async (zk, path) => {
      for (let looker = 0; looker < 2; looker += 1) {
        void new Queue(zk, path).take().catch(() => undefined);
      }
      await zk.sync();
    },
    wait: (zk, path, signal) => new Queue(zk, path).take({ signal }),
  },
  "DelayedQueue.take": {
    block: (zk, path) => new DelayedQueue(zk, path).put("late", 3_600_000),
    wait: (zk, path, signal) => new DelayedQueue(zk, path).take({ signal }),
  },
  "MasterWorker.work": {
    wait: async (zk, path, signal) => {
      await new MasterWorker(zk, path).work("me", () => Promise.resolve(""), { signal });
      signal.throwIfAborted();
    },
  },
  "MasterWorker.result": {
    wait: (zk, path, signal) => new MasterWorker(zk, path).result("none", { signal }),
  },
};
