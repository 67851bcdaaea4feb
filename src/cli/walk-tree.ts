import { childPath, Code, isKeeperError, type Watcher, type ZooKeeper } from "../client/index.ts";

/** How to go through a subtree. */
export interface WalkOptions {
  /** Watches what is read. */
  readonly watch?: Watcher | undefined;
  readonly signal?: AbortSignal;
}

/**
 * Goes through a subtree: a znode before its children, all children of one before theirs, by name.
 *
 * Children that went away meanwhile are passed over. Source: ZooKeeper `ZKUtil.visitSubTreeDFS`.
 *
 * @throws KeeperError NONODE for the root alone
 */
export async function* walkTree(
  zk: ZooKeeper,
  root: string,
  { watch, signal }: WalkOptions = {},
): AsyncGenerator<string, void, undefined> {
  await zk.get(root, { watch });
  yield root;
  // The last one is next.
  const open = [root];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    signal?.throwIfAborted();
    const names = await childrenOf(zk, path, watch);
    const paths = names.toSorted().map((name) => childPath(path ?? "/", name));
    yield* paths;
    open.push(...paths.toReversed());
  }
}

async function childrenOf(
  zk: ZooKeeper,
  path: string,
  watch: Watcher | undefined,
): Promise<readonly string[]> {
  try {
    return (await zk.children(path, { watch })).children;
  } catch (error) {
    if (isKeeperError(error, Code.NONODE)) return [];
    throw error;
  }
}
