import type { Zxid } from "../core/zxid.ts";
import type { ClientOptions } from "./client-options.ts";
import type { ConnectionState } from "./connection-state.ts";
import type { Znode } from "./data.ts";
import type { ReadResult } from "./multi-read.ts";
import type { Operations, WatchOption } from "./operations.ts";
import type { Transaction } from "./transaction.ts";
import type { ZooKeeper } from "./zookeeper.ts";

/*
 * The service as a binding of another Worker: the client's own operations, by RPC. Everything is
 * derived from the client's types. Only values travel: a znode comes without its methods, a watcher is
 * called from afar, and what has a signal or a generator is not here but with `connect`.
 *
 * Source: Cloudflare "Workers RPC" (compatibility date 2026-11-01).
 */

/** The data of a znode with its Stat, as a value. */
export type ZnodeValue = Pick<Znode, "data" | "text" | "stat">;

/** What was read, or why it was not, as a value. */
export type RemoteReadResult =
  | Exclude<ReadResult, { readonly znode: Znode }>
  | { readonly path: string; readonly znode: ZnodeValue };

/** A transaction under way. Each call is sent without waiting for the one before. */
export interface RemoteTransaction {
  create(...args: Parameters<Transaction["create"]>): this;
  set(...args: Parameters<Transaction["set"]>): this;
  delete(...args: Parameters<Transaction["delete"]>): this;
  check(...args: Parameters<Transaction["check"]>): this;
  commit(): ReturnType<Transaction["commit"]>;
}

/** What a session and calls without one have in common. */
export interface RemoteOperations extends Pick<
  Operations,
  | "create"
  | "delete"
  | "set"
  | "childrenPage"
  | "getACL"
  | "setACL"
  | "sync"
  | "countDescendants"
  | "whoAmI"
> {
  get(path: string): Promise<ZnodeValue>;
  exists(path: string): ReturnType<Operations["exists"]>;
  children(path: string): ReturnType<Operations["children"]>;
  getConfig(): Promise<ZnodeValue>;
  reconfig(...change: Parameters<Operations["reconfig"]>): Promise<ZnodeValue>;
  read(...asks: Parameters<Operations["read"]>): Promise<readonly RemoteReadResult[]>;
  transaction(): RemoteTransaction;
}

/** Calls without a session: each goes to the shard by itself, so that nothing stays open. */
export type RemoteCalls = RemoteOperations;

/** What calls without a session may say beside the operation. */
export interface CallOptions extends Pick<ClientOptions, "namespace" | "chroot" | "auth"> {
  /**
   * Of reads: `strict` does not depend on the platform's single-owner promise; `local`, of an ensemble,
   * takes what any member has.
   */
  readonly consistency?: "strict" | "local";
  /** Of writes: one that comes again with the same key, within ten minutes, gets the first answer. */
  readonly idempotencyKey?: string;
  /** Answers not before this zxid is applied: what was written is read, whoever answers. */
  readonly minZxid?: Zxid;
}

/** How a session is opened. */
export type SessionOptions = Pick<
  ClientOptions,
  "namespace" | "chroot" | "auth" | "sessionTimeoutMs" | "canBeReadOnly"
>;

/**
 * A session that the service holds for another Worker: ephemerals, watches that call back.
 *
 * Disposing it closes it; so does the end of the invocation that opened it, at the latest. Events come
 * in their order; between an event and a reply there is none, unlike with `connect`.
 */
export interface RemoteSession
  extends
    RemoteOperations,
    Pick<ZooKeeper, "ephemerals" | "addAuth" | "addWatch" | "removeWatches" | "close">,
    Disposable {
  readonly state: Promise<ConnectionState>;
  readonly sessionId: Promise<bigint | undefined>;
  readonly sessionTimeoutMs: Promise<number | undefined>;
  readonly lastZxid: Promise<Zxid>;
  /** Tells of every change of the state until the function that it resolves to is called. */
  onState(listener: (state: ConnectionState) => void): Promise<() => void>;
  get(path: string, options?: WatchOption): Promise<ZnodeValue>;
  exists(path: string, options?: WatchOption): ReturnType<Operations["exists"]>;
  children(path: string, options?: WatchOption): ReturnType<Operations["children"]>;
  getConfig(options?: WatchOption): Promise<ZnodeValue>;
}

/**
 * The entrypoint `Keeper` as a service binding of another Worker.
 *
 * Failures are KeeperErrors by name, code and path: `isKeeperError` recognises them.
 */
export interface KeeperBinding extends RemoteCalls {
  /** The same calls for another namespace or subtree, as somebody, or with other promises. */
  with(options: CallOptions): RemoteCalls;
  /** @throws KeeperError NOAUTH if the binding may only read, or not see the namespace. */
  session(options?: SessionOptions): Promise<RemoteSession>;
  /** A request to upgrade is all that it answers; see `connect`. */
  fetch(request: string, init?: RequestInit): Promise<Response>;
}
