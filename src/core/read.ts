import { checkACL, maskDigests, Perms, userOf, type ACL, type Id } from "./acl.ts";
import { statOf, type DataNode, type SessionId } from "./data-node.ts";
import { Code, failure, isFailure, type Failure, type Outcome } from "./keeper-error.ts";
import type { Limits } from "./limits.ts";
import { ALL, type Tables } from "./node-table.ts";
import { childPath } from "./path.ts";
import type {
  ChildEntry,
  GetChildrenRequest,
  GetDataRequest,
  MultiReadRequest,
  ReadRequest,
  Reply,
} from "./request.ts";

/** On whose behalf something is read. */
export interface ReadScope {
  readonly tables: Tables;
  readonly ids: readonly Id[];
  readonly sessionId: SessionId;
  readonly limits: Limits;
}

/** The reads that are answered from the tree alone. */
export type TreeReadRequest = Exclude<
  ReadRequest,
  { op: "auth" | "ping" | "sasl" | "addWatch" | "removeWatches" | "checkWatches" | "setWatches" }
>;

/**
 * Answers a read from the tree as it is applied. Registers no watch: that is the server's, which
 * does it only if this succeeded (or, for exists, found nothing).
 *
 * Paths are not validated: a malformed one names no znode. The empty path is the root.
 *
 * Source: ZooKeeper `FinalRequestProcessor`.
 */
export function read(scope: ReadScope, request: TreeReadRequest): Outcome<Reply> {
  switch (request.op) {
    case "exists":
    case "getData":
      return readNode(scope, request);
    case "getChildren":
    case "getChildren2":
      return readChildren(scope, request);
    case "getACL":
      return readACL(scope, request.path);
    case "multiRead":
      return readMulti(scope, request);
    case "getEphemerals":
      return readEphemerals(scope, request.prefixPath);
    case "getAllChildrenNumber":
      return countAll(scope, request.path);
    case "sync":
      return { op: "sync", path: request.path };
    case "whoAmI":
      return { op: "whoAmI", ids: scope.ids.map(shownId) };
  }
}

/** What a digest id shows of itself: the user. */
function shownId({ scheme, id }: Id): Id {
  return { scheme, id: scheme === "digest" ? userOf(id) : id };
}

/** Finds the node and asks for one of the rights in `perm`. */
function findReadable(scope: ReadScope, path: string, perm: number): Outcome<DataNode> {
  const node = scope.tables.get(path === "" ? "/" : path);
  if (node === undefined) {
    return failure(Code.NONODE, `expected ${path} to exist, saw no znode`, { path });
  }
  return checkACL(node.acl, perm, scope.ids) ? node : notReadable(path);
}

function notReadable(path: string): Failure {
  const message = `expected the READ permission on ${path}, which no id of this connection has`;
  return failure(Code.NOAUTH, message, { path });
}

function readNode(scope: ReadScope, { op, path }: GetDataRequest): Outcome<Reply> {
  if (op === "exists" && path.includes("\0")) {
    return failure(Code.BADARGUMENTS, "path has an illegal character U+0000", { path });
  }
  const node = findReadable(scope, path, Perms.READ);
  if (isFailure(node)) return node;
  const stat = statOf(node);
  return op === "exists" ? { op, path, stat } : { op, path, data: node.data, stat };
}

function readChildren(scope: ReadScope, { path, page }: GetChildrenRequest): Outcome<Reply> {
  const node = findReadable(scope, path, Perms.READ);
  if (isFailure(node)) return node;
  const { CHILDREN_PAGE_MAX } = scope.limits;
  if (page !== undefined && (page.limit < 1 || page.limit > CHILDREN_PAGE_MAX)) {
    const message = `CHILDREN_PAGE_MAX is ${CHILDREN_PAGE_MAX}, saw a limit of ${page.limit}`;
    return failure(Code.BADARGUMENTS, message, {
      path,
      expected: CHILDREN_PAGE_MAX,
      seen: page.limit,
    });
  }
  // One name more than asked tells whether any follow.
  const wanted = page === undefined ? ALL : { after: page.after, limit: page.limit + 1 };
  const parent = path === "" ? "/" : path;
  const names = scope.tables.children(parent, wanted);
  const more = page !== undefined && names.length > page.limit;
  if (more) names.pop();
  const children = names.map((name): ChildEntry => {
    if (page === undefined || !(page.stat || page.data)) return { name };
    return childEntry(scope, childPath(parent, name), { name, stat: page.stat, data: page.data });
  });
  return { op: "getChildren", path, children, stat: statOf(node), more };
}

/** Adds what was asked of a child, as far as its own ACL lets this reader see it. */
function childEntry(
  scope: ReadScope,
  path: string,
  want: { readonly name: string; readonly stat: boolean; readonly data: boolean },
): ChildEntry {
  const child = findReadable(scope, path, Perms.READ);
  if (isFailure(child)) return { name: want.name };
  return {
    name: want.name,
    ...(want.stat ? { stat: statOf(child) } : {}),
    ...(want.data ? { data: child.data } : {}),
  };
}

function readACL(scope: ReadScope, path: string): Outcome<Reply> {
  const node = findReadable(scope, path, Perms.READ | Perms.ADMIN);
  if (isFailure(node)) return node;
  const mayAdmin = checkACL(node.acl, Perms.ADMIN, scope.ids);
  const acl: readonly ACL[] = mayAdmin ? node.acl : maskDigests(node.acl);
  return { op: "getACL", path, acl, stat: statOf(node) };
}

/** Not atomic, and the watch flags of its parts are ignored, both as in ZooKeeper. */
function readMulti(scope: ReadScope, { ops }: MultiReadRequest): Outcome<Reply> {
  const results = ops.map((part) => {
    if (part.op === "exists") return { op: "error" as const, code: Code.MARSHALLINGERROR };
    const outcome = read(scope, part);
    if (isFailure(outcome)) return { op: "error" as const, code: outcome.code };
    if (outcome.op === "getData" || outcome.op === "getChildren") return outcome;
    return { op: "error" as const, code: Code.MARSHALLINGERROR };
  });
  return { op: "multiRead", results };
}

/** The prefix is a prefix of the string: `/a` finds `/ab` too. Blank and `/` find all. */
function readEphemerals({ tables, sessionId }: ReadScope, prefixPath: string): Reply {
  const all = tables.ephemeralsOf(sessionId);
  const isAll = prefixPath.trim() === "" || prefixPath === "/";
  return {
    op: "getEphemerals",
    paths: isAll ? all : all.filter((path) => path.startsWith(prefixPath)),
  };
}

function countAll(scope: ReadScope, path: string): Outcome<Reply> {
  const node = findReadable(scope, path, Perms.READ);
  if (isFailure(node)) return node;
  // ZooKeeper counts the names that start with path + "/": below the empty one that is "/", too.
  const totalNumber =
    path === "" ? scope.tables.countDescendants("/") + 1 : scope.tables.countDescendants(path);
  return { op: "getAllChildrenNumber", totalNumber };
}
