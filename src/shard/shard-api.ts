import type { AdminData, AdminDetail, StatisticsKind } from "../core/admin-data.ts";
import type { SessionId } from "../core/data-node.ts";
import type { Identity } from "../core/identity.ts";
import type { Outcome } from "../core/keeper-error.ts";
import type { Reply, Request } from "../core/request.ts";
import type { Zxid } from "../core/zxid.ts";
import type { RequestOptions, SessionToken } from "../server/input.ts";
import type { LogRow } from "../zab/log-row.ts";

/** One request by RPC: an HTTP call, or a call through a Worker binding. */
export interface ShardCall {
  readonly identity: Identity;
  /** Sent with the `ZooKeeper-Auth` header: checked and added to the ids, in this order. */
  readonly auth?: readonly { readonly scheme: string; readonly auth: string }[];
  /** The session that the call speaks for. */
  readonly session?: SessionToken;
  readonly request: Request;
  readonly options?: RequestOptions;
}

/** The answer to a call; failures are values because they are expected. */
export interface ShardAnswer<T = Reply> {
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

/**
 * What the gateway may ask of a shard by RPC. WebSockets come through `fetch` with the header
 * {@link IDENTITY_HEADER} and leave as the runtime's 101.
 */
export interface ShardApi {
  call(call: ShardCall): Promise<ShardAnswer>;
  openSession(call: {
    readonly identity: Identity;
    readonly timeoutMs: number;
  }): Promise<ShardAnswer<SessionView>>;
  keepSession(call: SessionCall): Promise<ShardAnswer<SessionView>>;
  describeSession(call: SessionCall): Promise<ShardAnswer<SessionView>>;
  closeSession(call: SessionCall): Promise<ShardAnswer<{ readonly id: SessionId }>>;
  /** What operators see; the lists in it only if they are asked for. */
  status(details?: readonly AdminDetail[]): Promise<AdminData>;
  /** Starts the statistics of the server, or of all its connections, anew. */
  resetStatistics(kind: StatisticsKind): Promise<void>;
  /** Whole batches of the log behind `after`, some MiB of them; also of a shard that can't recover. */
  exportLog(after: Zxid): Promise<readonly LogRow[]>;
  fetch(request: globalThis.Request): Promise<Response>;
}

/** JSON of an {@link Identity}, set by the gateway and stripped from whatever comes in. */
export const IDENTITY_HEADER = "x-edgekeeper-identity";
