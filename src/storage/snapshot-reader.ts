import type { NodeRows } from "./node-rows.ts";
import {
  encodeNodeRow,
  encodeOutcomeRow,
  encodeSessionRow,
  SNAPSHOT_PREFIX,
} from "./snapshot-row.ts";
import type { SqlOutcomes } from "./sql-outcomes.ts";
import type { SqlSessions } from "./sql-sessions.ts";
import type { SnapshotRow } from "./store.ts";

/** Rows of small things read at once. */
const PAGE_MAX = 256;

/** Where the rows of a snapshot come from. */
export interface SnapshotSources {
  readonly nodes: NodeRows;
  readonly outcomes: SqlOutcomes;
  readonly sessions: SqlSessions;
}

/**
 * Reads rows of the tables on disk in key order: znodes, outcomes, sessions.
 *
 * Checkpoints may happen between two calls. That makes the copy fuzzy, and harmless: a row holds
 * everything up to its zxid, so the receiver replays the log from where the copy began and skips,
 * for each row, what is not above its zxid.
 *
 * @param after - The key of the last row had; empty for the first.
 * @returns about `bytesMax` of rows, at least one if there is any.
 */
export function readSnapshotRows(
  sources: SnapshotSources,
  after: string,
  bytesMax: number,
): SnapshotRow[] {
  const { node, outcome } = SNAPSHOT_PREFIX;
  if (after === "" || after.startsWith(node)) {
    const rows = readNodes(sources.nodes, after, bytesMax);
    return rows.length > 0 ? rows : readOutcomes(sources, outcome);
  }
  return after.startsWith(outcome) ? readOutcomes(sources, after) : readSessions(sources, after);
}

function readNodes(nodes: NodeRows, after: string, bytesMax: number): SnapshotRow[] {
  const [parent = "", name = ""] = after.slice(SNAPSHOT_PREFIX.node.length).split("\0");
  const entries = nodes.entriesBehind(parent, name, bytesMax);
  if (after === "") entries.unshift(...nodes.root());
  return entries.map((entry) => encodeNodeRow(entry, entry.zxid));
}

function readOutcomes(sources: SnapshotSources, after: string): SnapshotRow[] {
  const key = after.slice(SNAPSHOT_PREFIX.outcome.length);
  const found = sources.outcomes.storedBehind(key, PAGE_MAX);
  if (found.length === 0) return readSessions(sources, SNAPSHOT_PREFIX.session);
  return found.map((row) => encodeOutcomeRow(row.key, row.outcome, row.zxid));
}

function readSessions({ sessions }: SnapshotSources, after: string): SnapshotRow[] {
  const id = Number.parseInt(`0${after.slice(SNAPSHOT_PREFIX.session.length)}`, 16);
  const found = sessions.storedBehind(id, PAGE_MAX);
  return found.map((row) => encodeSessionRow(row.session, row.zxid));
}
