export { Barrier } from "./barrier.ts";
export { ChildrenCache } from "./children-cache.ts";
export { ConfigStore, type ConfigStoreOptions } from "./config-store.ts";
export { Counter } from "./counter.ts";
export { DelayedQueue } from "./delayed-queue.ts";
export { DoubleBarrier } from "./double-barrier.ts";
export { FencingGuard, StaleTokenError } from "./fencing-guard.ts";
export { GroupMembership, type Members } from "./group-membership.ts";
export { Hold, type HoldOptions } from "./hold.ts";
export { IdGenerator } from "./id-generator.ts";
export { type Leader, LeaderElection } from "./leader-election.ts";
export { LeaderLatch, type LeaderLatchOptions } from "./leader-latch.ts";
export {
  type Choice,
  type Instance,
  leastLoaded,
  type LoadBalancing,
  random,
  roundRobin,
  weighted,
} from "./load-balancing.ts";
export {
  type AcquireOptions,
  Lock,
  type LockKind,
  type LockLayout,
  type LockOptions,
} from "./lock.ts";
export { MasterWorker, type Task } from "./master-worker.ts";
export { MultiHold, MultiLock } from "./multi-lock.ts";
export { NodeCache } from "./node-cache.ts";
export { PersistentEphemeral } from "./persistent-ephemeral.ts";
export { QueueClaim } from "./queue-claim.ts";
export { Queue, type QueueOrder } from "./queue.ts";
export { ReadWriteLock } from "./read-write-lock.ts";
export { Semaphore, type SemaphoreOptions } from "./semaphore.ts";
export { NoInstanceError, ServiceProvider, ServiceRegistry } from "./service-registry.ts";
export { SetPartitioner, type SetPartitionerOptions } from "./set-partitioner.ts";
export { SharedValue } from "./shared-value.ts";
export { type CacheChange, TreeCache, type TreeCacheOptions } from "./tree-cache.ts";
