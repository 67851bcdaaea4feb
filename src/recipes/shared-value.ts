import {
  Code,
  type Data,
  ensurePath,
  isKeeperError,
  parentOf,
  retry,
  type Znode,
  type ZooKeeper,
} from "../client/index.ts";
import type { RecipeOptions } from "./recipe-options.ts";
import { ignoreNoNode } from "./wait-queue.ts";

/**
 * A value that many read and change, none of them over another one's change.
 *
 * A change whose answer is lost is never made again by itself: {@link update} looks what became of
 * it, and fails with CONNECTIONLOSS where that cannot be told.
 *
 * @example
 * ```ts
 * import { SharedValue } from "edgekeeper/recipes";
 *
 * const names = new SharedValue(zk, "/names", "[]");
 * await names.update((znode) => JSON.stringify([...(znode.json() as string[]), "ann"]));
 * ```
 *
 * Source: Curator `SharedValue`, `DistributedAtomicValue`.
 */
export class SharedValue {
  readonly path: string;
  readonly #zk: ZooKeeper;
  readonly #initial: Data;
  readonly #options: RecipeOptions;

  /** @param initial - what it is before anybody changed it. */
  constructor(zk: ZooKeeper, path: string, initial: Data = "", options: RecipeOptions = {}) {
    this.#zk = zk;
    this.path = path;
    this.#initial = initial;
    this.#options = options;
  }

  /** Reads it; makes it if it does not exist. */
  async get(): Promise<Znode> {
    for (;;) {
      try {
        return await retry(this.#zk, () => this.#zk.get(this.path));
      } catch (error) {
        if (!isKeeperError(error, Code.NONODE)) throw error;
        await this.#create();
      }
    }
  }

  /**
   * Changes it by what `change` makes of it; asked again with the present value when somebody else
   * was faster.
   *
   * @returns what was written.
   * @throws KeeperError CONNECTIONLOSS when it is unknown whether it was written.
   */
  update(change: (znode: Znode) => Data): Promise<Data> {
    return changeValue(this.#zk, this.path, change, () => this.get());
  }

  async #create(): Promise<void> {
    const { acl } = this.#options;
    try {
      await ensurePath(this.#zk, parentOf(this.path), { acl });
      await retry(this.#zk, () => this.#zk.create(this.path, this.#initial, { acl }));
    } catch (error) {
      if (!isKeeperError(error, Code.NODEEXISTS)) throw error;
    }
  }
}

/**
 * Changes a znode by what `change` makes of it, as {@link SharedValue.update} does.
 *
 * @param read - reads it; what it throws where there is none is thrown.
 */
export async function changeValue(
  zk: ZooKeeper,
  path: string,
  change: (znode: Znode) => Data,
  read: () => Promise<Znode>,
): Promise<Data> {
  for (;;) {
    const znode = await read();
    const data = change(znode);
    const { version, czxid } = znode.stat;
    try {
      await zk.set(path, data, version);
      return data;
    } catch (error) {
      if (isKeeperError(error, Code.BADVERSION, Code.NONODE)) continue;
      if (!isKeeperError(error, Code.CONNECTIONLOSS, Code.OPERATIONTIMEOUT)) throw error;
      // Only an unchanged znode, behind everything committed, says that it was not carried out.
      await retry(zk, () => zk.sync(path));
      const stat = (await read().catch(ignoreNoNode))?.stat;
      if (stat?.version !== version || stat.czxid !== czxid) throw error;
    }
  }
}
