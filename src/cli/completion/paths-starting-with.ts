import { childPath, type ZooKeeper } from "../../client/index.ts";

/** As many as somebody reads. */
const PATHS_MAX = 200;

/**
 * Finds the znodes whose path starts with a piece, in order.
 *
 * A single one that has children comes with a slash, so that it can be gone on with. Of too many the
 * first ones and the last one are told: what all of them begin with is what these begin with.
 *
 * @param piece - absolute; "" is the root.
 * @throws KeeperError where there is nothing, or nothing that may be seen
 */
export async function pathsStartingWith(zk: ZooKeeper, piece: string): Promise<string[]> {
  const slash = piece.lastIndexOf("/");
  const parent = slash <= 0 ? "/" : piece.slice(0, slash);
  const { children } = await zk.children(parent);
  const name = piece.slice(slash + 1);
  const names = children.filter((child) => child.startsWith(name)).toSorted();
  const paths = names.map((child) => childPath(parent, child));
  const [first, ...others] = paths;
  if (first !== undefined && others.length === 0) {
    return [((await zk.exists(first))?.numChildren ?? 0) > 0 ? `${first}/` : first];
  }
  return paths.length > PATHS_MAX ? [...paths.slice(0, PATHS_MAX - 1), ...paths.slice(-1)] : paths;
}
