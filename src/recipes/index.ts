export { FencingGuard, StaleTokenError } from "./fencing-guard.ts";
export { Hold, type HoldOptions } from "./hold.ts";
export { type Leader, LeaderElection } from "./leader-election.ts";
export { LeaderLatch, type LeaderLatchOptions } from "./leader-latch.ts";
export {
  type AcquireOptions,
  Lock,
  type LockKind,
  type LockLayout,
  type LockOptions,
} from "./lock.ts";
export { ReadWriteLock } from "./read-write-lock.ts";
export { Semaphore, type SemaphoreOptions } from "./semaphore.ts";
