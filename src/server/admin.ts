import type {
  AdminConnection,
  AdminData,
  AdminDetail,
  AdminSession,
  AdminWatch,
  StatisticsKind,
} from "../core/admin-data.ts";
import { deadlineOf } from "../core/session-tracker.ts";
import { type Connection, outstandingRequests } from "./connection.ts";
import { lastSeenOfSession } from "./liveness.ts";
import type { ServerState } from "./server-state.ts";
import { loadAllWatches } from "./watch-delivery.ts";

/** What the server knows of {@link AdminData}; the size of the database is its owner's. */
export type ServerAdminData = Omit<AdminData, "databaseBytes">;

/** Shows what there is, the watches of restored connections included. Touches nothing. */
export function adminDataOf(
  state: ServerState,
  details: ReadonlySet<AdminDetail>,
): ServerAdminData {
  loadAllWatches(state);
  const { store, tree, watches, statistics, counters } = state;
  const connections = [...state.connections.all()];
  let ephemeralsCount = 0;
  for (const { id } of tree.tables.sessions()) {
    ephemeralsCount += tree.tables.ephemeralUsage(id).nodes;
  }
  return {
    zxid: tree.lastZxid,
    checkpointZxid: store.checkpointZxid,
    checkpointMs: state.checkpointMs,
    uptimeMs: state.nowMs - state.startedMs,
    packetsReceived: statistics.packetsReceived,
    packetsSent: statistics.packetsSent,
    latency: statistics.latency.view(),
    outstandingRequests: connections.reduce((sum, one) => sum + outstandingRequests(one), 0),
    connectionsCount: connections.length,
    sessionsCount: state.tracker.count,
    znodesCount: tree.tables.countDescendants("/") + 1,
    ephemeralsCount,
    watchesCount: watches.count,
    watchSummary: watches.summary(),
    authFailedCount: counters.get("authsFailed"),
    sessionsExpiredCount: counters.get("sessionsExpired"),
    connections: details.has("connections")
      ? connections.map((one) => describeConnection(state, one))
      : [],
    sessions: details.has("sessions") ? describeSessions(state) : [],
    watches: details.has("watches") ? describeWatches(state) : [],
  };
}

/** Starts statistics anew; what the connections and sessions are stays. */
export function resetStatistics(state: ServerState, kind: StatisticsKind): void {
  if (kind === "server") {
    state.statistics.reset();
    return;
  }
  for (const { statistics } of state.connections.all()) statistics.reset();
}

function describeConnection({ tracker }: ServerState, connection: Connection): AdminConnection {
  const { ids, port, sessionId, establishedMs, statistics } = connection;
  return {
    address: ids.find(({ scheme }) => scheme === "ip")?.id ?? "",
    port,
    outstandingRequests: outstandingRequests(connection),
    sessionId,
    sessionTimeoutMs: tracker.get(sessionId)?.session.timeoutMs ?? 0,
    establishedMs,
    ...statistics.view(),
  };
}

/** In order of their deadlines, then of their ids. */
function describeSessions(state: ServerState): AdminSession[] {
  const { tables } = state.tree;
  return [...tables.sessions()]
    .map(({ id, timeoutMs }) => {
      const trackedMs = state.tracker.get(id)?.lastSeenMs ?? 0;
      const lastSeenMs = Math.max(trackedMs, lastSeenOfSession(state, id) ?? 0);
      const deadlineMs = deadlineOf(lastSeenMs, timeoutMs);
      return { id, deadlineMs, ephemerals: tables.ephemeralsOf(id) };
    })
    .toSorted((one, other) => one.deadlineMs - other.deadlineMs || one.id - other.id);
}

function describeWatches({ watches, connections }: ServerState): AdminWatch[] {
  return Array.from(watches.dataWatches(), ([path, watchers]) => {
    const sessions = new Set(Array.from(watchers, (id) => connections.get(id).sessionId));
    return { path, sessions: [...sessions] };
  });
}
