import { childPath, Code, isKeeperError, type Watcher, type ZooKeeper } from "../client/index.ts";

/** How to go through a subtree. */
export interface WalkOptions {
  /** Watches what is read. */
  readonly watch?: Watcher | undefined;
  readonly signal?: AbortSignal;
}

/** Znodes whose children are asked for ahead of their turn; half of them in one piece. */
const AHEAD = 256;

interface Step {
  readonly path: string;
  listing: Promise<readonly string[]> | undefined;
}

/**
 * Goes through a subtree: a znode before its children, all children of one before theirs, by name.
 *
 * It looks ahead, so that many share a round trip. Children that went away meanwhile are passed
 * over. Source: ZooKeeper `ZKUtil.visitSubTreeDFS`.
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
  const open: Step[] = [{ path: root, listing: undefined }];
  let aheadCount = 0;
  const list = (step: Step): Promise<readonly string[]> => {
    if (step.listing !== undefined) return step.listing;
    aheadCount += 1;
    step.listing = childrenOf(zk, step.path, watch);
    // Looked at in its turn.
    step.listing.catch(() => undefined);
    return step.listing;
  };
  for (let step = open.pop(); step !== undefined; step = open.pop()) {
    signal?.throwIfAborted();
    const listing = list(step);
    if (aheadCount <= AHEAD / 2) {
      for (let at = open.length - 1; at >= 0 && aheadCount < AHEAD; at -= 1) {
        void list(open[at] ?? step);
      }
    }
    const { path } = step;
    const paths = (await listing).toSorted().map((name) => childPath(path, name));
    aheadCount -= 1;
    yield* paths;
    for (const below of paths.toReversed()) open.push({ path: below, listing: undefined });
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
