import { nameOf, type Znode, type ZooKeeper } from "../client/index.ts";
import { type CacheChange, TreeCache } from "./tree-cache.ts";

/**
 * A copy of the children of a znode that follows the service, as {@link TreeCache} does.
 *
 * @example
 * ```ts
 * import { ChildrenCache } from "edgekeeper/recipes";
 *
 * await using workers = new ChildrenCache(zk, "/workers", ({ type, path }) => {
 *   console.log(path, type);
 * });
 * await workers.ready;
 * console.log(workers.children.size);
 * ```
 *
 * Source: Curator `PathChildrenCache`.
 */
export class ChildrenCache implements AsyncDisposable {
  readonly #cache: TreeCache;

  /** @param onChange - told of each change of a child. */
  constructor(zk: ZooKeeper, path: string, onChange?: (change: CacheChange) => void) {
    const tell = (change: CacheChange): void => {
      if (change.path !== path) onChange?.(change);
    };
    this.#cache = new TreeCache(zk, path, { depth: 1, onChange: tell });
  }

  /** Resolves when all were read; rejects when they may not be. */
  get ready(): Promise<void> {
    return this.#cache.ready;
  }

  /** The children by name, sorted. */
  get children(): ReadonlyMap<string, Znode> {
    const below = [...this.#cache.entries()].filter(([path]) => path !== this.#cache.path);
    const named = below.map(([path, znode]) => [nameOf(path), znode] as const);
    return new Map(named.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Stops following. */
  close(): Promise<void> {
    return this.#cache.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
