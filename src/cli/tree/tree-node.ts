import { isWithin, ZOOKEEPER_PATH } from "../../core/path.ts";
import type { ACL } from "../../core/acl.ts";
import { formatAcl } from "../../protocol/acl-text.ts";

/** What a znode is for its whole life, as far as it can be copied. */
export type CopiedKind = "PERSISTENT" | "CONTAINER" | "TTL";

/** What a copy keeps of a znode. */
export interface TreeNode {
  /** From the root of its tree: "" for the root itself, `/a/b` below it. */
  readonly path: string;
  /** Null and empty differ. */
  readonly data: Uint8Array | null;
  /** Undefined where nobody asked for it, or a file does not say. */
  readonly acl: readonly ACL[] | undefined;
  /** As a file says, or a Stat that shows it; ZooKeeper 3.8 and edgekeeper show `PERSISTENT`. */
  readonly kind: CopiedKind;
  /** Of a `TTL`, milliseconds; else 0. */
  readonly ttlMs: number;
  readonly hasChildren: boolean;
  /** Milliseconds since 1970; 0 where it is not known. */
  readonly mtime: number;
  /** What a conditional write expects; 0 in files. */
  readonly version: number;
  readonly aversion: number;
}

/** A place in a tree that may not be read: nothing is known of it and of what is below. */
export interface HiddenNode {
  readonly path: string;
  readonly isHidden: true;
}

/** What is found on a walk: each znode before its children, siblings by name. */
export type TreeStream = AsyncIterable<TreeNode | HiddenNode>;

/** The path of a znode in a tree with a root. */
export function pathIn(root: string, path: string): string {
  if (path === "") return root;
  return root === "/" ? path : root + path;
}

/** Tells whether a path belongs to the service itself: quotas, the configuration. */
export function isOfService(path: string): boolean {
  return isWithin(path, ZOOKEEPER_PATH);
}

const SLASH = 0x2f;

/**
 * Orders paths as a walk finds them: a znode, then all that is below it, then its next sibling.
 *
 * A slash comes before every other character, also before those that Unicode puts in front of it.
 */
export function compareInTree(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const difference = rankOf(a.charCodeAt(at)) - rankOf(b.charCodeAt(at));
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function rankOf(unit: number): number {
  return unit === SLASH ? 0 : unit;
}

/** Tells whether `path` is `ancestor` or lies below it, in paths of a {@link TreeNode}. */
export function isBelowOrAt(path: string, ancestor: string): boolean {
  return path === ancestor || path.startsWith(`${ancestor}/`);
}

export function isSameData(a: Uint8Array | null, b: Uint8Array | null): boolean {
  if (a === null || b === null) return a === b;
  return a.length === b.length && Buffer.compare(a, b) === 0;
}

/** Tells whether two ACLs are the same, as far as both are known. */
export function isSameAcl(a: TreeNode["acl"], b: TreeNode["acl"]): boolean {
  if (a === undefined || b === undefined) return true;
  return a.length === b.length && aclKey(a) === aclKey(b);
}

/** The order of entries has no meaning. */
function aclKey(acl: readonly ACL[]): string {
  return acl
    .map((entry) => `${entry.perms} ${formatAcl([entry])}`)
    .toSorted()
    .join("\n");
}
