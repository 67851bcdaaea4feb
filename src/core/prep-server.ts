import { ttlDueMs } from "./apply.ts";
import { assert } from "./assert.ts";
import { NodeKind, type DataNode } from "./data-node.ts";
import { Code, failure, type Outcome } from "./keeper-error.ts";
import { parentOf } from "./path.ts";
import type { PrepScope } from "./prep-node.ts";
import type { ReapRequest } from "./request.ts";
import type { CloseSessionTxn, DeleteTxn } from "./txn.ts";

/**
 * Prepares what the server does by its own hand, without ACLs: the end of a session and the reaping
 * of container and TTL nodes.
 *
 * Source: ZooKeeper `PrepRequestProcessor` for `closeSession` and `deleteContainer`.
 */
export function prepCloseSession({ view, sessionId }: PrepScope): CloseSessionTxn {
  const deletes = view.ephemeralsOf(sessionId).map((path) => deleteOf(view, path));
  return { type: "closeSession", deletes };
}

/**
 * Prepares the delete of a node whose reap date has come.
 *
 * @returns NONODE, NOTEMPTY or BADVERSION if meanwhile it went, got children, or was touched.
 */
export function prepReap(
  { view }: PrepScope,
  { path }: ReapRequest,
  nowMs: number,
): Outcome<DeleteTxn> {
  const node = view.get(path);
  if (node === undefined) return failure(Code.NONODE, `nothing to reap at ${path}`, { path });
  if (node.numChildren > 0) {
    return failure(Code.NOTEMPTY, `${path} got children and is not reaped`, { path });
  }
  if (!isDue(node, nowMs)) {
    return failure(Code.BADVERSION, `${path} is not due and not reaped`, { path });
  }
  return deleteOf(view, path);
}

/** A container is due once it had a child and has none; a TTL node by its clock. */
function isDue(node: DataNode, nowMs: number): boolean {
  if (node.kind === NodeKind.CONTAINER) return node.createCounter > 0;
  return node.kind === NodeKind.TTL && nowMs >= ttlDueMs(node);
}

function deleteOf(view: PrepScope["view"], path: string): DeleteTxn {
  const node = view.get(path);
  const parent = view.get(parentOf(path));
  assert(node !== undefined && parent !== undefined, `${path} is indexed but not in the tree`);
  return { type: "delete", path, acl: node.acl, parentAcl: parent.acl };
}
