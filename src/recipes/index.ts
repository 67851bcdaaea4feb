export { Barrier } from "./barrier.ts";
export { ChildrenCache } from "./children-cache.ts";
export {
  type ConfigListeners,
  ConfigStore,
  type ConfigStoreOptions,
  type ConfigValidation,
} from "./config-store.ts";
export { Counter, type CounterOptions } from "./counter.ts";
export { DelayedQueue, type DelayedQueueOptions } from "./delayed-queue.ts";
export { DoubleBarrier } from "./double-barrier.ts";
export { FencingGuard, StaleTokenError } from "./fencing-guard.ts";
export { GroupMembership, type Members, type Self } from "./group-membership.ts";
export { Hold, type HoldOptions } from "./hold.ts";
export { IdGenerator } from "./id-generator.ts";
export { type Leader, LeaderElection } from "./leader-election.ts";
export type { LockLayout } from "./layout.ts";
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
export { type AcquireOptions, Lock, type LockKind, type LockOptions } from "./lock.ts";
export { MasterWorker, type Task } from "./master-worker.ts";
export { MultiHold, MultiLock } from "./multi-lock.ts";
export { NodeCache } from "./node-cache.ts";
export type { NumberEncoding } from "./number-encoding.ts";
export { PersistentEphemeral } from "./persistent-ephemeral.ts";
export { QueueClaim } from "./queue-claim.ts";
export { Queue, type QueueOptions } from "./queue.ts";
export { ReadWriteLock } from "./read-write-lock.ts";
export type { RecipeOptions } from "./recipe-options.ts";
export { Semaphore, type SemaphoreOptions } from "./semaphore.ts";
export { NoInstanceError, ServiceProvider, ServiceRegistry } from "./service-registry.ts";
export { SetPartitioner, type SetPartitionerOptions } from "./set-partitioner.ts";
export { SharedValue } from "./shared-value.ts";
export { SchemaError, type SchemaIssue, type StandardSchema } from "./standard-schema.ts";
export { type CacheChange, TreeCache, type TreeCacheOptions } from "./tree-cache.ts";
