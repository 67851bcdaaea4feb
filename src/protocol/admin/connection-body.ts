import type { AdminConnection } from "../../core/admin-data.ts";
import { formatSocketAddress } from "./address-text.ts";
import { INTEREST_OPS } from "./connection-text.ts";
import type { AdminJson } from "./jackson.ts";
import { formatLastOperation } from "./last-operation.ts";

/**
 * One connection in `stats`.
 *
 * Source: ZooKeeper `ServerCnxn.getConnectionInfo`.
 */
export function briefConnectionBody(connection: AdminConnection): Record<string, AdminJson> {
  return {
    remote_socket_address: formatSocketAddress(connection),
    interest_ops: INTEREST_OPS,
    outstanding_requests: connection.outstandingRequests,
    packets_received: connection.packetsReceived,
    packets_sent: connection.packetsSent,
  };
}

/** One connection in `connections`. */
export function connectionBody(connection: AdminConnection): Record<string, AdminJson> {
  const { latency } = connection;
  return {
    ...briefConnectionBody(connection),
    session_id: connection.sessionId,
    last_operation: formatLastOperation(connection.lastOp),
    established: connection.establishedMs,
    session_timeout: connection.sessionTimeoutMs,
    last_cxid: connection.lastCxid,
    last_zxid: connection.lastZxid,
    last_response_time: connection.lastResponseMs,
    last_latency: connection.lastLatencyMs,
    min_latency: latency.minMs,
    avg_latency: Math.trunc(latency.avgMs),
    max_latency: latency.maxMs,
  };
}
