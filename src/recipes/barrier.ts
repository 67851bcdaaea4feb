import { deleteQuietly, ensurePath, type ZooKeeper, type Zxid } from "../client/index.ts";
import type { AcquireOptions } from "./lock.ts";
import type { RecipeOptions } from "./recipe-options.ts";

/**
 * Holds everybody up until it is lifted.
 *
 * It stands whether or not its maker lives, and waiting goes on over lost connections and sessions.
 * Whoever waits when it is lifted comes through, even if it is put up again at once.
 *
 * @example
 * ```ts
 * import { Barrier } from "edgekeeper/recipes";
 *
 * const maintenance = new Barrier(zk, "/barriers/maintenance");
 * await maintenance.set(); // who works on the database; at the end `lift()`
 * await maintenance.wait(); // everybody else, before each job
 * ```
 *
 * Source: Curator `DistributedBarrier`, kazoo `Barrier`, with the same znode; ZooKeeper recipes,
 * "Barriers".
 */
export class Barrier {
  readonly #zk: ZooKeeper;
  readonly #path: string;
  readonly #options: RecipeOptions;

  constructor(zk: ZooKeeper, path: string, options: RecipeOptions = {}) {
    this.#zk = zk;
    this.#path = path;
    this.#options = options;
  }

  /** Puts it up; nothing happens if it stands. */
  async set(): Promise<void> {
    await ensurePath(this.#zk, this.#path, { acl: this.#options.acl });
  }

  /** Takes it away, for everybody. */
  async lift(): Promise<void> {
    await deleteQuietly(this.#zk, this.#path);
  }

  /** Waits until it is lifted, if it stands now. @throws the signal's reason; KeeperError of a closed client. */
  async wait({ signal }: AcquireOptions = {}): Promise<void> {
    let first: Zxid | undefined;
    const isLifted = (stat: { readonly czxid: Zxid } | undefined): boolean => {
      first ??= stat?.czxid;
      // One that was put up again is another one.
      return stat === undefined || stat.czxid !== first;
    };
    await this.#zk.waitFor(this.#path, isLifted, { signal });
  }
}
