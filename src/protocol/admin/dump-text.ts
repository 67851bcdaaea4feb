import type { AdminConnection, AdminData, AdminSession } from "../../core/admin-data.ts";
import { formatSocketAddress } from "./address-text.ts";
import { formatJavaDate, formatLongHex } from "./java-text.ts";

/**
 * `dump`: when sessions expire, what goes with them, and when their connections do, which is the
 * same moment. Connections without a session have none and aren't listed.
 *
 * Source: ZooKeeper `DumpCommand`, `ExpiryQueue.dump`.
 */
export function formatDump({ sessionList: sessions, connectionList }: AdminData): string {
  const byId = new Map(sessions.map((session) => [session.id, session]));
  const served = connectionList.flatMap((connection) => {
    const session = byId.get(connection.sessionId);
    return session === undefined ? [] : [{ connection, deadlineMs: session.deadlineMs }];
  });
  const lines = [
    "SessionTracker dump:",
    ...expiryLines("Session", sessions, ({ id }) => formatLongHex(id)),
    "ephemeral nodes dump:",
    ...ephemeralLines(sessions),
    "Connections dump:",
    ...expiryLines("Connections", served, ({ connection }) => formatConnection(connection)),
  ];
  return `${lines.join("\n")}\n`;
}

function expiryLines<T extends { readonly deadlineMs: number }>(
  title: string,
  items: readonly T[],
  format: (item: T) => string,
): string[] {
  const sets = [...Map.groupBy(items, ({ deadlineMs }) => deadlineMs)];
  return [
    `${title} Sets (${sets.length})/(${items.length}):`,
    ...sets
      .toSorted(([one], [other]) => one - other)
      .flatMap(([deadlineMs, set]) => [
        `${set.length} expire at ${formatJavaDate(deadlineMs)}:`,
        ...set.map((item) => `\t${format(item)}`),
      ]),
  ];
}

function formatConnection(connection: AdminConnection): string {
  const id = formatLongHex(connection.sessionId);
  return `ip: /${formatSocketAddress(connection)} sessionId: ${id}`;
}

function ephemeralLines(sessions: readonly AdminSession[]): string[] {
  const owners = sessions.filter(({ ephemerals }) => ephemerals.length > 0);
  return [
    `Sessions with Ephemerals (${owners.length}):`,
    ...owners.flatMap(({ id, ephemerals }) => [
      `${formatLongHex(id)}:`,
      ...ephemerals.map((path) => `\t${path}`),
    ]),
  ];
}
