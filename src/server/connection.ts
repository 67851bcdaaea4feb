import type { Id } from "../core/acl.ts";
import type { SessionId } from "../core/data-node.ts";
import type { Identity, Role } from "../core/identity.ts";
import type { Code, Outcome } from "../core/keeper-error.ts";
import type { Reply, Request } from "../core/request.ts";
import type { Consistency, RequestOptions } from "../core/request-options.ts";
import type { ConnectedSession } from "../core/session.ts";
import type { Zxid } from "../core/zxid.ts";
import type { ConnectionSnapshot, SessionRole } from "./connection-snapshot.ts";
import { Fifo } from "../core/fifo.ts";
import type { ConnectAsk, ConnectionId } from "./input.ts";
import { ConnectionStatistics } from "./statistics.ts";

/** Why a connection is closed. */
export interface CloseReason {
  readonly code: Code;
  readonly reason: string;
}

/** What every entry of a connection's queue has. */
interface QueuedBase {
  readonly xid: number;
  /** When it came in, ms since 1970. */
  readonly arrivedMs: number;
  /** Its txn is prepared: the answer comes when that is applied. */
  isPrepared: boolean;
  /** The zxid to answer with; without one, the last zxid applied when the answer leaves. */
  zxid: Zxid | undefined;
  /** The connection is closed behind the answer. */
  thenClose: CloseReason | undefined;
}

/** A request in its connection's queue. It leaves when `outcome` is there and it is the head. */
export interface QueuedRequest extends QueuedBase {
  readonly type: "request";
  readonly request: Request;
  readonly options: RequestOptions;
  /** The connection's ids when the request was received: an `auth` behind it changes nothing. */
  readonly ids: readonly Id[];
  /** Has to be applied before a read runs; set when the request enters the queue. */
  neededZxid: Zxid;
  /** The round of confirmation that a read in an ensemble waits for; 0 = none. */
  round: number;
  outcome: Outcome<Reply> | undefined;
  isReplayed: boolean;
}

/** A `connect` in its connection's queue. */
export interface QueuedConnect extends QueuedBase {
  readonly type: "connect";
  readonly ask: ConnectAsk;
  outcome: Outcome<ConnectedSession> | undefined;
}

export type Queued = QueuedRequest | QueuedConnect;

/**
 * One transport as the server knows it.
 *
 *     arrival → held → queue → answered at the head
 *               ▲       ▲
 *               │       └ prep has seen it, or it is a read that runs when it is the head
 *               └ behind a `connect` that was not carried out: whose request it is, is open
 */
export interface Connection {
  readonly id: ConnectionId;
  readonly role: Role;
  ids: readonly Id[];
  /** 0 without a session. */
  sessionId: SessionId;
  sessionRole: SessionRole;
  readonly queue: Fifo<Queued>;
  readonly held: Fifo<Queued>;
  /** What in `queue` keeps what is behind it in `held`: a `connect`, or a retry at a learner. */
  barrier: Queued | undefined;
  /** It has, or had, watches that fire once: an event changes what its socket has to keep. */
  hasStandardWatches: boolean;
  /** Nothing that arrives from now on is looked at: a failed `auth` is on its way out. */
  isDeaf: boolean;
  /** Bytes of answers that its transport takes now; without room nothing more is admitted. */
  room: number;
  /** Reads in `queue` that did not run yet. */
  readsAhead: number;
  /** When something came in last, ms since 1970. */
  seenMs: number;
  /** `seenMs` as of the last snapshot. */
  savedSeenMs: number;
  /** When its transport was accepted, ms since 1970. */
  readonly establishedMs: number;
  /** The client's TCP port; 0 if it isn't known. */
  readonly port: number;
  /** Of its reads, in an ensemble. */
  readonly consistency: Consistency;
  readonly statistics: ConnectionStatistics;
}

/** Makes a connection for a transport that was just accepted. */
export function openConnection(
  id: ConnectionId,
  identity: Identity,
  at: { readonly nowMs: number; readonly room: number; readonly consistency: Consistency },
): Connection {
  const { role, ids, port = 0 } = identity;
  const { nowMs, room, consistency } = at;
  const snapshot = {
    role,
    ids,
    sessionId: 0,
    sessionRole: "none" as const,
    seenMs: nowMs,
    establishedMs: nowMs,
    port,
    consistency,
  };
  return restoredConnection(id, snapshot, room);
}

/** Makes a connection from what its socket kept. */
export function restoredConnection(
  id: ConnectionId,
  snapshot: ConnectionSnapshot,
  room: number,
): Connection {
  return {
    consistency: "linearizable",
    ...snapshot,
    id,
    queue: new Fifo(),
    held: new Fifo(),
    barrier: undefined,
    hasStandardWatches: false,
    isDeaf: false,
    room,
    readsAhead: 0,
    savedSeenMs: snapshot.seenMs,
    statistics: new ConnectionStatistics(),
  };
}

/** What the socket has to keep. */
export function snapshotOf(connection: Connection): ConnectionSnapshot {
  const { role, ids, sessionId, sessionRole, seenMs, establishedMs, port } = connection;
  const snapshot = { role, ids, sessionId, sessionRole, seenMs, establishedMs, port };
  const { consistency } = connection;
  return consistency === "linearizable" ? snapshot : { ...snapshot, consistency };
}

/** Requests that were not answered yet. */
export function outstandingRequests({ queue, held }: Connection): number {
  return queue.length + held.length;
}
