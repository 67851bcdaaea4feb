import { childPath, type Data, type ZooKeeper } from "../client/index.ts";
import { type Hold, hold, type HoldOptions } from "./hold.ts";
import { type LockLayout, queueOf } from "./layout.ts";
import { type AcquireOptions, Lock } from "./lock.ts";
import type { RecipeOptions } from "./recipe-options.ts";
import { enter, queuedData, type WaitQueue } from "./wait-queue.ts";

/** How a semaphore is made. */
export interface SemaphoreOptions extends HoldOptions, RecipeOptions {
  /** Says who holds a lease. */
  readonly data?: Data;
  /**
   * Whose znodes it uses. `curator`, the default: `<path>/locks` and `<path>/leases`. `kazoo`:
   * `<path>-__lock__`, and leases in `<path>` itself; `path` must not be the root then.
   */
  readonly layout?: LockLayout;
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
 * Source: Curator `InterProcessSemaphoreV2`, kazoo `Semaphore`, with the same znodes.
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
    const { layout = "curator", acl } = options;
    const isKazoo = layout === "kazoo";
    this.#leases = isKazoo ? path : childPath(path, "leases");
    this.#leasesMax = leasesMax;
    const turns = isKazoo ? `${path}-__lock__` : childPath(path, "locks");
    this.#turns = new Lock(zk, turns, { onSuspension: "keep", layout, acl });
    this.#options = options;
  }

  /** Waits for a lease. @throws the signal's reason; KeeperError when the client is closed. */
  async acquire({ signal }: AcquireOptions = {}): Promise<Hold> {
    await using _turn = await this.#turns.acquire({ signal });
    return hold(this.#zk, await enter(this.#zk, this.#queue(), { signal }), this.#options);
  }

  /** The data of the leases that are held, and of the one that is waited for. */
  leases(): Promise<readonly string[]> {
    const order = this.#options.layout === "kazoo" ? asTheyAre : undefined;
    return queuedData(this.#zk, this.#leases, order);
  }

  #queue(): WaitQueue {
    const { data, acl, layout = "curator" } = this.#options;
    return {
      ...queueOf(layout),
      path: this.#leases,
      name: layout === "kazoo" ? "__lease__" : "lease-",
      data,
      acl,
      waitsForAnybody: true,
      blockers: (before) => (before.length < this.#leasesMax ? [] : before),
    };
  }
}

/** Leases of kazoo have no digits. */
const asTheyAre = (names: readonly string[]): readonly string[] => names;
