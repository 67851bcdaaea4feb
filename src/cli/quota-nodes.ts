import { Code, isKeeperError, nameOf, type ZooKeeper } from "../client/index.ts";
import { ZOOKEEPER_PATH, QUOTA_PATH } from "../core/path.ts";
import { parseStatsTrack, type StatsTrack } from "../core/quota.ts";
import { MalformedPathError } from "./malformed-path.ts";
import { walkTree } from "./walk-tree.ts";

const LIMITS = "zookeeper_limits";

/** Where the quota of a path is kept. Source: ZooKeeper `Quotas.quotaPath`. */
export function quotaPath(path: string): string {
  return path === "/" ? QUOTA_PATH : QUOTA_PATH + path;
}

/** Source: ZooKeeper `Quotas.limitPath`. */
export function limitsPath(path: string): string {
  return `${quotaPath(path)}/${LIMITS}`;
}

/** Source: ZooKeeper `Quotas.statPath`. */
export function statsPath(path: string): string {
  return `${quotaPath(path)}/zookeeper_stats`;
}

/** Limits as zkCli writes and prints them: all four, also where none is set. */
export function formatLimits({ count, bytes, byteHardLimit, countHardLimit }: StatsTrack): string {
  return `count=${count},bytes=${bytes}=;byteHardLimit=${byteHardLimit};countHardLimit=${countHardLimit}`;
}

/** Reads limits or stats. */
export async function readTrack(zk: ZooKeeper, path: string): Promise<StatsTrack> {
  return parseStatsTrack((await zk.get(path)).data);
}

/** A quota neither contains another one nor is contained. @throws MalformedPathError */
export async function refuseNested(zk: ZooKeeper, path: string): Promise<void> {
  const own = limitsPath(path);
  for await (const below of walkBelow(zk, quotaPath(path))) {
    if (below === own || nameOf(below) !== LIMITS) continue;
    throw new MalformedPathError(`${path} has a child ${subjectOf(below)} which has a quota`);
  }
  for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
    const limits = limitsPath(path.slice(0, end));
    if ((await zk.exists(limits)) === undefined) continue;
    throw new MalformedPathError(`${path} has a parent ${subjectOf(limits)} which has a quota`);
  }
}

/** Makes a znode of the service's own subtree, whoever is first. */
export async function ensureNode(zk: ZooKeeper, path: string): Promise<void> {
  await zk.create(path, null).catch((error: unknown) => {
    if (!isKeeperError(error, Code.NODEEXISTS)) throw error;
  });
}

/** Makes the way to the quota of a path. */
export async function ensureQuotaPath(zk: ZooKeeper, path: string): Promise<void> {
  if ((await zk.exists(QUOTA_PATH)) === undefined) {
    await ensureNode(zk, ZOOKEEPER_PATH);
    await ensureNode(zk, QUOTA_PATH);
  }
  const whole = quotaPath(path);
  for (let end = QUOTA_PATH.length; end >= 0;) {
    end = whole.indexOf("/", end + 1);
    const ancestor = end < 0 ? whole : whole.slice(0, end);
    if ((await zk.exists(ancestor)) === undefined) await ensureNode(zk, ancestor);
  }
}

async function* walkBelow(zk: ZooKeeper, path: string): AsyncGenerator<string, void, undefined> {
  if ((await zk.exists(path)) !== undefined) yield* walkTree(zk, path);
}

function subjectOf(limits: string): string {
  return limits.slice(QUOTA_PATH.length, -LIMITS.length - 1);
}
