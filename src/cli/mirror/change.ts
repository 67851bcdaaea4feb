import type { Transaction, ZooKeeper } from "../../client/index.ts";
import type { ACL } from "../../core/acl.ts";
import type { TreeNode } from "../tree/tree-node.ts";

/** One write that brings a tree closer to another one; it names the version that was seen. */
export type Change =
  | { readonly type: "create"; readonly path: string; readonly node: TreeNode }
  | {
      readonly type: "set";
      readonly path: string;
      readonly data: Uint8Array | null;
      readonly version: number;
    }
  | {
      readonly type: "setACL";
      readonly path: string;
      readonly acl: readonly ACL[];
      readonly aversion: number;
    }
  | { readonly type: "delete"; readonly path: string; readonly version: number };

/** A change that fits into a transaction: an ACL is set on its own. */
export type TransactionChange = Exclude<Change, { readonly type: "setACL" }>;

/** About the bytes of a change in a frame, never too few. */
export function sizeOfChange(change: Change): number {
  const path = Buffer.byteLength(change.path) + 64;
  switch (change.type) {
    case "create":
      return path + (change.node.data?.length ?? 0) + sizeOfAcl(change.node.acl ?? []);
    case "set":
      return path + (change.data?.length ?? 0);
    case "setACL":
      return path + sizeOfAcl(change.acl);
    case "delete":
      return path;
  }
}

function sizeOfAcl(acl: readonly ACL[]): number {
  return acl.reduce(
    (sum, { id }) => sum + 12 + Buffer.byteLength(id.scheme) + Buffer.byteLength(id.id),
    32,
  );
}

/** Adds a change to a transaction. */
export function addChange(transaction: Transaction, change: TransactionChange): void {
  const { path } = change;
  if (change.type === "create") {
    transaction.create(path, change.node.data, createOptionsOf(change.node));
  } else if (change.type === "set") transaction.set(path, change.data, change.version);
  else transaction.delete(path, change.version);
}

/** Makes a change on its own. */
export async function makeChange(zk: ZooKeeper, change: Change): Promise<void> {
  const { path } = change;
  switch (change.type) {
    case "create":
      await zk.create(path, change.node.data, createOptionsOf(change.node));
      break;
    case "set":
      await zk.set(path, change.data, change.version);
      break;
    case "setACL":
      await zk.setACL(path, change.acl, change.aversion);
      break;
    case "delete":
      await zk.delete(path, change.version);
  }
}

function createOptionsOf({ acl, kind, ttlMs }: TreeNode) {
  return {
    ...(acl === undefined ? {} : { acl }),
    ...(kind === "CONTAINER" ? { mode: "CONTAINER" as const } : {}),
    ...(kind === "TTL" ? { ttlMs } : {}),
  };
}
