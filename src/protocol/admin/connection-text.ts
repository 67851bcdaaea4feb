import type { AdminConnection, AdminData } from "../../core/admin-data.ts";
import { formatSocketAddress } from "./address-text.ts";
import { formatLongHex } from "./java-text.ts";
import { formatLastOperation } from "./last-operation.ts";

/** Java's `SelectionKey.OP_READ`: a connection that is read, as all of ours are. */
export const INTEREST_OPS = 1;

/** The line of a connection in `stat`. Source: ZooKeeper `ServerCnxn.dumpConnectionInfo`. */
export function formatConnectionBriefly(connection: AdminConnection): string {
  return `${formatTraffic(connection)})`;
}

/** `cons`: a line for each connection, more of those with a session, then an empty one. */
export function formatConnections({ connectionList }: AdminData): string {
  const lines = connectionList.map((one) => `${formatTraffic(one)}${formatSession(one)})\n`);
  return `${lines.join("")}\n`;
}

function formatTraffic(connection: AdminConnection): string {
  const { outstandingRequests, packetsReceived, packetsSent } = connection;
  return (
    ` /${formatSocketAddress(connection)}[${INTEREST_OPS}]` +
    `(queued=${outstandingRequests},recved=${packetsReceived},sent=${packetsSent}`
  );
}

function formatSession(connection: AdminConnection): string {
  const { sessionId, lastCxid, latency } = connection;
  if (sessionId === 0) return "";
  const fields = [
    `sid=${formatLongHex(sessionId)}`,
    `lop=${formatLastOperation(connection.lastOp)}`,
    `est=${connection.establishedMs}`,
    `to=${connection.sessionTimeoutMs}`,
    ...(lastCxid < 0 ? [] : [`lcxid=${formatLongHex(lastCxid)}`]),
    `lzxid=${formatLongHex(connection.lastZxid)}`,
    `lresp=${connection.lastResponseMs}`,
    `llat=${connection.lastLatencyMs}`,
    `minlat=${latency.minMs}`,
    `avglat=${Math.trunc(latency.avgMs)}`,
    `maxlat=${latency.maxMs}`,
  ];
  return `,${fields.join(",")}`;
}
