import { Code } from "../core/keeper-error.ts";
import { childPath, nameOf, parentOf } from "../core/path.ts";
import type { CreateOptions } from "./create-options.ts";
import type { Data } from "./data.ts";
import { deleteQuietly } from "./delete-quietly.ts";
import { isKeeperError } from "./keeper-error.ts";
import { retry, type RetryPolicy } from "./retry.ts";
import { uuid } from "./uuid.ts";
import type { Created } from "./operations.ts";
import type { ZooKeeper } from "./zookeeper.ts";

/** How a znode is made that can be recognised. */
export interface ProtectedCreateOptions extends CreateOptions {
  /** What its name begins with, and no other name does; Curator's `_c_<uuid>-` if absent. */
  readonly prefix?: string | undefined;
  /** Goes on until the session is lost if absent. */
  readonly policy?: RetryPolicy | undefined;
}

/**
 * Makes exactly one znode, even if answers are lost on the way.
 *
 * Its name begins with something that nobody else has. After a failure that leaves the outcome open
 * it is looked for, behind a `sync`, before another one is made. An ephemeral that turns out to be of
 * a session that is over is deleted, and counts as not made.
 *
 * @throws KeeperError NONODE, …; SESSIONEXPIRED when the session is lost: a znode that is not
 *   ephemeral may have been made then.
 *
 * @example
 * ```ts
 * import { protectedCreate } from "edgekeeper/client";
 *
 * const options = { ephemeral: true, sequential: true };
 * const { path } = await protectedCreate(zk, "/candidates/n-", "ann", options);
 * ```
 *
 * Source: Curator `ProtectedMode`, `CreateBuilderImpl.findProtectedNodeInForeground`.
 */
export async function protectedCreate(
  zk: ZooKeeper,
  path: string,
  data: Data = "",
  { prefix = `_c_${uuid()}-`, policy, ...options }: ProtectedCreateOptions = {},
): Promise<Created> {
  const parent = parentOf(path);
  const protectedPath = childPath(parent, prefix + nameOf(path));
  const isEphemeral = options.ephemeral ?? options.mode?.startsWith("EPHEMERAL") ?? false;
  let isUnknown = false;
  const attempt = async (): Promise<Created> => {
    const found = isUnknown ? await find(zk, parent, prefix) : undefined;
    const isOfUs = !isEphemeral || found?.stat.ephemeralOwner === zk.sessionId;
    if (found !== undefined && isOfUs) return found;
    if (found !== undefined) await deleteQuietly(zk, found.path);
    isUnknown = true;
    return await zk.create(protectedPath, data, options);
  };
  return await retry(zk, attempt, { policy });
}

async function find(zk: ZooKeeper, parent: string, prefix: string): Promise<Created | undefined> {
  // The server that we are connected to now may not have heard of it yet.
  await zk.sync(parent);
  const name = (await childrenOf(zk, parent)).find((child) => child.startsWith(prefix));
  if (name === undefined) return undefined;
  const path = childPath(parent, name);
  const stat = await zk.exists(path);
  return stat === undefined ? undefined : { path, stat };
}

async function childrenOf(zk: ZooKeeper, parent: string): Promise<readonly string[]> {
  try {
    return (await zk.children(parent)).children;
  } catch (error) {
    if (isKeeperError(error, Code.NONODE)) return [];
    throw error;
  }
}
