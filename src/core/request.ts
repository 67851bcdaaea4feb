import type { ACL, Id } from "./acl.ts";
import type { CreateOp } from "./create-mode.ts";
import type { Code } from "./keeper-error.ts";
import type { Stat } from "./stat.ts";
import type { WatchedEventType } from "./watched-event.ts";
import type { Zxid } from "./zxid.ts";

/**
 * What a client may ask, decoded but not yet judged: paths, flags and versions are as they came.
 *
 * Names are those of ZooKeeper's operations. Fields marked "ours" have no counterpart there.
 */
export interface CreateRequest {
  readonly op: CreateOp;
  readonly path: string;
  readonly data: Uint8Array | null;
  readonly acl: readonly ACL[];
  /** As on the wire; {@link CreateMode} for those that are legal. */
  readonly flags: number;
  /** Only read by `createTTL`. */
  readonly ttlMs: number;
  /** Ours: missing ancestors are created in the same txn, persistent, with the same ACL. */
  readonly parents?: boolean;
}

export interface DeleteRequest {
  readonly op: "delete";
  readonly path: string;
  /** −1 = any. */
  readonly version: number;
  /** Ours: the incarnation expected, from an ETag. */
  readonly czxid?: Zxid;
}

/** Ours: deletes a znode and everything below it in one txn. */
export interface DeleteRecursiveRequest {
  readonly op: "deleteRecursive";
  readonly path: string;
  readonly version: number;
  readonly czxid?: Zxid;
}

export interface SetDataRequest {
  readonly op: "setData";
  readonly path: string;
  readonly data: Uint8Array | null;
  readonly version: number;
  readonly czxid?: Zxid;
  /** Ours: if the node is missing this is done instead. */
  readonly orCreate?: CreateRequest;
}

export interface SetACLRequest {
  readonly op: "setACL";
  readonly path: string;
  readonly acl: readonly ACL[];
  readonly version: number;
}

export interface CheckRequest {
  readonly op: "check";
  readonly path: string;
  readonly version: number;
}

/** A create in a multi: ancestors that may be missing are parts of their own. */
export type MultiCreate = CreateRequest & { readonly parents?: never };

/** A setData in a multi: it changes what is there, or the multi fails. */
export type MultiSetData = SetDataRequest & { readonly orCreate?: never };

export type MultiOp = MultiCreate | DeleteRequest | MultiSetData | CheckRequest;

export interface MultiRequest {
  readonly op: "multi";
  readonly ops: readonly MultiOp[];
}

/** Made by the server, by its own hand or for a client; never sent as a body. */
export interface CloseSessionRequest {
  readonly op: "closeSession";
}

/** Server-made: removes a container or TTL node if it is still due. Source: `deleteContainer`. */
export interface ReapRequest {
  readonly op: "reap";
  readonly path: string;
}

/**
 * Changes who belongs to the ensemble, by who joins and leaves or as a whole, in ZooKeeper's text.
 * Source: ZooKeeper `ReconfigRequest`.
 */
export interface ReconfigRequest {
  readonly op: "reconfig";
  readonly joiningServers: string | null;
  readonly leavingServers: string | null;
  readonly newMembers: string | null;
  /** The version of the configuration that it is meant for; −1 = any. */
  readonly curConfigId: Zxid;
}

/** What prep makes a txn of by itself; a reconfiguration is judged by who knows the ensemble. */
export type TreeWriteRequest = Exclude<WriteRequest, ReconfigRequest>;

export type WriteRequest =
  | CreateRequest
  | DeleteRequest
  | DeleteRecursiveRequest
  | SetDataRequest
  | SetACLRequest
  | MultiRequest
  | CloseSessionRequest
  | ReapRequest
  | ReconfigRequest;

export interface GetDataRequest {
  readonly op: "getData" | "exists";
  readonly path: string;
  readonly watch: boolean;
}

export interface GetACLRequest {
  readonly op: "getACL";
  readonly path: string;
}

/** `getChildren` answers names only, `getChildren2` also the Stat. */
export interface GetChildrenRequest {
  readonly op: "getChildren" | "getChildren2";
  readonly path: string;
  readonly watch: boolean;
  /** Ours: only names behind `after`, at most `limit`; without it every child. */
  readonly page?: ChildPage;
}

/** Ours. `stat` and `data` add those of each child. */
export interface ChildPage {
  readonly after: string;
  readonly limit: number;
  readonly stat: boolean;
  readonly data: boolean;
}

export interface MultiReadRequest {
  readonly op: "multiRead";
  readonly ops: readonly (GetDataRequest | GetChildrenRequest)[];
}

export interface GetEphemeralsRequest {
  readonly op: "getEphemerals";
  readonly prefixPath: string;
}

export interface GetAllChildrenNumberRequest {
  readonly op: "getAllChildrenNumber";
  readonly path: string;
}

export interface SyncRequest {
  readonly op: "sync";
  readonly path: string;
}

/** Asks for the identities of the connection. */
export interface WhoAmIRequest {
  readonly op: "whoAmI";
}

export interface PingRequest {
  readonly op: "ping";
}

/** A SASL token for a server that has no SASL: answered, and nothing else. */
export interface SaslRequest {
  readonly op: "sasl";
}

export interface AuthRequest {
  readonly op: "auth";
  readonly scheme: string;
  readonly auth: Uint8Array;
}

/** 0 = persistent, 1 = persistent recursive; anything else is a marshalling error. */
export interface AddWatchRequest {
  readonly op: "addWatch";
  readonly path: string;
  readonly mode: number;
  /** Ours: events after this zxid are made again from the log before the reply. */
  readonly since?: Zxid;
}

/** Types: children 1, data 2, any 3, persistent 4, persistent recursive 5. */
export interface RemoveWatchesRequest {
  readonly op: "removeWatches" | "checkWatches";
  readonly path: string;
  readonly type: number;
}

/** Both `setWatches` and `setWatches2`; the persistent lists are empty in the first. */
export interface SetWatchesRequest {
  readonly op: "setWatches";
  readonly relativeZxid: Zxid;
  readonly dataWatches: readonly string[];
  readonly existWatches: readonly string[];
  readonly childWatches: readonly string[];
  readonly persistentWatches: readonly string[];
  readonly persistentRecursiveWatches: readonly string[];
}

export type ReadRequest =
  | GetDataRequest
  | GetACLRequest
  | GetChildrenRequest
  | MultiReadRequest
  | GetEphemeralsRequest
  | GetAllChildrenNumberRequest
  | SyncRequest
  | WhoAmIRequest
  | PingRequest
  | SaslRequest
  | AuthRequest
  | AddWatchRequest
  | RemoveWatchesRequest
  | SetWatchesRequest;

export type Request = WriteRequest | ReadRequest;

/** What a request is answered with when it went well. `op` repeats the request's. */
export type Reply =
  | { readonly op: "create"; readonly path: string; readonly stat: Stat }
  /** `orCreate` tells by `created` which of the two happened. */
  | {
      readonly op: "setData";
      readonly path: string;
      readonly stat: Stat;
      readonly created: boolean;
    }
  | { readonly op: "setACL" | "exists"; readonly path: string; readonly stat: Stat }
  | { readonly op: "delete" | "check" | "sync"; readonly path: string }
  | { readonly op: "multi"; readonly results: readonly MultiResult[] }
  | {
      readonly op: "getData";
      readonly path: string;
      readonly data: Uint8Array | null;
      readonly stat: Stat;
    }
  /** The configuration that holds now. */
  | {
      readonly op: "reconfig";
      readonly path: string;
      readonly data: Uint8Array | null;
      readonly stat: Stat;
    }
  | {
      readonly op: "getACL";
      readonly path: string;
      readonly acl: readonly ACL[];
      readonly stat: Stat;
    }
  | {
      readonly op: "getChildren";
      readonly path: string;
      readonly children: readonly ChildEntry[];
      readonly stat: Stat;
      /** Whether names follow behind the last of this page. */
      readonly more: boolean;
    }
  | { readonly op: "multiRead"; readonly results: readonly MultiReadResult[] }
  | { readonly op: "getEphemerals"; readonly paths: readonly string[] }
  | { readonly op: "getAllChildrenNumber"; readonly totalNumber: number }
  | { readonly op: "whoAmI"; readonly ids: readonly Id[] }
  | {
      readonly op:
        | "auth"
        | "ping"
        | "sasl"
        | "addWatch"
        | "removeWatches"
        | "checkWatches"
        | "setWatches"
        | "closeSession";
    };

/** One child of a page; `stat` and `data` where they were asked for and are readable. */
export interface ChildEntry {
  readonly name: string;
  readonly stat?: Stat;
  readonly data?: Uint8Array | null;
}

/**
 * One entry of a multi's answer. A failed multi has OK before the failing part, its code at it,
 * and RUNTIMEINCONSISTENCY after it.
 */
export type MultiResult =
  | { readonly op: "create" | "setData"; readonly path: string; readonly stat: Stat }
  | { readonly op: "delete" | "check"; readonly path: string }
  | { readonly op: "error"; readonly code: Code };

export type MultiReadResult =
  | Extract<Reply, { op: "getData" | "getChildren" }>
  | { readonly op: "error"; readonly code: Code };

/** A change as a watching client hears of it. */
export interface WatchedEvent {
  readonly type: WatchedEventType;
  readonly path: string;
  /** The zxid of the change; −1 for an event that `setWatches` synthesised. */
  readonly zxid: Zxid;
}

/** Tells writes, which become txns, from everything else. */
export function isWrite(request: Request): request is WriteRequest {
  switch (request.op) {
    case "create":
    case "create2":
    case "createContainer":
    case "createTTL":
    case "delete":
    case "deleteRecursive":
    case "setData":
    case "setACL":
    case "multi":
    case "closeSession":
    case "reap":
    case "reconfig":
      return true;
    default:
      return false;
  }
}
