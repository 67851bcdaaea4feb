import { ByteWriter } from "./byte-writer.ts";
import type { NodeRows } from "./node-rows.ts";
import { encodeNodeRow, encodeSessionRow, outcomeKey, SNAPSHOT_PREFIX } from "./snapshot-row.ts";
import type { SqlOutcomes } from "./sql-outcomes.ts";
import type { SqlSessions } from "./sql-sessions.ts";
import type { SnapshotRow } from "./store.ts";

/** Sessions read at once. */
const PAGE_MAX = 256;

/** Where the rows of a snapshot come from. */
interface SnapshotSources {
  readonly nodes: NodeRows;
  readonly outcomes: SqlOutcomes;
  readonly sessions: SqlSessions;
}

/**
 * Reads rows of the tables on disk in key order: znodes, outcomes, sessions.
 *
 * @param after - The key of the last row had; empty for the first.
 * @returns about `bytesMax` of rows, at least one if there is any.
 */
export function readSnapshotRows(
  sources: SnapshotSources,
  after: string,
  bytesMax: number,
): SnapshotRow[] {
  const { node, outcome, session } = SNAPSHOT_PREFIX;
  if (after === "" || after.startsWith(node)) {
    const rows = readNodes(sources.nodes, after, bytesMax);
    return rows.length > 0 ? rows : readSnapshotRows(sources, outcome, bytesMax);
  }
  if (!after.startsWith(outcome)) return readSessions(sources, after);
  const rows = readOutcomes(sources, after, bytesMax);
  return rows.length > 0 ? rows : readSessions(sources, session);
}

function readNodes(nodes: NodeRows, after: string, bytesMax: number): SnapshotRow[] {
  const [parent = "", name = ""] = after.slice(SNAPSHOT_PREFIX.node.length).split("\0");
  const entries = nodes.entriesBehind(parent, name, bytesMax);
  if (after === "") entries.unshift(...nodes.root());
  const writer = new ByteWriter();
  return entries.map((entry) => encodeNodeRow(entry, writer));
}

function readOutcomes(
  { outcomes }: SnapshotSources,
  after: string,
  bytesMax: number,
): SnapshotRow[] {
  const rows: SnapshotRow[] = [];
  let bytes = 0;
  for (const key of outcomes.keysBehind(after.slice(SNAPSHOT_PREFIX.outcome.length), PAGE_MAX)) {
    const value = outcomes.storedAt(key);
    if (value === undefined) continue;
    bytes += value.length;
    if (rows.length > 0 && bytes > bytesMax) break;
    rows.push({ key: outcomeKey(key), value });
  }
  return rows;
}

function readSessions({ sessions }: SnapshotSources, after: string): SnapshotRow[] {
  const id = Number.parseInt(`0${after.slice(SNAPSHOT_PREFIX.session.length)}`, 16);
  return sessions.storedBehind(id, PAGE_MAX).map(encodeSessionRow);
}
