import type { Data, ZooKeeper } from "../client/index.ts";
import type { AcquireOptions } from "./lock.ts";
import type { QueueClaim } from "./queue-claim.ts";
import { Queue, rankOf } from "./queue.ts";
import type { RecipeOptions } from "./recipe-options.ts";

/** Digits of a due time: enough until the year 33658. */
const DIGITS = 15;

/** How a delayed queue is made. */
export interface DelayedQueueOptions extends RecipeOptions {
  /** The time, milliseconds since 1970; the system's if absent. */
  readonly nowMs?: () => number;
}

/**
 * A {@link Queue} whose entries are taken when they are due, the earliest first.
 *
 * Due by the clock of whoever takes it: clocks that differ by a minute make entries a minute early,
 * or late.
 *
 * @example
 * ```ts
 * import { DelayedQueue } from "edgekeeper/recipes";
 *
 * const reminders = new DelayedQueue(zk, "/reminders");
 * await reminders.put("water the plants", 60_000);
 * const claim = await reminders.take(); // a minute later
 * console.log(claim.text);
 * await claim.complete();
 * ```
 *
 * Source: Curator `DistributedDelayQueue`.
 */
export class DelayedQueue {
  readonly #queue: Queue;
  readonly #nowMs: () => number;

  constructor(zk: ZooKeeper, path: string, options: DelayedQueueOptions = {}) {
    const { nowMs = () => Date.now(), acl } = options;
    this.#nowMs = nowMs;
    this.#queue = new Queue(zk, path, { acl, waitMs: (name) => Number(rankOf(name)) - nowMs() });
  }

  /** Adds an entry that may be taken in `delayMs` milliseconds. */
  async put(data: Data, delayMs: number): Promise<void> {
    const dueMs = Math.max(0, Math.ceil(this.#nowMs() + delayMs));
    await this.#queue.putRanked(data, String(dueMs).padStart(DIGITS, "0"));
  }

  /** Waits until an entry is due and claims it, as {@link Queue.take} does. */
  take(options: AcquireOptions = {}): Promise<QueueClaim> {
    return this.#queue.take(options);
  }
}
