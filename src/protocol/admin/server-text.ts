import type { AdminData } from "../../core/admin-data.ts";
import { formatZxid } from "../../core/zxid.ts";
import { FULL_VERSION } from "../version.ts";
import { formatConnectionBriefly } from "./connection-text.ts";
import { JavaDouble } from "./java-text.ts";
import { nodeCount } from "./node-count.ts";
import { serverState } from "./quorum-view.ts";

const VERSION_LINE = `Zookeeper version: ${FULL_VERSION}\n`;

/** `srvr`. Source: ZooKeeper `StatCommand`. */
export function formatServer(data: AdminData): string {
  return VERSION_LINE + formatStatistics(data);
}

/** `stat`: `srvr` with a line for each connection. */
export function formatStat(data: AdminData): string {
  const lines = data.connectionList.map((one) => `${formatConnectionBriefly(one)}\n`);
  return `${VERSION_LINE}Clients:\n${lines.join("")}\n${formatStatistics(data)}`;
}

/** The order is what clients' expressions expect. Source: ZooKeeper `ServerStats.toString`. */
function formatStatistics(data: AdminData): string {
  const { minMs, avgMs, maxMs } = data.latency;
  const lines = [
    ...(data.quorum?.isReadOnly === true ? ["READ-ONLY mode; serving only read-only clients"] : []),
    `Latency min/avg/max: ${minMs}/${new JavaDouble(avgMs).toString()}/${maxMs}`,
    `Received: ${data.packetsReceived}`,
    `Sent: ${data.packetsSent}`,
    `Connections: ${data.connections}`,
    `Outstanding: ${data.outstandingRequests}`,
    `Zxid: ${formatZxid(data.zxid)}`,
    `Mode: ${serverState(data)}`,
    `Node count: ${nodeCount(data)}`,
    // Not measured, which ZooKeeper says before its first proposal, too.
    ...(data.quorum?.state === "LEADING" ? ["Proposal sizes last/min/max: -1/-1/-1"] : []),
  ];
  return `${lines.join("\n")}\n`;
}
