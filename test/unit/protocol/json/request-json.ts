import type { ACL } from "../../../../src/core/acl.ts";
import { CreateMode } from "../../../../src/core/create-mode.ts";
import type {
  AddWatchRequest,
  CheckRequest,
  CloseSessionRequest,
  CreateRequest,
  GetChildrenRequest,
  Request,
  SetDataRequest,
  WriteRequest,
} from "../../../../src/core/request.ts";
import { formatZxid } from "../../../../src/core/zxid.ts";

/**
 * Writes requests as a client does: independent of the codec, so that a round trip proves it.
 * `reap` has no JSON form, and a plain `create` or `getChildren` comes back as its richer twin.
 */
export type JsonRequest = Exclude<Request | CheckRequest, { readonly op: "reap" | "reconfig" }>;

const WATCHER_TYPES = ["", "Children", "Data", "Any", "Persistent", "PersistentRecursive"];

/** The client's object for a request, without `id`. */
export function jsonOf(request: JsonRequest): object {
  switch (request.op) {
    case "create":
    case "create2":
    case "createContainer":
    case "createTTL":
      return { op: "create", path: request.path, ...dataOf(request.data), ...createOf(request) };
    case "delete":
      return { ...request, ...czxidOf(request) };
    case "deleteRecursive":
      return { ...request, op: "delete", recursive: true, ...czxidOf(request) };
    case "setData":
      return setDataOf(request);
    case "setACL":
      return { ...request, acl: aclOf(request.acl) };
    case "multi":
      return { op: "multi", ops: request.ops.map(jsonOf) };
    default:
      return jsonOfRead(request);
  }
}

function jsonOfRead(request: Exclude<JsonRequest, WriteRequest> | CloseSessionRequest): object {
  switch (request.op) {
    case "multiRead":
      return { op: "multiRead", ops: request.ops.map(jsonOf) };
    case "getChildren":
    case "getChildren2":
      return childrenOf(request);
    case "auth":
      return { ...request, auth: Buffer.from(request.auth).toString("base64"), encoding: "base64" };
    case "addWatch":
      return addWatchOf(request);
    case "removeWatches":
    case "checkWatches":
      return { ...request, type: WATCHER_TYPES[request.type] };
    case "setWatches":
      return { ...request, relativeZxid: formatZxid(request.relativeZxid) };
    default:
      return request;
  }
}

function setDataOf(request: SetDataRequest): object {
  const { orCreate, data, ...rest } = request;
  const upsert = orCreate === undefined ? {} : { upsert: true, ...createOf(orCreate) };
  return { ...rest, ...dataOf(data), ...czxidOf(request), ...upsert };
}

function addWatchOf({ path, mode, since }: AddWatchRequest): object {
  const from = since === undefined ? {} : { since: formatZxid(since) };
  return { op: "addWatch", path, mode: ["PERSISTENT", "PERSISTENT_RECURSIVE"][mode], ...from };
}

function createOf({ flags, ttlMs, acl, parents }: CreateRequest): object {
  const mode = Object.entries(CreateMode).find(([, value]) => value === flags)?.[0];
  const ttl = flags >= CreateMode.PERSISTENT_WITH_TTL ? { ttl: ttlMs } : {};
  return { mode, acl: aclOf(acl), ...ttl, ...(parents === undefined ? {} : { parents }) };
}

function childrenOf({ path, watch, page }: GetChildrenRequest): object {
  // A part of a multiRead knows no watch at all.
  return { op: "getChildren", path, ...(watch ? { watch } : {}), ...page };
}

function czxidOf({ czxid }: { readonly czxid?: number }): object {
  return czxid === undefined ? {} : { czxid: formatZxid(czxid) };
}

function aclOf(acl: readonly ACL[]): object[] {
  return acl.map(({ perms, id }) => ({
    ...id,
    perms: "rwcda"
      .split("")
      .filter((_, bit) => (perms & (1 << bit)) !== 0)
      .join(""),
  }));
}

function dataOf(data: Uint8Array | null): object {
  return data === null
    ? { data }
    : { data: Buffer.from(data).toString("base64"), encoding: "base64" };
}
