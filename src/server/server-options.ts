import type { Limits } from "../core/limits.ts";
import type { WatchSnapshot } from "../core/watch-manager.ts";
import type { Store } from "../storage/store.ts";
import type { MemberOptions } from "./ensemble/member-state.ts";
import type { ConnectionId } from "./input.ts";

/** What the server needs from whoever runs it. All synchronous; none may call back. */
export interface ServerPorts {
  /**
   * When the platform last answered a heartbeat of this connection, ms since 1970; 0 if never or
   * unknown. Asked for every bound connection when a deadline is due, so that a heartbeat wakes
   * nothing, and once more while its `closed` is taken in: until then it must be known.
   */
  lastSeen(connection: ConnectionId): number;
  /**
   * The watches kept with a restored connection, as {@link ZooKeeperServer.connectionWatches} gave
   * them; undefined if there are none. Asked once per restored connection, when the first txn
   * after the start is about to be applied, or when its watches are touched.
   */
  loadWatches(connection: ConnectionId): WatchSnapshot | undefined;
  /** Unpredictable bytes, for session ids and passwords. */
  randomBytes(length: number): Uint8Array;
  /** SHA-1, for identities of scheme `digest`. */
  sha1(bytes: Uint8Array): Uint8Array;
}

/** What an operator sets. */
export interface ServerConfig {
  /** `super:<base64 of SHA-1>`: whoever proves this digest passes every ACL. */
  readonly superDigest?: string;
}

/** Everything that a server is made from. */
export interface ServerOptions {
  readonly store: Store;
  readonly limits: Limits;
  /** Whether hard quotas refuse writes. Source: ZooKeeper `zookeeper.enforceQuota`. */
  readonly enforceQuota: boolean;
  readonly ports: ServerPorts;
  readonly config: ServerConfig;
  /** Makes it a member of an ensemble; without it the server stands alone. */
  readonly member?: MemberOptions;
}
