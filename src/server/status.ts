import type { Zxid } from "../core/zxid.ts";

/** A session as its owner or an admin sees it. */
export interface SessionDescription {
  readonly timeoutMs: number;
  /** Milliseconds until it expires if nobody keeps it alive; never below 0. */
  readonly expiresInMs: number;
  /** A socket serves it. */
  readonly isConnected: boolean;
  readonly ephemerals: number;
}

/** Numbers of a server at one moment. */
export interface ServerStatus {
  /** The last zxid applied. */
  readonly zxid: Zxid;
  readonly sessions: number;
  readonly connections: number;
  readonly watches: number;
  /** Requests not answered yet, of all connections. */
  readonly outstandingRequests: number;
  /** Since this server was made, by name. */
  readonly counters: Readonly<Record<string, number>>;
}
