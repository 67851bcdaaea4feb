import type { AdminData, AdminQuorum } from "../../core/admin-data.ts";
import { FULL_VERSION } from "../version.ts";
import { JavaDouble } from "./java-text.ts";
import { nodeCount } from "./node-count.ts";
import { learnerCounts, peerState, serverState, voters } from "./quorum-view.ts";

type MonitorValue = string | number | JavaDouble;

/**
 * The values that `mntr` shows with `zk_` in front, and `monitor` without: those that every
 * ZooKeeper has. What has no meaning here has the value that ZooKeeper gives it where it has none:
 * −1 for files on a platform without them and for sizes that were not measured, 0 for TLS.
 *
 * Source: ZooKeeper `ZooKeeperServer.dumpMonitorValues`, `registerMetrics`.
 */
export function monitorValues(data: AdminData): Readonly<Record<string, MonitorValue>> {
  return {
    version: FULL_VERSION,
    server_state: serverState(data),
    avg_latency: new JavaDouble(data.latency.avgMs),
    max_latency: data.latency.maxMs,
    min_latency: data.latency.minMs,
    packets_received: data.packetsReceived,
    packets_sent: data.packetsSent,
    num_alive_connections: data.connections,
    outstanding_requests: data.outstandingRequests,
    znode_count: nodeCount(data),
    watch_count: data.watches,
    ephemerals_count: data.ephemerals,
    approximate_data_size: data.databaseBytes,
    open_file_descriptor_count: -1,
    max_file_descriptor_count: -1,
    uptime: data.nowMs - data.startedMs,
    global_sessions: data.sessions,
    local_sessions: 0,
    last_client_response_size: -1,
    max_client_response_size: -1,
    min_client_response_size: -1,
    connection_drop_probability: new JavaDouble(0),
    outstanding_tls_handshake: 0,
    auth_failed_count: data.counters["authsFailed"] ?? 0,
    non_mtls_remote_conn_count: 0,
    non_mtls_local_conn_count: 0,
    stale_sessions_expired: data.counters["sessionsExpired"] ?? 0,
    ...(data.quorum !== undefined && quorumValues(data, data.quorum)),
  };
}

/** Source: ZooKeeper `QuorumZooKeeperServer`, `LeaderZooKeeperServer.dumpMonitorValues`. */
function quorumValues(
  { nowMs, startedMs }: AdminData,
  quorum: AdminQuorum,
): Readonly<Record<string, MonitorValue>> {
  const { state } = quorum;
  const own = { quorum_size: voters(quorum).length, peer_state: peerState(quorum) };
  if (state !== "LEADING") return own;
  const counts = learnerCounts(quorum);
  return {
    ...own,
    learners: counts.learners,
    synced_followers: counts.syncedFollowers,
    synced_non_voting_followers: counts.syncedNonVotingFollowers,
    synced_observers: counts.syncedObservers,
    pending_syncs: 0,
    leader_uptime: nowMs - startedMs,
    last_proposal_size: -1,
    max_proposal_size: -1,
    min_proposal_size: -1,
  };
}

/** `mntr`: a name, a tab and a value a line. */
export function formatMonitor(data: AdminData): string {
  const lines = Object.entries(monitorValues(data)).map(
    ([name, value]) => `zk_${name}\t${String(value)}\n`,
  );
  return lines.join("");
}
