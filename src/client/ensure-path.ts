import { Code } from "../core/keeper-error.ts";
import { parentOf } from "../core/path.ts";
import type { CreateOptions } from "./create-options.ts";
import { isKeeperError } from "./keeper-error.ts";
import { retry } from "./retry.ts";
import type { ZooKeeper } from "./zookeeper.ts";

/** How the znodes of a path are made. */
export interface EnsurePathOptions extends Pick<CreateOptions, "acl"> {
  /** Containers go by themselves when they have had children and have none any more. */
  readonly mode?: "PERSISTENT" | "CONTAINER";
}

/**
 * Makes a znode without data, with all its ancestors, where they do not exist.
 *
 * Done again after lost answers: nothing can be made twice.
 *
 * @throws KeeperError NOAUTH, …
 *
 * @example
 * ```ts
 * import { ensurePath } from "edgekeeper/client";
 *
 * await ensurePath(zk, "/app/jobs");
 * await zk.create("/app/jobs/job-", "paint the fence", { sequential: true });
 * ```
 *
 * Source: Curator `ZKPaths.mkdirs`, kazoo `ensure_path`.
 */
export async function ensurePath(
  zk: ZooKeeper,
  path: string,
  options: EnsurePathOptions = {},
): Promise<void> {
  if (path === "/") return;
  for (;;) {
    try {
      await retry(zk, () => zk.create(path, "", options));
      return;
    } catch (error) {
      if (isKeeperError(error, Code.NODEEXISTS)) return;
      if (!isKeeperError(error, Code.NONODE) || parentOf(path) === "/") throw error;
      await ensurePath(zk, parentOf(path), options);
    }
  }
}
