import { applyToNodes } from "./apply.ts";
import { childPath, findPathFault, parentOf } from "./path.ts";
import { isSequential, findCreateMode } from "./create-mode.ts";
import { Code, failure, isFailure, type Failure, type Outcome } from "./keeper-error.ts";
import { OutstandingChanges } from "./outstanding-changes.ts";
import { prepCheck, prepCreate, prepDelete, prepSetData, type PrepScope } from "./prep-node.ts";
import type {
  CreateRequest,
  DeleteRecursiveRequest,
  MultiCreate,
  MultiOp,
  MultiRequest,
} from "./request.ts";
import type { MultiTxn, SubTxn, TxnHeader } from "./txn.ts";

/**
 * Prepares what consists of several parts: multi, and our recursive delete and create with
 * parents. Each part sees those before it; all become one txn, or none.
 *
 * Source: ZooKeeper `PrepRequestProcessor.pRequest` for `multi`; the others are ours.
 */
export function prepMulti(
  scope: PrepScope,
  header: TxnHeader,
  { ops }: MultiRequest,
): Outcome<MultiTxn> {
  const { TXN_NODES_MAX } = scope.limits;
  if (ops.length > TXN_NODES_MAX) {
    return tooMany(`a multi of ${ops.length} operations`, TXN_NODES_MAX, ops.length);
  }
  return prepParts(scope, header, ops);
}

/** Prepares the missing ancestors of a znode, then the znode: persistent, empty, same ACL. */
export function prepCreateParents(
  scope: PrepScope,
  header: TxnHeader,
  request: CreateRequest,
): Outcome<MultiTxn> {
  const { op, path, data, acl, flags, ttlMs } = request;
  const mode = findCreateMode(request.flags);
  const isNamedLater = mode !== undefined && isSequential(mode);
  const fault = findPathFault(isNamedLater ? `${path}1` : path);
  if (fault !== undefined) return failure(Code.BADARGUMENTS, fault, { path });
  const parts: MultiCreate[] = [{ op, path, data, acl, flags, ttlMs }];
  const none = new Uint8Array(0);
  for (
    let parent = parentOf(path);
    scope.view.get(parent) === undefined;
    parent = parentOf(parent)
  ) {
    parts.unshift({ op: "create2", path: parent, data: none, acl, flags: 0, ttlMs: 0 });
  }
  const { TXN_NODES_MAX } = scope.limits;
  if (parts.length > TXN_NODES_MAX) {
    return tooMany(`${parts.length} missing ancestors`, TXN_NODES_MAX, parts.length);
  }
  return prepParts(scope, header, parts);
}

/** Prepares the delete of a subtree, children first. */
export function prepDeleteRecursive(
  scope: PrepScope,
  header: TxnHeader,
  { path, version, czxid }: DeleteRecursiveRequest,
): Outcome<MultiTxn> {
  const paths = findSubtree(scope, path);
  if (isFailure(paths)) return paths;
  const parts = paths.map((each): MultiOp => ({
    op: "delete",
    path: each,
    version: each === path ? version : -1,
    ...(each === path && czxid !== undefined ? { czxid } : {}),
  }));
  return prepParts(scope, header, parts);
}

/** Lists a subtree, each znode behind everything below it; at most TXN_NODES_MAX. */
function findSubtree({ view, limits }: PrepScope, top: string): Outcome<string[]> {
  const { TXN_NODES_MAX } = limits;
  const preOrder: string[] = [];
  const pending = [top];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    preOrder.push(path);
    const node = view.get(path);
    const known = preOrder.length + pending.length + (node?.numChildren ?? 0);
    if (known > TXN_NODES_MAX)
      return tooMany(`the subtree ${top} has ${known} or more`, TXN_NODES_MAX, known);
    if (node === undefined || node.numChildren === 0) continue;
    const page = { after: "", limit: TXN_NODES_MAX };
    for (const name of view.children(path, page)) pending.push(childPath(path, name));
  }
  return preOrder.reverse();
}

function tooMany(what: string, expected: number, seen: number): Failure {
  const message = `TXN_NODES_MAX is ${expected} znodes in one txn, saw ${what}`;
  return failure(Code.BADARGUMENTS, message, { expected, seen });
}

/** Prepares parts one behind the other on changes of their own, kept only if all are good. */
function prepParts(
  scope: PrepScope,
  header: TxnHeader,
  parts: readonly MultiOp[],
): Outcome<MultiTxn> {
  const changes = new OutstandingChanges(scope.view);
  const inner: PrepScope = { ...scope, view: changes };
  const txns: SubTxn[] = [];
  for (const [failedAt, part] of parts.entries()) {
    const txn = prepPart(inner, part);
    if (isFailure(txn)) return { ...txn, failedAt };
    applyToNodes(changes, header, txn);
    txns.push(txn);
  }
  return { type: "multi", txns };
}

function prepPart(scope: PrepScope, part: MultiOp): Outcome<SubTxn> {
  switch (part.op) {
    case "delete":
      return prepDelete(scope, part);
    case "setData":
      return prepSetData(scope, part);
    case "check":
      return prepCheck(scope, part);
    default:
      return prepCreate(scope, part);
  }
}
