import { checkACL, fixupACL, Perms, type Id } from "./acl.ts";
import { findCreateMode, findNodeKind, isSequential, TTL_MS_MAX } from "./create-mode.ts";
import { NodeKind, type DataNode, type SessionId } from "./data-node.ts";
import { Code, failure, isFailure, type Failure, type Outcome } from "./keeper-error.ts";
import type { Limits } from "./limits.ts";
import type { NodeTable } from "./node-table.ts";
import { findPathFault, isSpecialPath, parentOf, sequenceSuffix } from "./path.ts";
import { findQuotaFault } from "./quota.ts";
import type {
  CheckRequest,
  CreateRequest,
  DeleteRequest,
  SetACLRequest,
  SetDataRequest,
} from "./request.ts";
import type { CheckTxn, CreateTxn, DeleteTxn, SetACLTxn, SetDataTxn } from "./txn.ts";
import { findVersionFault, nextVersion } from "./version.ts";

/**
 * Prepares the operations on one znode: validates against the tree as it will be and makes the
 * txn. Changes nothing. Which error wins is part of the protocol: the order of the checks here is
 * ZooKeeper's [CR8].
 *
 * Source: ZooKeeper `PrepRequestProcessor.pRequest2Txn`.
 */
export interface PrepScope {
  /** The tree with everything prepared before. */
  readonly view: NodeTable;
  /** 0 for a connection without a session. */
  readonly sessionId: SessionId;
  readonly ids: readonly Id[];
  readonly limits: Limits;
  /** Refuse what exceeds a hard quota. */
  readonly enforceQuota: boolean;
}

const INT32_MAX = 0x7fff_ffff;

function badArguments(path: string, message: string): Failure {
  return failure(Code.BADARGUMENTS, message, { path });
}

function noNode(path: string): Failure {
  return failure(Code.NONODE, `expected ${path} to exist, saw no znode`, { path });
}

function noAuth(path: string, right: keyof typeof Perms): Failure {
  const message = `expected the ${right} permission on ${path}, which no id of this connection has`;
  return failure(Code.NOAUTH, message, { path });
}

/** What flags, operation and TTL say together. */
interface CreateKind {
  readonly kind: NodeKind;
  readonly isSequential: boolean;
  readonly ttlMs: number;
}

function findCreateKind(request: CreateRequest): Outcome<CreateKind> {
  const { op, path, flags, ttlMs } = request;
  const mode = findCreateMode(flags);
  if (mode === undefined) return badArguments(path, `expected create flags 0 to 6, saw ${flags}`);
  const kind = findNodeKind(op, mode);
  if (kind === undefined) {
    return badArguments(path, `create flags ${flags} are not for the operation ${op}`);
  }
  if (kind !== NodeKind.TTL) return { kind, isSequential: isSequential(mode), ttlMs: 0 };
  if (!Number.isInteger(ttlMs) || ttlMs < 1 || ttlMs > TTL_MS_MAX) {
    return badArguments(path, `expected a ttl of 1 to ${TTL_MS_MAX} ms, saw ${ttlMs}`);
  }
  return { kind, isSequential: isSequential(mode), ttlMs };
}

/** Prepares create, create2, createContainer and createTTL. */
export function prepCreate(scope: PrepScope, request: CreateRequest): Outcome<CreateTxn> {
  const created = findCreateKind(request);
  if (isFailure(created)) return created;
  const { path: asked, data } = request;
  const fault = findCreateFault(scope, request, created.kind);
  if (fault !== undefined) return fault;
  const acl = fixupACL(asked, request.acl, scope.ids);
  if (isFailure(acl)) return acl;
  const parentPath = parentOf(asked);
  const parent = scope.view.get(parentPath);
  if (parent === undefined) return noNode(parentPath);
  if (!checkACL(parent.acl, Perms.CREATE, scope.ids)) return noAuth(parentPath, "CREATE");
  const path = created.isSequential ? asked + sequenceSuffix(parent.createCounter) : asked;
  const refused = findPlaceFault(scope, path, parent, data);
  if (refused !== undefined) return refused;
  return {
    type: "create",
    path,
    data,
    acl,
    parentAcl: parent.acl,
    kind: created.kind,
    ephemeralOwner: created.kind === NodeKind.EPHEMERAL ? scope.sessionId : 0,
    ttlMs: created.ttlMs,
    // Sticks at the top as ZooKeeper's does since 3.6: the suffix repeats, the create fails.
    parentCreateCounter: Math.min(parent.createCounter + 1, INT32_MAX),
  };
}

/** What is wrong before any znode is looked at. */
function findCreateFault(
  scope: PrepScope,
  { path, data }: CreateRequest,
  kind: NodeKind,
): Failure | undefined {
  if (!path.includes("/") || path.includes("\0")) {
    return badArguments(path, findPathFault(path) ?? "path is malformed");
  }
  const size = findSizeFault(scope.limits, path, data);
  if (size !== undefined || kind !== NodeKind.EPHEMERAL) return size;
  if (scope.sessionId === 0)
    return badArguments(path, "an ephemeral znode needs a session, saw none");
  const usage = scope.view.ephemeralUsage(scope.sessionId);
  const { TXN_NODES_MAX, TXN_BYTES_MAX } = scope.limits;
  if (usage.nodes >= TXN_NODES_MAX) {
    const message = `TXN_NODES_MAX is ${TXN_NODES_MAX}: this session has ${usage.nodes} ephemerals`;
    return failure(Code.QUOTAEXCEEDED, message, {
      path,
      expected: TXN_NODES_MAX,
      seen: usage.nodes,
    });
  }
  // Closing a session names all of its ephemerals in one txn; a code unit takes up to 3 bytes.
  const bytes = 3 * (usage.pathLength + path.length);
  if (bytes <= TXN_BYTES_MAX) return undefined;
  const message = `TXN_BYTES_MAX is ${TXN_BYTES_MAX}: paths of this session's ephemerals need ${bytes}`;
  return failure(Code.QUOTAEXCEEDED, message, { path, expected: TXN_BYTES_MAX, seen: bytes });
}

function findSizeFault(limits: Limits, path: string, data: Uint8Array | null): Failure | undefined {
  const tooBig = (name: string, expected: number, seen: number) =>
    failure(Code.BADARGUMENTS, `${name} is ${expected}, saw ${seen}`, { path, expected, seen });
  if (path.length > limits.PATH_LENGTH_MAX) {
    return tooBig("PATH_LENGTH_MAX", limits.PATH_LENGTH_MAX, path.length);
  }
  const bytes = data?.length ?? 0;
  return bytes > limits.DATA_BYTES_MAX
    ? tooBig("DATA_BYTES_MAX", limits.DATA_BYTES_MAX, bytes)
    : undefined;
}

/** What is wrong with the place under its parent. */
function findPlaceFault(
  scope: PrepScope,
  path: string,
  parent: DataNode,
  data: Uint8Array | null,
): Failure | undefined {
  const fault = findPathFault(path);
  if (fault !== undefined) return badArguments(path, fault);
  if (scope.view.get(path) !== undefined) {
    return failure(Code.NODEEXISTS, `expected ${path} to be free, saw a znode`, { path });
  }
  if (parent.ephemeralOwner !== 0) {
    const message = `expected a parent that may have children, saw the ephemeral ${parentOf(path)}`;
    return failure(Code.NOCHILDRENFOREPHEMERALS, message, { path });
  }
  if (!scope.enforceQuota) return undefined;
  return findQuotaFault(scope.view, path, { nodes: 1, bytes: data?.length ?? 0 });
}

/** Prepares a delete. The right is asked on the parent; the node's own ACL does not matter. */
export function prepDelete(scope: PrepScope, request: DeleteRequest): Outcome<DeleteTxn> {
  const { path, version, czxid } = request;
  if (!path.includes("/") || path.includes("\0")) {
    return badArguments(path, findPathFault(path) ?? "path is malformed");
  }
  if (isSpecialPath(path)) return badArguments(path, `${path} belongs to the service and stays`);
  const parent = scope.view.get(parentOf(path));
  if (parent === undefined) return noNode(parentOf(path));
  if (!checkACL(parent.acl, Perms.DELETE, scope.ids)) return noAuth(parentOf(path), "DELETE");
  const node = scope.view.get(path);
  if (node === undefined) return noNode(path);
  const stale =
    findIncarnationFault(path, node, czxid) ?? findVersionFault(path, node.version, version);
  if (stale !== undefined) return stale;
  if (node.numChildren > 0) {
    const message = `expected ${path} to have no children, saw ${node.numChildren}`;
    return failure(Code.NOTEMPTY, message, { path, expected: 0, seen: node.numChildren });
  }
  return { type: "delete", path, acl: node.acl, parentAcl: parent.acl };
}

/** Prepares a setData. */
export function prepSetData(scope: PrepScope, request: SetDataRequest): Outcome<SetDataTxn> {
  const { path, data, version, czxid } = request;
  const found = findNode(scope, path);
  if (isFailure(found)) return found;
  if (!checkACL(found.acl, Perms.WRITE, scope.ids)) return noAuth(path, "WRITE");
  const size = findSizeFault(scope.limits, path, data);
  if (size !== undefined) return size;
  const added = (data?.length ?? 0) - (found.data?.length ?? 0);
  const over = scope.enforceQuota
    ? findQuotaFault(scope.view, path, { nodes: 0, bytes: added })
    : undefined;
  const fault =
    over ??
    findIncarnationFault(path, found, czxid) ??
    findVersionFault(path, found.version, version);
  if (fault !== undefined) return fault;
  return { type: "setData", path, data, version: nextVersion(found.version), acl: found.acl };
}

/** Prepares a setACL; `version` is the aversion. */
export function prepSetACL(scope: PrepScope, request: SetACLRequest): Outcome<SetACLTxn> {
  const { path, version } = request;
  const fault = findPathFault(path);
  if (fault !== undefined) return badArguments(path, fault);
  const acl = fixupACL(path, request.acl, scope.ids);
  if (isFailure(acl)) return acl;
  const node = scope.view.get(path);
  if (node === undefined) return noNode(path);
  if (!checkACL(node.acl, Perms.ADMIN, scope.ids)) return noAuth(path, "ADMIN");
  const stale = findVersionFault(path, node.aversion, version);
  return stale ?? { type: "setACL", path, acl, aversion: nextVersion(node.aversion) };
}

/** Prepares the check of a multi. */
export function prepCheck(scope: PrepScope, { path, version }: CheckRequest): Outcome<CheckTxn> {
  const node = findNode(scope, path);
  if (isFailure(node)) return node;
  if (!checkACL(node.acl, Perms.READ, scope.ids)) return noAuth(path, "READ");
  return findVersionFault(path, node.version, version) ?? { type: "check", path };
}

function findNode(scope: PrepScope, path: string): Outcome<DataNode> {
  const fault = findPathFault(path);
  if (fault !== undefined) return badArguments(path, fault);
  return scope.view.get(path) ?? noNode(path);
}

/** An ETag names the incarnation too: a version alone repeats after delete and create. */
function findIncarnationFault(
  path: string,
  node: DataNode,
  expected: number | undefined,
): Failure | undefined {
  if (expected === undefined || expected === node.czxid) return undefined;
  const message = `expected the znode created at zxid ${expected}, saw one created at ${node.czxid}`;
  return failure(Code.BADVERSION, message, { path, expected, seen: node.czxid });
}
