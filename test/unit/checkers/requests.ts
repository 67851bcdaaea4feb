import { OPEN_ACL_UNSAFE, Perms, type ACL } from "../../../src/core/acl.ts";
import type {
  AddWatchRequest,
  DeleteRequest,
  GetChildrenRequest,
  GetDataRequest,
  MultiCreate,
  MultiSetData,
  RemoveWatchesRequest,
} from "../../../src/core/request.ts";

/** Flags of `create`. */
export const FLAGS = { PERSISTENT: 0, EPHEMERAL: 1, PERSISTENT_SEQUENTIAL: 2 } as const;

/** Everybody may everything but read. */
export const SECRET: readonly ACL[] = [
  { perms: Perms.ALL & ~Perms.READ, id: { scheme: "world", id: "anyone" } },
];

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

export function create(path: string, data = "", flags = 0): MultiCreate {
  return { op: "create", path, data: bytes(data), acl: OPEN_ACL_UNSAFE, flags, ttlMs: 0 };
}

export function set(path: string, data: string, version = -1): MultiSetData {
  return { op: "setData", path, data: bytes(data), version };
}

export function remove(path: string): DeleteRequest {
  return { op: "delete", path, version: -1 };
}

export function get(path: string, watch = false): GetDataRequest {
  return { op: "getData", path, watch };
}

export function exists(path: string, watch = false): GetDataRequest {
  return { op: "exists", path, watch };
}

export function children(path: string, watch = false): GetChildrenRequest {
  return { op: "getChildren2", path, watch };
}

/** Mode 0 stays, mode 1 covers what is below, too. */
export function addWatch(path: string, mode: 0 | 1, since?: number): AddWatchRequest {
  return { op: "addWatch", path, mode, ...(since !== undefined && { since }) };
}

export function removeWatches(path: string, type = 3): RemoveWatchesRequest {
  return { op: "removeWatches", path, type };
}
