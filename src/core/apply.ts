import { assert } from "./assert.ts";
import { NodeKind, statOf, type DataNode } from "./data-node.ts";
import { LIMITS } from "./limits.ts";
import type { NodeTable } from "./node-table.ts";
import { parentOf } from "./path.ts";
import { accountQuota, recountQuota } from "./quota.ts";
import type {
  CreateTxn,
  DeleteTxn,
  SetACLTxn,
  SetDataTxn,
  SubTxn,
  TxnHeader,
  TxnResult,
} from "./txn.ts";

/**
 * Applies what a txn does to znodes. The only code that changes them: the tree runs it on its
 * tables, prep on its outstanding changes, so that what prep foresees is what happens [ZX4].
 *
 * Source: ZooKeeper `DataTree.createNode`, `deleteNode`, `setData`, `setACL`.
 */
export function applyToNodes(
  table: NodeTable,
  header: TxnHeader,
  txn: SubTxn | SetACLTxn,
): TxnResult {
  switch (txn.type) {
    case "create":
      return applyCreate(table, header, txn);
    case "delete":
      return applyDelete(table, header, txn);
    case "setData":
      return applySetData(table, header, txn);
    case "setACL":
      return applySetACL(table, txn);
    case "check":
      return { type: "check", path: txn.path };
  }
}

function getNode(table: NodeTable, path: string): DataNode {
  const node = table.get(path);
  assert(node !== undefined, () => `a txn that prep admitted needs ${path}`);
  return node;
}

function applyCreate(table: NodeTable, { zxid, timeMs }: TxnHeader, txn: CreateTxn): TxnResult {
  assert(table.get(txn.path) === undefined, () => `a create that prep admitted finds ${txn.path}`);
  const parentPath = parentOf(txn.path);
  const parent = getNode(table, parentPath);
  const node: DataNode = {
    data: txn.data,
    acl: txn.acl,
    kind: txn.kind,
    ephemeralOwner: txn.ephemeralOwner,
    ttlMs: txn.ttlMs,
    czxid: zxid,
    mzxid: zxid,
    pzxid: zxid,
    ctime: timeMs,
    mtime: timeMs,
    version: 0,
    createCounter: 0,
    aversion: 0,
    numChildren: 0,
  };
  table.put(txn.path, node);
  if (txn.kind === NodeKind.TTL) table.scheduleReap(txn.path, ttlDueMs(node));
  table.put(parentPath, {
    ...parent,
    createCounter: txn.parentCreateCounter,
    numChildren: parent.numChildren + 1,
    pzxid: zxid,
  });
  if (isReapable(parent)) table.scheduleReap(parentPath, undefined);
  accountQuota(table, txn.path, { nodes: 1, bytes: txn.data?.length ?? 0 });
  recountQuota(table, txn.path);
  return { type: "create", path: txn.path, stat: statOf(node) };
}

function applyDelete(table: NodeTable, { zxid, timeMs }: TxnHeader, txn: DeleteTxn): TxnResult {
  const node = getNode(table, txn.path);
  assert(
    node.numChildren === 0,
    () => `a delete that prep admitted finds children under ${txn.path}`,
  );
  accountQuota(table, txn.path, { nodes: -1, bytes: -(node.data?.length ?? 0) });
  table.delete(txn.path);
  const parentPath = parentOf(txn.path);
  const before = getNode(table, parentPath);
  const parent = { ...before, numChildren: before.numChildren - 1, pzxid: zxid };
  table.put(parentPath, parent);
  if (parent.numChildren === 0 && isReapable(parent)) {
    const dueMs =
      parent.kind === NodeKind.TTL ? ttlDueMs(parent) : timeMs + LIMITS.CONTAINER_CHECK_MS;
    table.scheduleReap(parentPath, dueMs);
  }
  return { type: "delete", path: txn.path };
}

function applySetData(table: NodeTable, { zxid, timeMs }: TxnHeader, txn: SetDataTxn): TxnResult {
  const before = getNode(table, txn.path);
  const node: DataNode = {
    ...before,
    data: txn.data,
    version: txn.version,
    mzxid: zxid,
    mtime: timeMs,
  };
  table.put(txn.path, node);
  if (node.kind === NodeKind.TTL && node.numChildren === 0) {
    table.scheduleReap(txn.path, ttlDueMs(node));
  }
  const bytes = (txn.data?.length ?? 0) - (before.data?.length ?? 0);
  accountQuota(table, txn.path, { nodes: 0, bytes });
  return { type: "setData", path: txn.path, stat: statOf(node) };
}

function applySetACL(table: NodeTable, txn: SetACLTxn): TxnResult {
  const node = { ...getNode(table, txn.path), acl: txn.acl, aversion: txn.aversion };
  table.put(txn.path, node);
  return { type: "setACL", path: txn.path, stat: statOf(node) };
}

function isReapable(node: DataNode): boolean {
  return node.kind === NodeKind.CONTAINER || node.kind === NodeKind.TTL;
}

/** The first millisecond at which `now − mtime > ttl` holds. */
export function ttlDueMs(node: DataNode): number {
  return node.mtime + node.ttlMs + 1;
}
