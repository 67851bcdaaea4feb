import type { AdminData, AdminWatch } from "../../core/admin-data.ts";
import type { SessionId } from "../../core/data-node.ts";
import { formatLongHex } from "./java-text.ts";

/*
 * ZooKeeper lists data watches only, so children that are watched are in none of these.
 * Source: ZooKeeper `WatchManager.dumpWatches`.
 */

/** `wchs`. */
export function formatWatchSummary({ watchSummary }: AdminData): string {
  const { connections, paths, watches } = watchSummary;
  return `${connections} connections watching ${paths} paths\nTotal watches:${watches}\n`;
}

/** `wchc`: the paths of each session, then an empty line. */
export function formatWatchesBySession({ watchList }: AdminData): string {
  const lines = [...watchesBySession(watchList)].flatMap(([id, paths]) => [
    formatLongHex(id),
    ...paths.map((path) => `\t${path}`),
  ]);
  return formatList(lines);
}

/** `wchp`: the sessions of each path, then an empty line. */
export function formatWatchesByPath({ watchList }: AdminData): string {
  const lines = watchList.flatMap(({ path, sessions }) => [
    path,
    ...sessions.map((id) => `\t${formatLongHex(id)}`),
  ]);
  return formatList(lines);
}

function formatList(lines: readonly string[]): string {
  return `${lines.map((line) => `${line}\n`).join("")}\n`;
}

/** Turns the list round, in order of the first path of each session. */
export function watchesBySession(watches: readonly AdminWatch[]): Map<SessionId, string[]> {
  const bySession = new Map<SessionId, string[]>();
  for (const { path, sessions } of watches) {
    for (const id of sessions) {
      const paths = bySession.get(id);
      if (paths === undefined) bySession.set(id, [path]);
      else paths.push(path);
    }
  }
  return bySession;
}
