import { alignColumns } from "../output/columns.ts";
import type { Look, Paint } from "../output/colours.ts";
import type { ServerRow, SessionRow, Snapshot } from "./snapshot.ts";

/** A line of a screen; looks go over whole lines, so that they can be cut anywhere. */
export interface ScreenLine {
  readonly text: string;
  readonly look?: Look;
}

const UNKNOWN = "-";

const SERVER_HEADINGS = [
  "SERVER",
  "MODE",
  "ZXID",
  "REQ/S",
  "LATENCY min/avg/max",
  "CONNS",
  "SESSIONS",
  "WATCHES",
  "ZNODES",
  "EPHEMERALS",
  "QUEUED",
];

const SESSION_HEADINGS = [
  "SESSION",
  "CLIENT",
  "LAST",
  "REQUESTS",
  "REQ/S",
  "QUEUED",
  "AVG MS",
  "MAX MS",
  "AGE S",
  "TIMEOUT S",
  "EPHEMERALS",
];

/** A snapshot as lines: the servers, what they don't tell, and their sessions. */
export function renderSnapshot(
  { servers }: Snapshot,
  sessions: readonly SessionRow[],
): ScreenLine[] {
  return [
    ...renderServers(servers),
    { text: "" },
    ...(sessions.length === 0 ? [noSessions(servers)] : renderSessions(sessions)),
  ];
}

/** Makes lines fit a screen: what others wrote neither breaks them nor steers the terminal. */
export function fitted(line: ScreenLine, width: number, paint: Paint): string {
  const text = line.text.replaceAll(/\p{Cc}/gu, " ").slice(0, width);
  return line.look === undefined || text === "" ? text : paint(line.look, text);
}

function renderServers(servers: readonly ServerRow[]): ScreenLine[] {
  const isEnsemble = servers.some(({ lag }) => lag !== undefined);
  const headings = isEnsemble ? [...SERVER_HEADINGS, "BEHIND"] : SERVER_HEADINGS;
  const rows = servers.map((server) => serverCells(server, isEnsemble));
  const [heading = "", ...lines] = alignColumns([headings, ...rows], 3);
  return [
    { text: heading, look: "title" },
    ...lines.flatMap((text, index) => serverLines(text, servers[index])),
  ];
}

function serverLines(text: string, server: ServerRow | undefined): ScreenLine[] {
  const isLeading = server?.mode?.startsWith("lead") === true;
  const line = isLeading ? ({ text, look: "good" } as const) : { text };
  const notes = server?.notes ?? [];
  const isSilent = server?.mode === undefined;
  return [
    line,
    ...notes.map((note) => ({
      text: `  ${note}`,
      look: isSilent ? ("error" as const) : ("warning" as const),
    })),
  ];
}

function serverCells(server: ServerRow, isEnsemble: boolean): string[] {
  const { latency, lag } = server;
  return [
    server.server,
    server.mode ?? UNKNOWN,
    server.zxid ?? UNKNOWN,
    rateText(server.requestsPerSecond),
    latency === undefined
      ? UNKNOWN
      : `${latency.min}/${latency.average.toFixed(1)}/${latency.max} ms`,
    numberText(server.connections),
    numberText(server.sessions),
    numberText(server.watches),
    numberText(server.znodes),
    numberText(server.ephemerals),
    numberText(server.outstanding),
    ...(isEnsemble ? [numberText(lag)] : []),
  ];
}

function renderSessions(sessions: readonly SessionRow[]): ScreenLine[] {
  const rows = sessions.map((one) => [
    one.session,
    one.client,
    one.lastOperation,
    numberText(one.requests),
    rateText(one.requestsPerSecond),
    numberText(one.queued),
    numberText(one.averageMs),
    numberText(one.maxMs),
    numberText(Math.round(one.ageMs / 1_000)),
    (one.timeoutMs / 1_000).toFixed(0),
    numberText(one.ephemerals),
  ]);
  const [heading = "", ...lines] = alignColumns([SESSION_HEADINGS, ...rows], 3);
  return [{ text: heading, look: "title" }, ...lines.map((text) => ({ text }))];
}

function noSessions(servers: readonly ServerRow[]): ScreenLine {
  const isTold = servers.some(({ isTellingConnections }) => isTellingConnections);
  return { text: isTold ? "no sessions" : "no server tells its connections", look: "faint" };
}

function numberText(value: number | undefined): string {
  return value === undefined ? UNKNOWN : value.toLocaleString("en-US");
}

function rateText(value: number | undefined): string {
  if (value === undefined) return UNKNOWN;
  return value < 10 ? value.toFixed(1) : numberText(Math.round(value));
}
