import {
  childPath,
  Code,
  type ConnectionState,
  isKeeperError,
  pause,
  tell,
  type Znode,
  type ZooKeeper,
} from "../client/index.ts";
import { Interruption } from "./interruption.ts";

/** What a cache noticed. */
export interface CacheChange {
  readonly type: "added" | "changed" | "removed";
  readonly path: string;
  /** As it is now; as it was, for one that was removed. */
  readonly znode: Znode;
}

/** What a cache holds, and whom it tells. */
export interface TreeCacheOptions {
  /** Levels below its root; all if absent, 0 for the root alone. */
  readonly depth?: number;
  /** Told of each change, behind the reads that show it. */
  readonly onChange?: ((change: CacheChange) => void) | undefined;
}

/** Between attempts when something else than the connection fails, milliseconds. */
const AGAIN_MS = 1_000;

/**
 * A copy of a znode and of what is below it, that follows the service.
 *
 * It is a little behind, and may leave out states that were soon overwritten; the last state of a
 * znode is never left out. `numChildren`, `cversion` and `pzxid` are those of the last change of its
 * data. What may not be read is not in it.
 *
 * While there is no connection it stays as it was; after a reconnect, and in the next session,
 * everything is read again, and the differences are told. Needs persistent watches: ZooKeeper 3.6.
 *
 * @example
 * ```ts
 * import { TreeCache } from "edgekeeper/recipes";
 *
 * await using app = new TreeCache(zk, "/app", {
 *   depth: 2,
 *   onChange: ({ type, path, znode }) => console.log(path, type, znode.text),
 * });
 * await app.ready;
 * console.log(app.get("/app/config")?.text);
 * ```
 *
 * Source: Curator `CuratorCache`.
 */
export class TreeCache implements AsyncDisposable {
  /** Resolves when all that there was has been read; rejects when it may not be. */
  readonly ready: Promise<void>;
  readonly path: string;
  readonly #zk: ZooKeeper;
  readonly #depth: number;
  readonly #onChange: ((change: CacheChange) => void) | undefined;
  readonly #znodes = new Map<string, Znode>();
  /** Paths to be read, and whether all below them too. */
  readonly #dirty = new Map<string, boolean>();
  readonly #abort = new AbortController();
  readonly #running: Promise<void>;
  #wake = Promise.withResolvers<void>();

  constructor(zk: ZooKeeper, path: string, { depth = Infinity, onChange }: TreeCacheOptions = {}) {
    this.#zk = zk;
    this.path = path;
    this.#depth = depth;
    this.#onChange = onChange;
    const ready = Promise.withResolvers<void>();
    this.ready = ready.promise;
    // Not everybody waits for it.
    this.ready.catch(() => undefined);
    this.#running = this.#run(ready).catch(ready.reject);
  }

  /** The znode as it was when it was last read. */
  get(path: string): Znode | undefined {
    return this.#znodes.get(path);
  }

  /** All znodes by path, in no order. */
  entries(): ReadonlyMap<string, Znode> {
    return this.#znodes;
  }

  /** Stops following; what it holds stays. */
  async close(): Promise<void> {
    this.#abort.abort(new Error("the cache was closed"));
    await this.#running;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #run(ready: PromiseWithResolvers<void>): Promise<void> {
    using interruption = new Interruption(this.#zk, this.#abort.signal, "close");
    const stopListening = this.#zk.onState(this.#onState);
    let stopWatching: (() => Promise<void>) | undefined;
    try {
      stopWatching = await this.#watch(interruption);
      this.#mark(this.path, true);
      for (;;) {
        await this.#readDirty(interruption);
        ready.resolve();
        await interruption.race(this.#wake.promise);
        this.#wake = Promise.withResolvers();
      }
    } finally {
      stopListening();
      // On its own: a connection may take long to come back.
      stopWatching?.().catch(() => undefined);
    }
  }

  readonly #onState = (state: ConnectionState): void => {
    if (state === "connected" || state === "readOnly") this.#mark(this.path, true);
  };

  async #watch(interruption: Interruption): Promise<() => Promise<void>> {
    const onEvent = ({ path }: { readonly path: string }): void => {
      if (this.#levelOf(path) <= this.#depth) this.#mark(path, false);
    };
    for (;;) {
      let adding: Promise<() => Promise<void>> | undefined;
      try {
        const options = { recursive: this.#depth > 0 };
        adding = this.#zk.addWatch(this.path, onEvent, options);
        return await interruption.race(adding);
      } catch (error) {
        adding?.then((stop) => stop()).catch(() => undefined);
        interruption.throwIfInterrupted();
        if (!isOfConnection(error)) throw error;
      }
    }
  }

  /** Reads what changed until nothing has changed. */
  async #readDirty(interruption: Interruption): Promise<void> {
    while (this.#dirty.size > 0) {
      const batch = [...this.#dirty];
      this.#dirty.clear();
      const reads = batch.map(([path, isTree]) => this.#read(path, isTree));
      const results = await interruption.race(Promise.allSettled(reads));
      for (const [index, result] of results.entries()) {
        const [path, isTree] = batch[index] ?? [this.path, true];
        if (result.status === "fulfilled") continue;
        this.#mark(path, isTree);
        if (isOfConnection(result.reason)) continue;
        await pause(this.#zk.clock, AGAIN_MS, this.#abort.signal);
      }
    }
  }

  async #read(path: string, isTree: boolean): Promise<void> {
    const level = this.#levelOf(path);
    const hasChildren = isTree && level < this.#depth;
    try {
      const reading = this.#zk.get(path);
      const listing = hasChildren ? this.#zk.children(path) : undefined;
      const [znode, listed] = await Promise.all([reading, listing]);
      this.#put(path, znode);
      if (listed !== undefined) this.#markChildren(path, new Set(listed.children));
    } catch (error) {
      const isGone = isKeeperError(error, Code.NONODE);
      if (!isGone && !isKeeperError(error, Code.NOAUTH)) throw error;
      this.#drop(path);
    }
  }

  #markChildren(parent: string, names: ReadonlySet<string>): void {
    for (const name of names) this.#mark(childPath(parent, name), true);
    const prefix = childPath(parent, "");
    for (const path of this.#znodes.keys()) {
      const isBelow = path !== parent && path.startsWith(prefix);
      if (isBelow && !names.has(path.slice(prefix.length).split("/")[0] ?? "")) this.#drop(path);
    }
  }

  #put(path: string, znode: Znode): void {
    const old = this.#znodes.get(path);
    this.#znodes.set(path, znode);
    const isSame = old?.stat.czxid === znode.stat.czxid && old.stat.mzxid === znode.stat.mzxid;
    if (!isSame) this.#tell({ type: old === undefined ? "added" : "changed", path, znode });
  }

  #drop(path: string): void {
    const prefix = childPath(path, "");
    for (const [below, znode] of this.#znodes) {
      if (below !== path && !below.startsWith(prefix)) continue;
      this.#znodes.delete(below);
      this.#tell({ type: "removed", path: below, znode });
    }
  }

  #tell(change: CacheChange): void {
    if (this.#onChange !== undefined) tell(this.#onChange, change);
  }

  #mark(path: string, isTree: boolean): void {
    this.#dirty.set(path, isTree || (this.#dirty.get(path) ?? false));
    this.#wake.resolve();
  }

  #levelOf(path: string): number {
    if (path === this.path) return 0;
    const below = path.slice(childPath(this.path, "").length);
    return below.split("/").length;
  }
}

function isOfConnection(error: unknown): boolean {
  return isKeeperError(error, Code.CONNECTIONLOSS, Code.SESSIONEXPIRED, Code.OPERATIONTIMEOUT);
}
