import type { ZooKeeper } from "../../../src/client/index.ts";
import {
  LeaderElection,
  LeaderLatch,
  Lock,
  MultiLock,
  ReadWriteLock,
  Semaphore,
} from "../../../src/recipes/index.ts";

/** Something of ours that is held until it is released. */
export interface Taken {
  release(): Promise<void>;
}

/** A recipe of ours and one of another library that are to be one at one path. */
export interface Pairing {
  readonly ours: string;
  /** As the contender calls it. */
  readonly theirs: string;
  /** How many may hold it at once. */
  readonly places: number;
  readonly take: (zk: ZooKeeper, path: string) => Promise<Taken>;
}

const LEASES = 2;

/** Leads until it is released. */
async function elected(election: LeaderElection): Promise<Taken> {
  const [leads, resigns] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const campaign = election.campaign(() => {
    leads.resolve();
    return resigns.promise;
  });
  await Promise.race([leads.promise, campaign]);
  return {
    release: () => {
      resigns.resolve();
      return campaign;
    },
  };
}

async function latched(latch: LeaderLatch): Promise<Taken> {
  await latch.waitForLeadership();
  return { release: () => latch.close() };
}

export const CURATOR_PAIRINGS: readonly Pairing[] = [
  {
    ours: "Lock",
    theirs: "InterProcessMutex",
    places: 1,
    take: (zk, path) => new Lock(zk, path).acquire(),
  },
  {
    ours: "MultiLock",
    theirs: "InterProcessMultiLock",
    places: 1,
    take: (zk, path) => new MultiLock(zk, [`${path}/b`, `${path}/a`]).acquire(),
  },
  {
    ours: "ReadWriteLock.write",
    theirs: "WriteLock",
    places: 1,
    take: (zk, path) => new ReadWriteLock(zk, path).write.acquire(),
  },
  {
    ours: "ReadWriteLock.read",
    theirs: "WriteLock",
    places: 1,
    take: (zk, path) => new ReadWriteLock(zk, path).read.acquire(),
  },
  {
    ours: "ReadWriteLock.write",
    theirs: "ReadLock",
    places: 1,
    take: (zk, path) => new ReadWriteLock(zk, path).write.acquire(),
  },
  {
    ours: "Semaphore",
    theirs: "InterProcessSemaphoreV2",
    places: LEASES,
    take: (zk, path) => new Semaphore(zk, path, LEASES).acquire(),
  },
  {
    ours: "LeaderLatch",
    theirs: "LeaderLatch",
    places: 1,
    take: (zk, path) => latched(new LeaderLatch(zk, path, { id: "edgekeeper" })),
  },
  {
    ours: "LeaderElection",
    theirs: "LeaderSelector",
    places: 1,
    take: (zk, path) => elected(new LeaderElection(zk, path)),
  },
];

const KAZOO = { layout: "kazoo" } as const;

/**
 * Without its ReadLock: that of kazoo 2.8 waits for writers that came after it, too, and those wait for
 * it, its own as well as ours.
 */
export const KAZOO_PAIRINGS: readonly Pairing[] = [
  {
    ours: "Lock in the layout of kazoo",
    theirs: "Lock",
    places: 1,
    take: (zk, path) => new Lock(zk, path, KAZOO).acquire(),
  },
  {
    ours: "Lock in the layout of Curator",
    theirs: "LockOfCurator",
    places: 1,
    take: (zk, path) => new Lock(zk, path).acquire(),
  },
  {
    ours: "ReadWriteLock.write in the layout of kazoo",
    theirs: "WriteLock",
    places: 1,
    take: (zk, path) => new ReadWriteLock(zk, path, KAZOO).write.acquire(),
  },
  {
    ours: "ReadWriteLock.read in the layout of kazoo",
    theirs: "WriteLock",
    places: 1,
    take: (zk, path) => new ReadWriteLock(zk, path, KAZOO).read.acquire(),
  },
  {
    ours: "Semaphore in the layout of kazoo",
    theirs: "Semaphore",
    places: LEASES,
    take: (zk, path) => new Semaphore(zk, path, LEASES, KAZOO).acquire(),
  },
  {
    ours: "LeaderElection in the layout of kazoo",
    theirs: "Election",
    places: 1,
    take: (zk, path) => elected(new LeaderElection(zk, path, KAZOO)),
  },
];
