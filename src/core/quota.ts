import type { DataNode } from "./data-node.ts";
import { Code, failure, type Failure } from "./keeper-error.ts";
import { ALL, type NodeTable } from "./node-table.ts";
import { childPath, QUOTA_PATH } from "./path.ts";

/**
 * Quotas: limits on the znodes and bytes of a subtree, kept as text in znodes of their own.
 *
 *     /zookeeper/quota/app/zookeeper_limits   count=100,bytes=-1=;byteHardLimit=9000;countHardLimit=-1
 *     /zookeeper/quota/app/zookeeper_stats    count=7,bytes=120
 *
 * −1 is "no limit". Only the deepest limited ancestor-or-self of a path counts, and never the
 * root. The stats are kept up to date in place: no zxid, no version, no watch.
 *
 * Source: ZooKeeper `Quotas`, `StatsTrack`, `DataTree.updateQuotaStat`, `ZooKeeperServer.checkQuota`.
 */
export interface StatsTrack {
  readonly count: number;
  readonly bytes: number;
  readonly countHardLimit: number;
  readonly byteHardLimit: number;
}

/** The root has no quota, so that every quota has its nodes below here. */
const BELOW_QUOTA_PATH = `${QUOTA_PATH}/`;
const LIMITS_NAME = "zookeeper_limits";
const STATS_NAME = "zookeeper_stats";
const UNLIMITED: StatsTrack = { count: -1, bytes: -1, countHardLimit: -1, byteHardLimit: -1 };

/** Parses the text of a limits or stats node; what is missing or no number is −1. */
export function parseStatsTrack(data: Uint8Array | null): StatsTrack {
  const track: Record<string, number> = {};
  for (const part of asciiOf(data).split(/[,;]/)) {
    // The `=` in front of the first `;` is ZooKeeper's trick to stop parsers of 3.4.
    const [key, value] = part.replace(/=$/, "").split("=");
    if (key !== undefined && value !== undefined && /^-?\d+$/.test(value))
      track[key] = Number(value);
  }
  return {
    count: track["count"] ?? UNLIMITED.count,
    bytes: track["bytes"] ?? UNLIMITED.bytes,
    countHardLimit: track["countHardLimit"] ?? UNLIMITED.countHardLimit,
    byteHardLimit: track["byteHardLimit"] ?? UNLIMITED.byteHardLimit,
  };
}

/** Formats a track as `StatsTrack.toString` does; hard limits only where one is set. */
export function formatStatsTrack(track: StatsTrack): string {
  const soft = `count=${track.count},bytes=${track.bytes}`;
  if (track.countHardLimit < 0 && track.byteHardLimit < 0) return soft;
  return `${soft}=;byteHardLimit=${track.byteHardLimit};countHardLimit=${track.countHardLimit}`;
}

/**
 * Finds the deepest prefix with a limit that covers `path`.
 *
 * Walks down the quota tree rather than up the path, so that a shard without quotas pays one
 * cached look-up, and a path outside of any quota one miss.
 */
export function findQuotaPrefix(table: NodeTable, path: string): string | undefined {
  if ((table.get(QUOTA_PATH)?.numChildren ?? 0) === 0 || path === "/") return undefined;
  let found: string | undefined;
  let end = 0;
  do {
    end = path.indexOf("/", end + 1);
    const prefix = end < 0 ? path : path.slice(0, end);
    const node = table.get(QUOTA_PATH + prefix);
    if (node === undefined || node.numChildren === 0) return found;
    if (table.get(limitsPath(prefix)) !== undefined) found = prefix;
  } while (end >= 0);
  return found;
}

function limitsPath(prefix: string): string {
  return `${QUOTA_PATH}${prefix}/${LIMITS_NAME}`;
}

function statsPath(prefix: string): string {
  return `${QUOTA_PATH}${prefix}/${STATS_NAME}`;
}

/** Paths of all stats nodes that a change at `path` may bring up to date. */
export function quotaStatsPaths(path: string): string[] {
  const paths: string[] = [];
  for (let end = path.indexOf("/", 1); end >= 0; end = path.indexOf("/", end + 1)) {
    paths.push(statsPath(path.slice(0, end)));
  }
  if (path !== "/") paths.push(statsPath(path));
  return paths;
}

/** What a change adds to a subtree; negative when it takes away. */
export interface Usage {
  readonly nodes: number;
  readonly bytes: number;
}

/**
 * Refuses a create or setData that would exceed a hard limit, also one that shrinks but stays
 * above it. Without stats nothing is refused.
 *
 * @returns QUOTAEXCEEDED, with the limit and what the subtree would hold.
 */
export function findQuotaFault(table: NodeTable, path: string, added: Usage): Failure | undefined {
  const prefix = findQuotaPrefix(table, path);
  if (prefix === undefined) return undefined;
  const limits = parseStatsTrack(table.get(limitsPath(prefix))?.data ?? null);
  const statsNode = table.get(statsPath(prefix));
  if (statsNode === undefined) return undefined;
  const stats = parseStatsTrack(statsNode.data);
  const refuse = (name: string, expected: number, seen: number) =>
    failure(Code.QUOTAEXCEEDED, `${name} of ${prefix} is ${expected}, would be ${seen}`, {
      path,
      expected,
      seen,
    });
  const count = stats.count + added.nodes;
  if (added.nodes !== 0 && limits.countHardLimit > -1 && count > limits.countHardLimit) {
    return refuse("countHardLimit", limits.countHardLimit, count);
  }
  const bytes = stats.bytes + added.bytes;
  if (added.bytes !== 0 && limits.byteHardLimit > -1 && bytes > limits.byteHardLimit) {
    return refuse("byteHardLimit", limits.byteHardLimit, bytes);
  }
  return undefined;
}

/** Keeps the stats of the subtree that holds `path` up to date after a change. */
export function accountQuota(table: NodeTable, path: string, added: Usage): void {
  const prefix = findQuotaPrefix(table, path);
  if (prefix === undefined) return;
  const node = table.get(statsPath(prefix));
  if (node === undefined) return;
  const stats = parseStatsTrack(node.data);
  writeStats(table, prefix, node, {
    nodes: stats.count + added.nodes,
    bytes: stats.bytes + added.bytes,
  });
}

/** Counts a subtree anew when its stats node is created. */
export function recountQuota(table: NodeTable, createdPath: string): void {
  if (!createdPath.startsWith(BELOW_QUOTA_PATH) || !createdPath.endsWith(`/${STATS_NAME}`)) return;
  const prefix = createdPath.slice(QUOTA_PATH.length, -STATS_NAME.length - 1);
  const node = table.get(createdPath);
  if (prefix === "" || node === undefined) return;
  writeStats(table, prefix, node, usageOf(table, prefix));
}

function writeStats(table: NodeTable, prefix: string, node: DataNode, usage: Usage): void {
  const text = formatStatsTrack({ ...UNLIMITED, count: usage.nodes, bytes: usage.bytes });
  table.put(statsPath(prefix), { ...node, data: Uint8Array.from(text, (c) => c.charCodeAt(0)) });
}

/** The znodes of a subtree, its top included, and the bytes of their data. */
function usageOf(table: NodeTable, top: string): Usage {
  let nodes = 0;
  let bytes = 0;
  const pending = [top];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    const node = table.get(path);
    if (node === undefined) continue;
    nodes += 1;
    bytes += node.data?.length ?? 0;
    if (node.numChildren === 0) continue;
    for (const name of table.children(path, ALL)) pending.push(childPath(path, name));
  }
  return { nodes, bytes };
}

function asciiOf(data: Uint8Array | null): string {
  return data === null ? "" : String.fromCharCode(...data.subarray(0, 1_024));
}
