import type {
  ChildEntry,
  ChildPage,
  GetChildrenRequest,
  MultiReadResult,
  Reply,
} from "../../src/core/request.ts";
import type { TreeReadRequest } from "../../src/core/read.ts";
import { allows, E, maskAcl, PERM, Refused, refuseIf } from "./model-rules.ts";
import { ephemerals, find, type ModelNode, type ModelState, stat, walk } from "./model-state.ts";
import type { ModelContext } from "./model-write.ts";

/** Answers a read, or gives the code that refuses it. */
export function readModel(
  state: ModelState,
  request: TreeReadRequest,
  context: Omit<ModelContext, "nowMs">,
): Reply | number {
  try {
    return answer(state, request, context);
  } catch (error) {
    if (error instanceof Refused) return error.code;
    throw error;
  }
}

type Reader = Omit<ModelContext, "nowMs">;

function answer(state: ModelState, request: TreeReadRequest, reader: Reader): Reply {
  switch (request.op) {
    case "sync":
      return { op: "sync", path: request.path };
    case "whoAmI":
      return {
        op: "whoAmI",
        ids: reader.ids.map(({ scheme, id }) => ({ scheme, id: id.replace(/:.*$/, "") })),
      };
    case "getEphemerals": {
      const { prefixPath } = request;
      const all = ephemerals(state, reader.sessionId);
      const isAll = prefixPath.trim() === "" || prefixPath === "/";
      const paths = all.filter((path) => isAll || path.startsWith(prefixPath));
      return { op: "getEphemerals", paths };
    }
    case "multiRead":
      return {
        op: "multiRead",
        results: request.ops.map((op): MultiReadResult => {
          // ZooKeeper's codec refuses an exists before anything is read; here it fails by itself.
          if (op.op === "exists") return { op: "error", code: E.MARSHALLING };
          const result = readModel(state, op, reader);
          if (typeof result === "number") return { op: "error", code: result } as MultiReadResult;
          return result as MultiReadResult;
        }),
      };
    default:
      return answerOfNode(state, request, reader);
  }
}

type NodeRead = Extract<TreeReadRequest, { path: string }>;

function answerOfNode(
  state: ModelState,
  request: Exclude<NodeRead, { op: "sync" }>,
  reader: Reader,
): Reply {
  const { path } = request;
  refuseIf(request.op === "exists" && path.includes("\0"), E.BADARGUMENTS);
  const perm = request.op === "getACL" ? PERM.READ | PERM.ADMIN : PERM.READ;
  const node = readable(state, path, perm, reader);
  switch (request.op) {
    case "exists":
      return { op: "exists", path, stat: stat(node) };
    case "getData":
      return { op: "getData", path, data: node.data, stat: stat(node) };
    case "getACL": {
      const isAdmin = allows(node.acl, PERM.ADMIN, reader.ids);
      return { op: "getACL", path, acl: isAdmin ? node.acl : maskAcl(node.acl), stat: stat(node) };
    }
    case "getAllChildrenNumber":
      return {
        op: "getAllChildrenNumber",
        totalNumber: path === "" ? [...walk(state)].length : [...walk(state, path)].length - 1,
      };
    default:
      return children(node, request, reader);
  }
}

function readable(state: ModelState, path: string, perm: number, reader: Reader): ModelNode {
  const node = find(state, path === "" ? "/" : path);
  if (node === undefined) throw new Refused(E.NONODE);
  refuseIf(!allows(node.acl, perm, reader.ids), E.NOAUTH);
  return node;
}

function children(node: ModelNode, { path, page }: GetChildrenRequest, reader: Reader): Reply {
  refuseIf(page !== undefined && (page.limit < 1 || page.limit > 10_000), E.BADARGUMENTS);
  const names = [...node.children.keys()].sort().filter((name) => name > (page?.after ?? ""));
  const shown = page === undefined ? names : names.slice(0, page.limit);
  const entries = shown.map((name) => childEntry(node, name, page, reader));
  const more = shown.length < names.length;
  return { op: "getChildren", path, children: entries, stat: stat(node), more };
}

function childEntry(
  parent: ModelNode,
  name: string,
  page: ChildPage | undefined,
  reader: Reader,
): ChildEntry {
  const child = parent.children.get(name);
  if (child === undefined || !allows(child.acl, PERM.READ, reader.ids)) return { name };
  const withStat = page?.stat === true ? { stat: stat(child) } : {};
  const withData = page?.data === true ? { data: child.data } : {};
  return { name, ...withStat, ...withData };
}
