import type { Znode, ZooKeeper } from "../client/index.ts";
import { TreeCache } from "./tree-cache.ts";

/**
 * A copy of one znode that follows the service, as {@link TreeCache} does.
 *
 * @example
 * ```ts
 * import { NodeCache } from "edgekeeper/recipes";
 *
 * await using color = new NodeCache(zk, "/color", (znode) => console.log(znode?.text));
 * await color.ready;
 * console.log(color.current?.text);
 * ```
 *
 * Source: Curator `NodeCache`.
 */
export class NodeCache implements AsyncDisposable {
  readonly #cache: TreeCache;

  /** @param onChange - told the znode after each change; undefined when it is gone. */
  constructor(zk: ZooKeeper, path: string, onChange?: (znode: Znode | undefined) => void) {
    const tell = (): void => onChange?.(this.current);
    this.#cache = new TreeCache(zk, path, { depth: 0, onChange: tell });
  }

  /** Resolves when it was read; rejects when it may not be. */
  get ready(): Promise<void> {
    return this.#cache.ready;
  }

  /** The znode, undefined where there is none. */
  get current(): Znode | undefined {
    return this.#cache.get(this.#cache.path);
  }

  /** Stops following. */
  close(): Promise<void> {
    return this.#cache.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
