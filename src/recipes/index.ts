export { Hold, type HoldOptions } from "./hold.ts";
export { type AcquireOptions, Lock, type LockLayout, type LockOptions } from "./lock.ts";
