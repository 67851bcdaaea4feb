import { retry, type ZooKeeper, type Zxid } from "../client/index.ts";
import type { Hold } from "./hold.ts";
import { Interruption } from "./interruption.ts";
import { type AcquireOptions, Lock, type LockOptions } from "./lock.ts";
import { ignoreNoNode, queued, queuedData } from "./wait-queue.ts";

/** Who leads, as observers see it. */
export interface Leader {
  readonly id: string;
  readonly token: Zxid;
}

/**
 * Elects who does something, and tells everybody who it is.
 *
 * The leader leads while his work lasts, and is told of the end of his leadership by `held.lost`;
 * the others wait in line, as at a {@link Lock}. Whoever only wants to know who leads, observes.
 *
 * @example
 * ```ts
 * import { LeaderElection } from "edgekeeper/recipes";
 *
 * const election = new LeaderElection(zk, "/election", { data: "ann" });
 * const leading = election.campaign(async ({ lost, token }) => {
 *   console.log(`leading, under ${token}`);
 *   await new Promise((resolve) => lost.addEventListener("abort", resolve));
 * });
 * for await (const leader of election.observe()) console.log(leader?.id ?? "nobody");
 * ```
 *
 * Source: Curator `LeaderSelector`, kazoo `Election`, etcd `concurrency.Election` for observers.
 */
export class LeaderElection {
  readonly #zk: ZooKeeper;
  readonly #lock: Lock;

  constructor(zk: ZooKeeper, path: string, options: Omit<LockOptions, "kind"> = {}) {
    this.#zk = zk;
    this.#lock = new Lock(zk, path, options);
  }

  /** Waits to be elected, does the work of a leader, and resigns. Once: who wants more asks again. */
  campaign<T>(work: (held: Hold) => Promise<T>, options: AcquireOptions = {}): Promise<T> {
    return this.#lock.run(work, options);
  }

  /** Who leads and who waits, in order. */
  candidates(): Promise<readonly string[]> {
    return queuedData(this.#zk, this.#lock.path);
  }

  /**
   * Yields who leads, now and after each change; undefined for nobody. Leaders that followed each
   * other quickly may be left out, the last one never. Goes on over lost connections and sessions.
   *
   * @throws the signal's reason; KeeperError when the client is closed.
   */
  async *observe({ signal }: AcquireOptions = {}): AsyncGenerator<
    Leader | undefined,
    void,
    undefined
  > {
    using interruption = new Interruption(this.#zk, signal, "close");
    let last: Leader | undefined | null = null;
    let changed = Promise.withResolvers<void>();
    // One for all looks: watches that never fire do not add up.
    const watch = (): void => changed.resolve();
    for (;;) {
      changed = Promise.withResolvers();
      const leader = await interruption.raceAnew(() => this.#look(watch));
      if (last === null || leader?.token !== last?.token) {
        last = leader;
        yield leader;
      }
      await interruption.race(changed.promise);
    }
  }

  /** Watches the leader alone, or the line where there is none. */
  async #look(watch: () => void): Promise<Leader | undefined> {
    for (;;) {
      const [first] = await queued(this.#zk, this.#lock.path);
      if (first !== undefined) {
        const znode = await retry(this.#zk, () => this.#zk.get(first, { watch })).catch(
          ignoreNoNode,
        );
        if (znode !== undefined) return { id: znode.text, token: znode.stat.czxid };
        continue;
      }
      if ((await queued(this.#zk, this.#lock.path, { watch })).length > 0) continue;
      const path = this.#lock.path;
      const stat = await retry(this.#zk, () => this.#zk.exists(path, { watch }));
      if (stat === undefined || stat.numChildren === 0) return undefined;
    }
  }
}
