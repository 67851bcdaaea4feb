import {
  Code,
  isKeeperError,
  KeeperError,
  retry,
  type Stat,
  type ZooKeeper,
} from "../../client/index.ts";
import type { ACL } from "../../core/acl.ts";
import { CommandError } from "../command-error.ts";
import { kindOf, type StatKind } from "./stat-kind.ts";
import { type HiddenNode, isOfService, pathIn, type TreeNode } from "./tree-node.ts";
import { type Found, walkStats } from "./walk-stats.ts";

/** What is read of a tree, and what is noticed on the way. */
export interface ReadOptions {
  /** ACLs take a request more for each znode. */
  readonly withAcl: boolean;
  /** Ephemerals are read as if they were persistent. */
  readonly withEphemerals: boolean;
  readonly signal: AbortSignal;
  /** Told of what is passed over: an ephemeral, or what belongs to the service. */
  readonly onLeftOut: (kind: LeftOut) => void;
}

/** Why a znode is passed over. */
export type LeftOut = "ephemeral" | "service";

/** Data that is asked for at once, bytes: far below what a server sends before it is read. */
const BATCH_BYTES = 524_288;
const BATCH_NODES = 256;

/**
 * Reads the subtree of a server, ahead of whoever takes it: one batch of data is on its way while the
 * one before is used, and so is all of it that is ever in memory.
 *
 * What goes away meanwhile is passed over. Lost connections are waited for.
 *
 * @throws KeeperError NONODE for the root; CommandError for an ACL whose digests are not shown
 */
export async function* readTree(
  zk: ZooKeeper,
  root: string,
  options: ReadOptions,
): AsyncGenerator<TreeNode | HiddenNode, void, undefined> {
  const stat = await retry(zk, () => zk.exists(root));
  if (stat === undefined) throw new KeeperError(Code.NONODE, { path: root });
  const found = walkStats(zk, root, {
    signal: options.signal,
    isLeftOut: (path) => {
      if (!isOfService(path)) return false;
      options.onLeftOut("service");
      return true;
    },
  });
  yield* readFound(zk, { root, found }, options);
}

/** Reads znodes whose Stats are known. */
export async function* readFound(
  zk: ZooKeeper,
  { root, found }: { readonly root: string; readonly found: AsyncIterable<Found> },
  options: ReadOptions,
): AsyncGenerator<TreeNode | HiddenNode, void, undefined> {
  let ahead: Promise<(TreeNode | HiddenNode | undefined)[]> | undefined;
  for await (const batch of batches(found, options)) {
    const reading = Promise.all(
      batch.map(({ path, stat }) => readNode(zk, { root, path, stat }, options)),
    );
    // Looked at in its turn.
    reading.catch(() => undefined);
    if (ahead !== undefined) yield* (await ahead).filter((node) => node !== undefined);
    ahead = reading;
  }
  if (ahead !== undefined) yield* (await ahead).filter((node) => node !== undefined);
}

async function* batches(
  found: AsyncIterable<Found>,
  { withEphemerals, onLeftOut, signal }: ReadOptions,
): AsyncGenerator<Found[], void, undefined> {
  let batch: Found[] = [];
  let bytes = 0;
  for await (const each of found) {
    signal.throwIfAborted();
    if (each.stat !== undefined && isEphemeral(each.stat) && !withEphemerals) {
      onLeftOut("ephemeral");
      continue;
    }
    batch.push(each);
    bytes += each.stat?.dataLength ?? 0;
    if (batch.length < BATCH_NODES && bytes < BATCH_BYTES) continue;
    yield batch;
    [batch, bytes] = [[], 0];
  }
  yield batch;
}

function isEphemeral({ ephemeralOwner }: Stat): boolean {
  return kindOf(ephemeralOwner).kind === "EPHEMERAL";
}

async function readNode(
  zk: ZooKeeper,
  { root, path, stat }: Found & { readonly root: string },
  { withAcl }: ReadOptions,
): Promise<TreeNode | HiddenNode | undefined> {
  if (stat === undefined) return { path, isHidden: true };
  const whole = pathIn(root, path);
  try {
    const [znode, acl] = await Promise.all([
      retry(zk, () => zk.get(whole)),
      withAcl ? retry(zk, () => zk.getACL(whole)) : undefined,
    ]);
    return {
      path,
      data: znode.data,
      acl: acl === undefined ? undefined : wholeAcl(whole, acl.acl),
      ...copiedKind(kindOf(znode.stat.ephemeralOwner)),
      hasChildren: stat.numChildren > 0,
      mtime: znode.stat.mtime,
      version: znode.stat.version,
      aversion: acl?.stat.aversion ?? znode.stat.aversion,
    };
  } catch (error) {
    if (isKeeperError(error, Code.NONODE)) return undefined;
    if (isKeeperError(error, Code.NOAUTH)) return { path, isHidden: true };
    throw error;
  }
}

function copiedKind({ kind, ttlMs }: StatKind): Pick<TreeNode, "kind" | "ttlMs"> {
  return { kind: kind === "EPHEMERAL" ? "PERSISTENT" : kind, ttlMs };
}

/** A digest that is shown as `user:x` is none: written somewhere else nobody would have it. */
function wholeAcl(path: string, acl: readonly ACL[]): readonly ACL[] {
  if (!acl.some(({ id }) => id.scheme === "digest" && id.id.endsWith(":x"))) return acl;
  throw new CommandError(
    `expected to see the digests in the ACL of ${path}, saw them hidden: prove an identity with ` +
      "--auth-file, or leave ACLs out with --no-acl",
  );
}
