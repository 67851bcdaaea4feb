import { Code } from "../core/keeper-error.ts";
import { isKeeperError } from "./keeper-error.ts";
import { retry } from "./retry.ts";
import type { ZooKeeper } from "./zookeeper.ts";

/**
 * Deletes a znode, whatever its version, until it is gone: one that is not there is deleted already.
 *
 * Done again after lost answers, so only for names that nobody uses twice.
 *
 * @throws KeeperError NOTEMPTY, NOAUTH; SESSIONEXPIRED when the session is lost before.
 *
 * @example
 * ```ts
 * import { deleteQuietly } from "edgekeeper/client";
 *
 * await deleteQuietly(zk, "/jobs/job-0000000017");
 * ```
 *
 * Source: Curator `DeleteBuilder.guaranteed`, `quietly`.
 */
export async function deleteQuietly(zk: ZooKeeper, path: string): Promise<void> {
  try {
    await retry(zk, () => zk.delete(path));
  } catch (error) {
    if (!isKeeperError(error, Code.NONODE)) throw error;
  }
}
