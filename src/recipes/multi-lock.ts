import type { ZooKeeper, Zxid } from "../client/index.ts";
import type { Hold } from "./hold.ts";
import { type AcquireOptions, Lock, type LockOptions } from "./lock.ts";

/**
 * Several locks that are held together.
 *
 * @example
 * ```ts
 * import { MultiLock } from "edgekeeper/recipes";
 *
 * await using held = await new MultiLock(zk, ["/locks/ann", "/locks/bob"]).acquire();
 * console.log(held.token("/locks/ann"), held.token("/locks/bob"));
 * ```
 */
export class MultiHold implements AsyncDisposable {
  readonly #holds: ReadonlyMap<string, Hold>;
  /** Aborts when one of them is lost. */
  readonly lost: AbortSignal;

  constructor(holds: ReadonlyMap<string, Hold>) {
    this.#holds = holds;
    this.lost = AbortSignal.any([...holds.values()].map(({ lost }) => lost));
  }

  /** Whether all are held. */
  get isHeld(): boolean {
    return [...this.#holds.values()].every(({ isHeld }) => isHeld);
  }

  /** The fencing token of one of them; undefined for a path that is none. */
  token(path: string): Zxid | undefined {
    return this.#holds.get(path)?.token;
  }

  /** Lets go of all. */
  async release(): Promise<void> {
    await Promise.all([...this.#holds.values()].map((held) => held.release()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }
}

/**
 * Several locks that one client holds together, or none of them.
 *
 * Taken one after the other in the order of their paths, so that nobody waits in a circle. When one
 * is lost while another is waited for, all are let go, and taken anew.
 *
 * @example
 * ```ts
 * import { MultiLock } from "edgekeeper/recipes";
 *
 * const accounts = new MultiLock(zk, ["/locks/ann", "/locks/bob"]);
 * await using held = await accounts.acquire({ signal: AbortSignal.timeout(10_000) });
 * await fetch("https://example.com/transfer", { method: "POST", signal: held.lost });
 * ```
 *
 * Source: Curator `InterProcessMultiLock`, without its deadlocks.
 */
export class MultiLock {
  readonly #locks: readonly Lock[];

  constructor(zk: ZooKeeper, paths: readonly string[], options: LockOptions = {}) {
    const sorted = [...new Set(paths)].toSorted();
    this.#locks = sorted.map((path) => new Lock(zk, path, options));
  }

  /** Waits for all. @throws the signal's reason; KeeperError when the client is closed. */
  async acquire({ signal }: AcquireOptions = {}): Promise<MultiHold> {
    for (;;) {
      const holds = new Map<string, Hold>();
      try {
        for (const lock of this.#locks) {
          const lost = [...holds.values()].map((held) => held.lost);
          const any = AbortSignal.any(signal === undefined ? lost : [signal, ...lost]);
          holds.set(lock.path, await lock.acquire({ signal: any }));
        }
        return new MultiHold(holds);
      } catch (error) {
        const isLost = [...holds.values()].some((held) => held.lost.aborted);
        await new MultiHold(holds).release();
        if (signal?.aborted === true) throw signal.reason;
        if (!isLost) throw error;
      }
    }
  }
}
