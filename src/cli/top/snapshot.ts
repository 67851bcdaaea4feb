import type { ConnectionReading, Reading, ServerReading } from "./reading.ts";

/** A server, and what it does a second. */
export interface ServerRow extends Omit<ServerReading, "connectionList"> {
  readonly requestsPerSecond: number | undefined;
  /** Whether its connections are among the sessions. */
  readonly isTellingConnections: boolean;
}

/** A connection, and what it does a second. */
export interface SessionRow extends ConnectionReading {
  readonly requestsPerSecond: number | undefined;
}

/** What is shown. */
export interface Snapshot {
  readonly servers: readonly ServerRow[];
  /** Of all servers together. */
  readonly sessions: readonly SessionRow[];
}

/** What sessions may be ordered by: the most first. */
export const SORTS = ["rate", "requests", "queued", "latency", "ephemerals", "age"] as const;

/** One of {@link SORTS}. */
export type Sort = (typeof SORTS)[number];

const KEYS: Readonly<Record<Sort, (row: SessionRow) => number>> = {
  rate: (row) => row.requestsPerSecond ?? 0,
  requests: (row) => row.requests,
  queued: (row) => row.queued,
  latency: (row) => row.maxMs,
  ephemerals: (row) => row.ephemerals ?? 0,
  age: (row) => row.ageMs,
};

/** Puts a reading beside the one before, which it has its rates from. */
export function snapshotOf(before: Reading | undefined, now: Reading): Snapshot {
  const seconds = before === undefined ? 0 : (now.atMs - before.atMs) / 1_000;
  const rate = (from: number | undefined, to: number | undefined): number | undefined => {
    if (from === undefined || to === undefined || seconds <= 0) return undefined;
    // A server that has started anew, or a connection with the port of another one, counts from 0.
    return Math.round(((to < from ? to : to - from) * 10) / seconds) / 10;
  };
  const earlier = new Map(before?.servers.map((server) => [server.server, server]));
  const connections = (servers: readonly ServerReading[]) =>
    servers.flatMap(({ connectionList = [] }) => connectionList);
  const known = new Map(connections(before?.servers ?? []).map((one) => [keyOf(one), one]));
  return {
    servers: now.servers.map(({ connectionList, ...server }) => ({
      ...server,
      isTellingConnections: connectionList !== undefined,
      requestsPerSecond: rate(earlier.get(server.server)?.requests, server.requests),
    })),
    sessions: connections(now.servers).map((one) => ({
      ...one,
      requestsPerSecond: rate(known.get(keyOf(one))?.requests ?? 0, one.requests),
    })),
  };
}

/** The most first; equals by their sessions, so that lines do not dance. */
export function sorted(sessions: readonly SessionRow[], sort: Sort): SessionRow[] {
  const key = KEYS[sort];
  return sessions.toSorted((a, b) => key(b) - key(a) || (a.session < b.session ? -1 : 1));
}

function keyOf({ session, client }: ConnectionReading): string {
  return `${session} ${client}`;
}
