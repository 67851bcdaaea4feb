import type { SessionId } from "../core/data-node.ts";
import { hasRole, type Identity } from "../core/identity.ts";
import { isFailure, type Outcome } from "../core/keeper-error.ts";
import { deadlineOf } from "../core/session-tracker.ts";
import type { Zxid } from "../core/zxid.ts";
import { outstandingRequests } from "./connection.ts";
import { lastSeenOfSession } from "./liveness.ts";
import type { ServerState } from "./server-state.ts";
import { findSession } from "./session-binding.ts";
import { loadAllWatches } from "./watch-delivery.ts";

/** A session as its owner or an admin sees it. */
export interface SessionDescription {
  readonly id: SessionId;
  readonly timeoutMs: number;
  /** Milliseconds until it expires if nobody keeps it alive; never below 0. */
  readonly expiresInMs: number;
  /** A socket serves it. */
  readonly isConnected: boolean;
  readonly ephemerals: number;
}

/** Who asks about a session: its token, or an admin by its id alone. */
export interface SessionAsker {
  readonly identity: Identity;
  readonly password?: Uint8Array;
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

/** Looks at a session without touching it. @returns SESSIONEXPIRED as `connect` does. */
export function describeSession(
  state: ServerState,
  { identity, password }: SessionAsker,
  id: SessionId,
): Outcome<SessionDescription> {
  const isAdmin = password === undefined && hasRole(identity.role, "admin");
  const session = findSession(state, { id, password: password ?? new Uint8Array(0) }, isAdmin);
  if (isFailure(session)) return session;
  const { timeoutMs } = session;
  const trackedMs = state.tracker.get(id)?.lastSeenMs ?? 0;
  const lastSeenMs = Math.max(trackedMs, lastSeenOfSession(state, id) ?? 0);
  return {
    id,
    timeoutMs,
    expiresInMs: Math.max(0, deadlineOf(lastSeenMs, timeoutMs) - state.nowMs),
    isConnected: state.connections.findBound(id) !== undefined,
    ephemerals: state.tree.tables.ephemeralUsage(id).nodes,
  };
}

/** Counts what there is, the watches of restored connections included. */
export function statusOf(state: ServerState): ServerStatus {
  loadAllWatches(state);
  const { tree, tracker, connections, watches, counters } = state;
  let outstanding = 0;
  for (const connection of connections.all()) outstanding += outstandingRequests(connection);
  return {
    zxid: tree.lastZxid,
    sessions: tracker.count,
    connections: connections.count,
    watches: watches.count,
    outstandingRequests: outstanding,
    counters: counters.snapshot(),
  };
}
