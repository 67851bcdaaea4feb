import { find, type ModelState, walk } from "./model-state.ts";
import { E, refuseIf } from "./model-rules.ts";

const QUOTA = "/zookeeper/quota";

/** The deepest of a path and its ancestors, the root left out, that has a limits znode. */
function prefixOf(state: ModelState, path: string): string | undefined {
  for (let at = path; at !== ""; at = at.slice(0, at.lastIndexOf("/"))) {
    if (at !== "/" && find(state, `${QUOTA}${at}/zookeeper_limits`) !== undefined) return at;
  }
  return undefined;
}

function numberIn(data: Uint8Array | null, key: string): number {
  const text = new TextDecoder().decode(data ?? new Uint8Array(0));
  for (const pair of text.split(/[,;]+/)) {
    const [name, value] = pair.split("=");
    if (name === key && value !== undefined && value !== "") return Number(value);
  }
  return -1;
}

/** Refuses what a hard limit does not allow; soft ones only make a server grumble. */
export function checkQuota(
  state: ModelState,
  path: string,
  added: { readonly count: number; readonly bytes: number },
): void {
  const prefix = prefixOf(state, path);
  if (prefix === undefined) return;
  const limits = find(state, `${QUOTA}${prefix}/zookeeper_limits`);
  const stats = find(state, `${QUOTA}${prefix}/zookeeper_stats`);
  if (limits === undefined || stats === undefined) return;
  const countLimit = numberIn(limits.data, "countHardLimit");
  const byteLimit = numberIn(limits.data, "byteHardLimit");
  const count = numberIn(stats.data, "count") + added.count;
  const bytes = numberIn(stats.data, "bytes") + added.bytes;
  refuseIf(added.count !== 0 && countLimit > -1 && count > countLimit, E.QUOTAEXCEEDED);
  refuseIf(added.bytes !== 0 && byteLimit > -1 && bytes > byteLimit, E.QUOTAEXCEEDED);
}

/** Keeps the stats of the deepest limited prefix, in place: no version, no zxid. */
export function countQuota(
  state: ModelState,
  path: string,
  added: { readonly count: number; readonly bytes: number },
): void {
  const prefix = prefixOf(state, path);
  if (prefix === undefined) return;
  const stats = find(state, `${QUOTA}${prefix}/zookeeper_stats`);
  if (stats === undefined) return;
  const count = numberIn(stats.data, "count") + added.count;
  const bytes = numberIn(stats.data, "bytes") + added.bytes;
  stats.data = new TextEncoder().encode(`count=${count},bytes=${bytes}`);
}

/** A new stats znode counts its subtree from nothing. */
export function recountQuota(state: ModelState, created: string): void {
  const [, prefix] = /^\/zookeeper\/quota(\/.+)\/zookeeper_stats$/.exec(created) ?? [];
  const stats = find(state, created);
  if (prefix === undefined || stats === undefined) return;
  const nodes = [...walk(state, prefix)].map(([, node]) => node);
  const bytes = nodes.reduce((sum, node) => sum + (node.data?.length ?? 0), 0);
  stats.data = new TextEncoder().encode(`count=${nodes.length},bytes=${bytes}`);
}
