import type { ZooKeeper } from "../../../src/client/index.ts";
import {
  Barrier,
  ConfigStore,
  Counter,
  DelayedQueue,
  DoubleBarrier,
  GroupMembership,
  IdGenerator,
  LeaderElection,
  LeaderLatch,
  Lock,
  MasterWorker,
  MultiLock,
  PersistentEphemeral,
  Queue,
  ReadWriteLock,
  type RecipeOptions,
  Semaphore,
  ServiceRegistry,
  SetPartitioner,
  SharedValue,
} from "../../../src/recipes/index.ts";

/** A client that uses a recipe at a path of its own. */
export interface Use {
  readonly zk: ZooKeeper;
  readonly path: string;
  readonly options: RecipeOptions;
}

/** Makes all that a recipe makes, and says how to let go of it. */
export type Making = (use: Use) => Promise<AsyncDisposable>;

/** For what is not held. */
const NOTHING: AsyncDisposable = { [Symbol.asyncDispose]: () => Promise.resolve() };

const parse = (json: unknown): number => Number(json);

/** Every recipe that makes znodes, by the name of its class and what it is told. */
export const MAKINGS: Readonly<Record<string, Making>> = {
  Lock: ({ zk, path, options }) => new Lock(zk, path, options).acquire(),
  "Lock in the layout of kazoo": ({ zk, path, options }) =>
    new Lock(zk, path, { ...options, layout: "kazoo" }).acquire(),
  "ReadWriteLock, read": ({ zk, path, options }) =>
    new ReadWriteLock(zk, path, options).read.acquire(),
  "ReadWriteLock, write": ({ zk, path, options }) =>
    new ReadWriteLock(zk, path, options).write.acquire(),
  Semaphore: ({ zk, path, options }) => new Semaphore(zk, path, 1, options).acquire(),
  "Semaphore in the layout of kazoo": ({ zk, path, options }) =>
    new Semaphore(zk, path, 1, { ...options, layout: "kazoo" }).acquire(),
  MultiLock: ({ zk, path, options }) =>
    new MultiLock(zk, [`${path}/a`, `${path}/b`], options).acquire(),
  LeaderLatch: async ({ zk, path, options }) => {
    const latch = new LeaderLatch(zk, path, options);
    await latch.waitForLeadership();
    return latch;
  },
  LeaderElection: async ({ zk, path, options }) => {
    const [elected, end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const campaign = new LeaderElection(zk, path, options).campaign(() => {
      elected.resolve();
      return end.promise;
    });
    await Promise.race([elected.promise, campaign]);
    return {
      [Symbol.asyncDispose]: () => {
        end.resolve();
        return campaign;
      },
    };
  },
  PersistentEphemeral: async ({ zk, path, options }) => {
    const znode = new PersistentEphemeral(zk, `${path}/znode`, "here", options);
    await znode.ready;
    return znode;
  },
  GroupMembership: async ({ zk, path, options }) => {
    const group = new GroupMembership(zk, path, { id: "me", ...options });
    await group.ready;
    return group;
  },
  ServiceRegistry: async ({ zk, path, options }) => {
    const instance = { id: "one", address: "localhost:1" };
    const registration = new ServiceRegistry(zk, path, options).register("web", instance);
    await registration.ready;
    return registration;
  },
  SetPartitioner: async ({ zk, path, options }) => {
    const isMine = Promise.withResolvers<void>();
    const onChange = (): void => isMine.resolve();
    const partitioner = new SetPartitioner(zk, path, ["item"], { id: "me", onChange, ...options });
    await isMine.promise;
    return partitioner;
  },
  ConfigStore: async ({ zk, path, options }) => {
    const config = new ConfigStore(zk, `${path}/config`, { parse, ...options });
    await config.update(() => 1);
    return config;
  },
  SharedValue: async ({ zk, path, options }) => {
    await new SharedValue(zk, `${path}/value`, "", options).update(() => "x");
    return NOTHING;
  },
  Counter: async ({ zk, path, options }) => {
    await new Counter(zk, `${path}/counter`, options).add(1);
    return NOTHING;
  },
  IdGenerator: async ({ zk, path, options }) => {
    await new IdGenerator(zk, `${path}/ids`, 10, options).next();
    return NOTHING;
  },
  Barrier: async ({ zk, path, options }) => {
    await new Barrier(zk, path, options).set();
    return NOTHING;
  },
  DoubleBarrier: async ({ zk, path, options }) => {
    const barrier = new DoubleBarrier(zk, path, 1, options);
    await barrier.enter();
    return { [Symbol.asyncDispose]: () => barrier.leave() };
  },
  Queue: async ({ zk, path, options }) => {
    const queue = new Queue(zk, path, options);
    const waiting = queue.take();
    await Promise.race([zk.waitFor(`${path}/waiting`), waiting]);
    await queue.put("entry");
    return await waiting;
  },
  DelayedQueue: async ({ zk, path, options }) => {
    const queue = new DelayedQueue(zk, path, options);
    await queue.put("entry", 0);
    return await queue.take();
  },
  MasterWorker: async ({ zk, path, options }) => {
    const jobs = new MasterWorker(zk, path, options);
    const abort = new AbortController();
    const { signal } = abort;
    const working = jobs.work("me", () => Promise.resolve("done"), { signal });
    const result = jobs.submit("task").then((id) => zk.waitFor(`${path}/results/${id}`));
    await Promise.race([result, working]);
    return {
      [Symbol.asyncDispose]: () => {
        abort.abort();
        return working;
      },
    };
  },
};
