import type { ACL } from "./acl.ts";
import type { NodeKind, SessionId } from "./data-node.ts";
import type { Code } from "./keeper-error.ts";
import type { Stat } from "./stat.ts";
import type { Zxid } from "./zxid.ts";

/**
 * What a request became after prep: absolute results, never increments, so that applying one needs
 * no decision. Each carries the ACLs that filter its events, so that they can be made again from
 * the log alone.
 *
 * Source: ZooKeeper `TxnHeader`, `CreateTxn`, `DeleteTxn`, …; the ACLs are ours.
 */
export interface TxnHeader {
  /** The session that asked; 0 for the server's own and for requests without a session. */
  readonly sessionId: SessionId;
  /** The client's number for the request; 0 if it has none. */
  readonly cxid: number;
  readonly zxid: Zxid;
  /** The leader's clock at prep, ms since 1970; becomes ctime and mtime. */
  readonly timeMs: number;
  /** The `Idempotency-Key` of the request, unique in the namespace. */
  readonly idempotencyKey?: string;
}

export interface CreateTxn {
  readonly type: "create";
  /** With the sequence suffix. */
  readonly path: string;
  readonly data: Uint8Array | null;
  readonly acl: readonly ACL[];
  readonly parentAcl: readonly ACL[];
  readonly kind: NodeKind;
  readonly ephemeralOwner: SessionId;
  readonly ttlMs: number;
  /** The parent's create counter after this create. */
  readonly parentCreateCounter: number;
}

export interface DeleteTxn {
  readonly type: "delete";
  readonly path: string;
  readonly acl: readonly ACL[];
  readonly parentAcl: readonly ACL[];
}

export interface SetDataTxn {
  readonly type: "setData";
  readonly path: string;
  readonly data: Uint8Array | null;
  /** The version after this change. */
  readonly version: number;
  readonly acl: readonly ACL[];
}

export interface SetACLTxn {
  readonly type: "setACL";
  readonly path: string;
  readonly acl: readonly ACL[];
  /** The aversion after this change. */
  readonly aversion: number;
}

/** Holds the place of a check inside a multi; changes nothing. */
export interface CheckTxn {
  readonly type: "check";
  readonly path: string;
}

/** A request that failed in prep. It has a zxid because its reply shows one. */
export interface ErrorTxn {
  readonly type: "error";
  readonly code: Code;
}

export interface MultiTxn {
  readonly type: "multi";
  readonly txns: readonly SubTxn[];
}

export interface CreateSessionTxn {
  readonly type: "createSession";
  readonly id: SessionId;
  readonly password: Uint8Array;
  readonly timeoutMs: number;
  readonly member: number;
}

/** Ends `header.sessionId` and deletes its ephemerals, pending ones included, in this order. */
export interface CloseSessionTxn {
  readonly type: "closeSession";
  readonly deletes: readonly DeleteTxn[];
}

/** What a multi may hold. */
export type SubTxn = CreateTxn | DeleteTxn | SetDataTxn | CheckTxn;

export type Txn = SubTxn | SetACLTxn | MultiTxn | ErrorTxn | CreateSessionTxn | CloseSessionTxn;

/** A txn with its header: what a log row holds a list of. */
export interface LoggedTxn {
  readonly header: TxnHeader;
  readonly txn: Txn;
}

/** What applying one (sub-)txn yields for its reply. */
export type TxnResult =
  | { readonly type: "create"; readonly path: string; readonly stat: Stat }
  | { readonly type: "setData" | "setACL"; readonly path: string; readonly stat: Stat }
  | { readonly type: "delete" | "check"; readonly path: string }
  | { readonly type: "multi"; readonly results: readonly TxnResult[] }
  | { readonly type: "error"; readonly code: Code }
  | { readonly type: "createSession" | "closeSession" };

/** What is remembered under an idempotency key. */
export interface TxnOutcome {
  readonly zxid: Zxid;
  readonly result: TxnResult;
  /** When it is forgotten, ms since 1970. */
  readonly dueMs: number;
}
