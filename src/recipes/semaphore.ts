import { childPath, type Data, type ZooKeeper } from "../client/index.ts";
import { type Hold, hold, type HoldOptions } from "./hold.ts";
import { type AcquireOptions, Lock } from "./lock.ts";
import { enter, queuedData } from "./wait-queue.ts";

/** How a semaphore is made. */
export interface SemaphoreOptions extends HoldOptions {
  /** Says who holds a lease. */
  readonly data?: Data;
}

/**
 * At most so many hold a lease at once, in the order in which they asked for one.
 *
 * Waiters stand in line at a lock; the first of them alone looks at the leases, so that a release
 * wakes one. All have to agree on the number: whoever says less waits longer.
 *
 * A lease is held, lost and released as a lock is; the one of a holder that dies is free when his
 * session ends.
 *
 * @example
 * ```ts
 * import { Semaphore } from "edgekeeper/recipes";
 *
 * const licences = new Semaphore(zk, "/licences", 3);
 * await using lease = await licences.acquire({ signal: AbortSignal.timeout(10_000) });
 * await fetch("https://example.com/simulate", { method: "POST", signal: lease.lost });
 * ```
 *
 * Source: Curator `InterProcessSemaphoreV2`, with the same znodes.
 */
export class Semaphore {
  readonly #zk: ZooKeeper;
  readonly #leases: string;
  readonly #leasesMax: number;
  readonly #turns: Lock;
  readonly #options: SemaphoreOptions;

  /** @throws RangeError unless `leasesMax` is a positive integer. */
  constructor(zk: ZooKeeper, path: string, leasesMax: number, options: SemaphoreOptions = {}) {
    if (!Number.isInteger(leasesMax) || leasesMax < 1) {
      throw new RangeError(`expected a number of leases, saw ${leasesMax}`);
    }
    this.#zk = zk;
    this.#leases = childPath(path, "leases");
    this.#leasesMax = leasesMax;
    this.#turns = new Lock(zk, childPath(path, "locks"), { onSuspension: "keep" });
    this.#options = options;
  }

  /** Waits for a lease. @throws the signal's reason; KeeperError when the client is closed. */
  async acquire({ signal }: AcquireOptions = {}): Promise<Hold> {
    await using _turn = await this.#turns.acquire({ signal });
    const queue = {
      path: this.#leases,
      name: "lease-",
      data: this.#options.data,
      waitsForAnybody: true,
      blocker: (before: readonly string[]) =>
        before.length < this.#leasesMax ? undefined : before[0],
    };
    return hold(this.#zk, await enter(this.#zk, queue, { signal }), this.#options);
  }

  /** The data of the leases that are held, and of the one that is waited for. */
  leases(): Promise<readonly string[]> {
    return queuedData(this.#zk, this.#leases);
  }
}
