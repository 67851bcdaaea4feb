import type { AdminData } from "../../core/admin-data.ts";
import { FULL_VERSION } from "../version.ts";
import { briefConnectionBody } from "./connection-body.ts";
import type { AdminJson } from "./jackson.ts";
import { JavaDouble } from "./java-text.ts";
import { nodeCount } from "./node-count.ts";
import { serverState } from "./quorum-view.ts";

/** Not measured, which ZooKeeper says before its first answer, too. */
const BUFFER_SIZES = { last_buffer_size: -1, min_buffer_size: -1, max_buffer_size: -1 };

/** `server_stats`. Source: ZooKeeper `SrvrCommand`, `ServerStats`. */
export function serverBody(data: AdminData): Record<string, AdminJson> {
  return {
    version: FULL_VERSION,
    read_only: data.quorum?.isReadOnly === true,
    server_stats: {
      packets_sent: data.packetsSent,
      packets_received: data.packetsReceived,
      fsync_threshold_exceed_count: 0,
      client_response_stats: BUFFER_SIZES,
      provider_null: false,
      data_dir_size: data.databaseBytes,
      log_dir_size: data.databaseBytes,
      server_state: serverState(data),
      last_processed_zxid: data.zxid,
      outstanding_requests: data.outstandingRequests,
      avg_latency: new JavaDouble(data.latency.avgMs),
      max_latency: data.latency.maxMs,
      min_latency: data.latency.minMs,
      num_alive_client_connections: data.connections,
      uptime: data.nowMs - data.startedMs,
      auth_failed_count: data.counters["authsFailed"] ?? 0,
      non_mtlsremote_conn_count: 0,
      non_mtlslocal_conn_count: 0,
    },
    client_response: BUFFER_SIZES,
    ...(data.quorum?.state === "LEADING" && { proposal_stats: BUFFER_SIZES }),
    node_count: nodeCount(data),
  };
}

/** `stats`: the same with the connections. */
export function statBody(data: AdminData): Record<string, AdminJson> {
  return {
    ...serverBody(data),
    connections: data.connectionList.map(briefConnectionBody),
    secure_connections: [],
  };
}
