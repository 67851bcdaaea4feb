import type { SessionId } from "../core/data-node.ts";
import type { Identity } from "../core/identity.ts";
import type { Outcome } from "../core/keeper-error.ts";
import type { Reply, Request } from "../core/request.ts";
import type { RequestOptions } from "../core/request-options.ts";
import type { SessionToken } from "../core/session.ts";
import type { Zxid } from "../core/zxid.ts";

/** One request on a connection of its own: an HTTP call, or a call through a Worker binding. */
export interface Call {
  readonly identity: Identity;
  /** Shown with the call: checked and added to the ids, in this order. */
  readonly auth?: readonly { readonly scheme: string; readonly auth: Uint8Array }[];
  /** The session that the call speaks for. */
  readonly session?: SessionToken;
  readonly request: Request;
  readonly options?: RequestOptions;
}

/** The answer to a call; failures are values because they are expected. */
export interface CallAnswer<T = Reply> {
  /** Of the write; for a read the last zxid applied. */
  readonly zxid: Zxid;
  readonly outcome: Outcome<T>;
  readonly isReplayed: boolean;
}

/** A session as HTTP shows it. The password only in the answer that made it. */
export interface SessionView {
  readonly id: SessionId;
  readonly timeoutMs: number;
  readonly password?: Uint8Array;
  /** Milliseconds until it expires if nobody keeps it alive. */
  readonly expiresInMs: number;
  readonly isConnected: boolean;
  readonly ephemerals: number;
}

/** Who asks about a session: its token, or an admin by its id alone. */
export interface SessionCall {
  readonly identity: Identity;
  readonly id: SessionId;
  readonly password?: Uint8Array;
}
