import type { CodeName, Failure } from "../../core/keeper-error.ts";
import type { Request } from "../../core/request.ts";
import type { RequestOptions } from "../../core/request-options.ts";
import type { SessionToken } from "../../core/session.ts";
import type { WatchedEventName } from "../../core/watched-event.ts";
import type { Zxid } from "../../core/zxid.ts";

/**
 * The messages of the JSON protocol, version 1: as they are decoded here, and as clients see them.
 * `docs/PROTOCOL.md` shows each by an example.
 */
export const PROTOCOL_VERSION = 1;

/** What stands for a missing `id`: requests have 1 to {@link XID_MAX}. */
export const NO_XID = 0;

/** The largest `id`; an xid has 32 bits in the log and in ZooKeeper, negative ones are reserved. */
export const XID_MAX = 0x7fff_ffff;

/** One part of a client's message, decoded. `xid` is its `id`, or {@link NO_XID}. */
export type DecodedMessage = DecodedConnect | DecodedRequest | DecodedInvalid;

/** The first message of a connection. */
export interface DecodedConnect {
  readonly kind: "connect";
  readonly xid: number;
  /** The session asked for; without it the connection has none: reads, watches, plain writes. */
  readonly ask?: {
    readonly resume?: SessionToken;
    readonly timeoutMs: number;
    readonly lastZxidSeen: Zxid;
  };
}

/** A request for the server. */
export interface DecodedRequest {
  readonly kind: "request";
  readonly xid: number;
  readonly request: Request;
  readonly options?: RequestOptions;
}

/** What is no request: nothing of it may be executed, the client gets the failure. */
export interface DecodedInvalid {
  readonly kind: "invalid";
  readonly xid: number;
  readonly failure: Failure;
}

/** A Stat in JSON: zxids as `0x…`, `ephemeralOwner` a session id in hex, `"0"` for none. */
export interface StatJson {
  readonly czxid: string;
  readonly mzxid: string;
  readonly pzxid: string;
  readonly ctime: number;
  readonly mtime: number;
  readonly version: number;
  readonly cversion: number;
  readonly aversion: number;
  readonly ephemeralOwner: string;
  readonly dataLength: number;
  readonly numChildren: number;
}

/** Data of a znode: text, or base64 where the bytes are no UTF-8; null and `""` differ. */
export interface DataJson {
  readonly data: string | null;
  readonly encoding?: "base64";
}

/** One entry of an ACL; `perms` are letters of `cdrwa`. */
export interface AclJson {
  readonly scheme: string;
  readonly id: string;
  readonly perms: string;
}

/** Why something was refused. `number` is ZooKeeper's, `index` the failing part of a multi. */
export interface ErrorJson {
  readonly code: CodeName;
  readonly number: number;
  readonly message: string;
  readonly path?: string;
  readonly expected?: string | number;
  readonly seen?: string | number;
  readonly index?: number;
}

/** A child of a page for which `stat` or `data` was asked, as far as it may be read. */
export interface ChildJson extends Partial<DataJson> {
  readonly name: string;
  readonly stat?: StatJson;
}

/** The answer to a request: fields by operation, or `error`. Without `id` if that was unreadable. */
export interface ReplyJson {
  readonly id?: number;
  /** Of the write; for everything else the last zxid applied. */
  readonly zxid?: string;
  readonly error?: ErrorJson;
  /** The answer was given before, to the same idempotency key. */
  readonly replayed?: true;
  readonly path?: string;
  readonly stat?: StatJson;
  /** Only true: the upsert created the znode. */
  readonly created?: true;
  readonly data?: string | null;
  readonly encoding?: "base64";
  readonly acl?: readonly AclJson[];
  readonly children?: readonly string[];
  /** The children of which more than the name was asked and may be read. */
  readonly entries?: readonly ChildJson[];
  /** Only true: names follow behind the last of this page. */
  readonly more?: true;
  readonly results?: readonly ResultJson[];
  readonly paths?: readonly string[];
  readonly totalNumber?: number;
  readonly ids?: readonly { readonly scheme: string; readonly id: string }[];
}

/** One part of the answer to a multi or multiRead. */
export type ResultJson = { readonly op: string } & Omit<
  ReplyJson,
  "id" | "zxid" | "error" | "replayed" | "results" | "paths" | "totalNumber" | "ids"
> & { readonly error?: Pick<ErrorJson, "code" | "number"> };

/** The answer to `connect`; without a session only the first three fields. */
export interface ConnectedJson {
  readonly id?: number;
  readonly zxid: string;
  readonly connected: typeof PROTOCOL_VERSION;
  /** The token: proof of the session, a secret. */
  readonly session?: string;
  /** As `ephemeralOwner` shows it. */
  readonly sessionId?: string;
  /** Negotiated, milliseconds. */
  readonly timeout?: number;
}

/** A change; without `zxid` if it was synthesised for `setWatches`. */
export interface EventJson {
  readonly event: WatchedEventName;
  readonly path: string;
  readonly zxid?: string;
}
