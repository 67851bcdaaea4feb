import type { ZooKeeper } from "../client/index.ts";
import { Lock, type LockOptions } from "./lock.ts";

/**
 * A lock that many readers or one writer hold, in the order in which they asked for it.
 *
 * Nobody overtakes: readers behind a writer wait for him. A reader waits for the last writer before
 * him, a writer for whoever is before him. Held and lost as a {@link Lock} is; tokens of writers grow
 * from writer to writer, those of readers say only behind which writer they read.
 *
 * @example
 * ```ts
 * import { ReadWriteLock } from "edgekeeper/recipes";
 *
 * const catalog = new ReadWriteLock(zk, "/locks/catalog");
 * const { text } = await catalog.read.run(() => zk.get("/catalog"));
 * await catalog.write.run((held) => held.transaction().set("/catalog", "new").commit());
 * ```
 *
 * Source: Curator `InterProcessReadWriteLock`; ZooKeeper recipes, "Shared Locks".
 */
export class ReadWriteLock {
  readonly read: Lock;
  readonly write: Lock;

  constructor(zk: ZooKeeper, path: string, options: Omit<LockOptions, "kind"> = {}) {
    this.read = new Lock(zk, path, { ...options, kind: "read" });
    this.write = new Lock(zk, path, { ...options, kind: "write" });
  }
}
