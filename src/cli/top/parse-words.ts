import type { ConnectionReading, ServerReading } from "./reading.ts";

/** The values of `mntr`, without `zk_`. Source: ZooKeeper `MonitorCommand`. */
export function parseMonitor(text: string): ReadonlyMap<string, string> {
  const pairs = [...text.matchAll(/^zk_(\w+)\t(.*)$/gm)];
  return new Map(pairs.map(([, name = "", value = ""]) => [name, value]));
}

/** What values of `mntr`, or of the command `monitor`, say. */
export function readMonitor(values: ReadonlyMap<string, string>): Partial<ServerReading> {
  const number = (name: string): number | undefined => numberOf(values.get(name));
  const [min, average, max] = ["min_latency", "avg_latency", "max_latency"].map(number);
  const isTimed = min !== undefined && average !== undefined && max !== undefined;
  return {
    mode: values.get("server_state"),
    requests: number("packets_received"),
    connections: number("num_alive_connections"),
    sessions: number("global_sessions"),
    watches: number("watch_count"),
    znodes: number("znode_count"),
    ephemerals: number("ephemerals_count"),
    outstanding: number("outstanding_requests"),
    ...(isTimed ? { latency: { min, average, max } } : {}),
  };
}

/** What `srvr` says. Source: ZooKeeper `StatCommand`. */
export function parseServer(text: string): Partial<ServerReading> {
  const value = (name: string): string | undefined =>
    new RegExp(`^${name}: (.*)$`, "m").exec(text)?.[1];
  const latency = value("Latency min/avg/max")?.split("/").map(Number) ?? [];
  const [min, average, max] = latency;
  const isTimed = min !== undefined && average !== undefined && max !== undefined;
  return {
    mode: value("Mode"),
    zxid: value("Zxid"),
    requests: numberOf(value("Received")),
    connections: numberOf(value("Connections")),
    outstanding: numberOf(value("Outstanding")),
    znodes: numberOf(value("Node count")),
    ...(isTimed ? { latency: { min, average, max } } : {}),
  };
}

const CONNECTION = /^ ?\/?(?<client>\S+?)\[\d+\]\((?<fields>[^()]*)\)$/gm;

/**
 * The connections of `cons` that have a session: whoever asks four-letter words has none.
 *
 * Source: ZooKeeper `ConsCommand`, `ServerCnxn.dumpConnectionInfo`.
 */
export function parseConnections(text: string, nowMs: number): ConnectionReading[] {
  return [...text.matchAll(CONNECTION)].flatMap(({ groups: { client = "", fields = "" } = {} }) => {
    const values = new Map(fields.split(",").map((field) => splitOnce(field, "=")));
    const number = (name: string): number => numberOf(values.get(name)) ?? 0;
    const session = values.get("sid");
    if (session === undefined) return [];
    return {
      session,
      client,
      requests: number("recved"),
      queued: number("queued"),
      lastOperation: values.get("lop") ?? "NA",
      averageMs: number("avglat"),
      maxMs: number("maxlat"),
      ageMs: Math.max(0, nowMs - number("est")),
      timeoutMs: number("to"),
      ephemerals: undefined,
    };
  });
}

/** How many ephemerals each session has, by `dump`. Source: ZooKeeper `DataTree.dumpEphemerals`. */
export function parseEphemerals(text: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const start = text.indexOf("Sessions with Ephemerals");
  if (start < 0) return counts;
  let session = "";
  for (const line of text.slice(start).split("\n").slice(1)) {
    if (line.startsWith("Connections dump")) break;
    const id = /^(0x[0-9a-f]+):$/.exec(line)?.[1];
    if (id !== undefined) session = id;
    else if (line.startsWith("\t")) counts.set(session, (counts.get(session) ?? 0) + 1);
  }
  return counts;
}

/** The total of `wchs`. Source: ZooKeeper `WatchCommand`. */
export function parseWatches(text: string): number | undefined {
  return numberOf(/^Total watches:(\d+)$/m.exec(text)?.[1]);
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

function numberOf(text: string | undefined): number | undefined {
  const value = text === undefined || text === "" ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
}
