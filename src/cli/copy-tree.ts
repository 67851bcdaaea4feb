import type { ZooKeeper } from "../client/index.ts";
import { isWithin } from "../core/path.ts";
import { CommandError } from "./command-error.ts";
import type { Progress } from "./output/progress.ts";
import { walkTree } from "./walk-tree.ts";

/** A copy to be made. */
export interface CopyOptions {
  readonly from: string;
  readonly to: string;
  /** With everything below. */
  readonly isRecursive: boolean;
  /** The source goes, if it is still what was copied. */
  readonly isMove: boolean;
}

/**
 * Copies data and ACLs, in one transaction: all of it is there, or nothing.
 *
 * A znode that changed meanwhile fails it, so that a copy is what the source was at one moment.
 * Ephemerals are copied as persistent znodes.
 *
 * @returns the paths that were made
 * @throws CommandError for a target inside of the source
 */
export async function copyTree(
  zk: ZooKeeper,
  { from, to, isRecursive, isMove }: CopyOptions,
  { signal, progress }: { readonly signal: AbortSignal; readonly progress: Progress },
): Promise<readonly string[]> {
  if (isWithin(to, from)) throw new CommandError(`expected ${to} to be outside of ${from}`);
  const sources: string[] = [];
  for await (const path of walkTree(zk, from, { signal })) sources.push(path);
  if (!isRecursive && sources.length > 1) {
    throw new CommandError(`expected ${from} to have no children, saw some: use -r`);
  }
  const copy = zk.transaction();
  const versions = new Map<string, number>();
  for (const source of sources) {
    const [{ data, stat }, { acl }] = await Promise.all([zk.get(source), zk.getACL(source)]);
    versions.set(source, stat.version);
    progress.tick();
    if (!isMove) copy.check(source, stat.version);
    copy.create(to + source.slice(from.length), data, { acl });
  }
  if (isMove) {
    for (const [source, version] of [...versions].toReversed()) copy.delete(source, version);
  }
  await copy.commit();
  return sources.map((source) => to + source.slice(from.length));
}
