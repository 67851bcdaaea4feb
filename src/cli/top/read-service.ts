import type { ServiceAnswer } from "../server/service-get.ts";
import { readMonitor } from "./parse-words.ts";
import type { ConnectionReading, ServerReading } from "./reading.ts";
import { type AskWord, readByWords } from "./read-words.ts";

/** Gets a route of a service. */
export type AskRoute = (route: `/${string}`) => Promise<ServiceAnswer>;

type Fields = Readonly<Record<string, unknown>>;

/** States of members in the words of `srvr`. Source: ZooKeeper `QuorumPeer.ServerState`, `QuorumStats`. */
const MODES: Readonly<Record<string, string>> = {
  LEADING: "leader",
  FOLLOWING: "follower",
  OBSERVING: "observer",
  LOOKING: "looking",
  UNREACHABLE: "unreachable",
};
const UNKNOWN_MODE = "unknown";

/**
 * Reads a service by the commands of ZooKeeper's AdminServer, which want an admin's token; whoever
 * is none gets what the four-letter words tell. An ensemble has a line for each of its members.
 */
export async function readService(
  server: string,
  { askRoute, askWord, nowMs }: ServiceAsk,
): Promise<readonly ServerReading[]> {
  const paths = ["monitor", "connections", "watch_summary", "dump"] as const;
  const [ensemble, ...commands] = await Promise.all([
    getJson(askRoute, "/ensemble"),
    ...paths.map((path) => getJson(askRoute, `/commands/${path}`)),
  ]);
  const [monitor, connections, watchSummary, dump] = commands;
  if (monitor === undefined || isWithoutAnswer(monitor)) {
    return [await readByWords(server, { ask: askWord, nowMs }), ...membersOf(ensemble)];
  }
  // Everybody may ask for it, and it has the zxid.
  const told = await readByWords(server, { ask: askWord, nowMs, words: ["srvr"] });
  const values = new Map(Object.entries(monitor).map(([name, value]) => [name, textOf(value)]));
  const own: ServerReading = {
    ...told,
    ...readMonitor(values),
    watches: numberOf(watchSummary?.["num_total_watches"]),
    connectionList: connectionsOf(connections, dump, nowMs),
  };
  return [own, ...membersOf(ensemble)];
}

/** Whom to ask, and when. */
export interface ServiceAsk {
  readonly askRoute: AskRoute;
  readonly askWord: AskWord;
  /** Of the wall. */
  readonly nowMs: number;
}

/** @returns undefined for what is no answer: refused, not there, or something else. */
async function getJson(askRoute: AskRoute, route: `/${string}`): Promise<Fields | undefined> {
  try {
    const { status, text } = await askRoute(route);
    const value: unknown = status === 200 ? JSON.parse(text) : undefined;
    return isFields(value) ? value : undefined;
  } catch {
    // What is wrong with the service the words tell.
    return undefined;
  }
}

function isWithoutAnswer({ error }: Fields): boolean {
  return error !== null && error !== undefined;
}

function membersOf(ensemble: Fields | undefined): ServerReading[] {
  return listOf(ensemble?.["members"]).map((member) => {
    const reason = member["reason"];
    return {
      server: `  member ${textOf(member["id"])}`,
      mode: MODES[textOf(member["state"])] ?? UNKNOWN_MODE,
      zxid: typeof member["zxid"] === "string" ? member["zxid"] : undefined,
      connections: numberOf(member["connections"]),
      sessions: numberOf(member["sessions"]),
      lag: numberOf(member["lag"]),
      notes: typeof reason === "string" ? [reason] : [],
    };
  });
}

function connectionsOf(
  connections: Fields | undefined,
  dump: Fields | undefined,
  nowMs: number,
): ConnectionReading[] | undefined {
  if (connections === undefined || isWithoutAnswer(connections)) return undefined;
  const ephemerals = dump?.["session_id_to_ephemeral_paths"];
  return listOf(connections["connections"]).flatMap((one) => {
    const id = numberOf(one["session_id"]) ?? 0;
    if (id === 0) return [];
    const number = (name: string): number => numberOf(one[name]) ?? 0;
    const paths: unknown = isFields(ephemerals) ? (ephemerals[String(id)] ?? []) : undefined;
    return {
      session: `0x${id.toString(16)}`,
      client: textOf(one["remote_socket_address"]).replace(/^\//, ""),
      requests: number("packets_received"),
      queued: number("outstanding_requests"),
      lastOperation: textOf(one["last_operation"]),
      averageMs: number("avg_latency"),
      maxMs: number("max_latency"),
      ageMs: Math.max(0, nowMs - number("established")),
      timeoutMs: number("session_timeout"),
      ephemerals: Array.isArray(paths) ? paths.length : undefined,
    };
  });
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

function textOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
