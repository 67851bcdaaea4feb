import type {
  AdminConnection,
  AdminData,
  AdminDetail,
  AdminSession,
  AdminWatch,
  StatisticsKind,
} from "../core/admin-data.ts";
import { deadlineOf } from "../core/session-tracker.ts";
import { outstandingRequests } from "./connection.ts";
import { lastSeenOfSession } from "./liveness.ts";
import type { ServerState } from "./server-state.ts";
import { statusOf } from "./status.ts";

/** What the server knows of {@link AdminData}; the rest is its owner's. */
export type ServerAdminData = Omit<AdminData, "nowMs" | "cacheBytes" | "databaseBytes">;

/** Shows what there is, the watches of restored connections included. Touches nothing. */
export function adminDataOf(
  state: ServerState,
  details: ReadonlySet<AdminDetail>,
): ServerAdminData {
  const status = statusOf(state);
  const { store, tree, statistics } = state;
  let ephemerals = 0;
  for (const { id } of tree.tables.sessions()) ephemerals += tree.tables.ephemeralUsage(id).nodes;
  return {
    ...status,
    startedMs: state.startedMs,
    checkpointZxid: store.checkpointZxid,
    checkpointMs: state.checkpointMs,
    znodes: tree.tables.countDescendants("/") + 1,
    ephemerals,
    watchSummary: state.watches.summary(),
    packetsReceived: statistics.packetsReceived,
    packetsSent: statistics.packetsSent,
    latency: statistics.latency.view(),
    dirtyNodes: store.dirty.nodes,
    dirtyBytes: store.dirty.bytes,
    connectionList: details.has("connections") ? describeConnections(state) : [],
    sessionList: details.has("sessions") ? describeSessions(state) : [],
    watchList: details.has("watches") ? describeWatches(state) : [],
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

function describeConnections({ connections, tracker }: ServerState): AdminConnection[] {
  return Array.from(connections.all(), (connection) => {
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
  });
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
