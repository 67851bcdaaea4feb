import { assert } from "../core/assert.ts";
import type { LoggedTxn } from "../core/txn.ts";
import { formatZxid, type Zxid } from "../core/zxid.ts";
import type { SnapshotSlice } from "../zab/history.ts";
import { decodeBatches } from "./log-batch.ts";
import { formatCursor, parseCursor, type SnapshotCursor } from "./snapshot-cursor.ts";
import { type ChangedRow, PART_VERSION, type SnapshotPart } from "./snapshot-part.ts";
import type { Store } from "./store.ts";
import { type TouchedRow, touchedRows } from "./touched-keys.ts";

/** What a row weighs beside its key and value. */
const ROW_BYTES = 32;

/**
 * Reads the next slice of a snapshot: exact, though checkpoints go on between the slices.
 *
 *     copy      all rows in key order, each as of some checkpoint
 *     changes   the log since the copy began, as a list of rows that it touched: each is sent
 *               again as it is now, or as gone
 *     end       once all of the log up to the checkpoint is covered: rows that were touched were
 *               sent after the txn that touched them last, all others never changed
 *
 * A cursor from which this store can't go on (its log is trimmed behind the cursor, its checkpoint
 * is older than what was read) begins anew.
 *
 * @param after - The cursor of the last slice had; "" for the first.
 * @param bytesMax - About the size of the slice; only a single row may be larger.
 */
export function readSnapshot(store: Store, after: string, bytesMax: number): SnapshotSlice {
  const checkpointZxid = store.checkpointZxid;
  const found = parseCursor(after);
  const isResumed = found !== undefined && canResume(store, found);
  const cursor: SnapshotCursor = isResumed
    ? { ...found, seenZxid: checkpointZxid }
    : { type: "copy", startZxid: checkpointZxid, seenZxid: checkpointZxid, key: "" };
  const rows = new SliceRows(bytesMax);
  const part = { version: PART_VERSION, after: isResumed ? after : "", type: cursor.type } as const;
  const next =
    cursor.type === "copy" ? copyRows(store, cursor, rows) : readChanges(store, cursor, rows);
  return sliceOf(store, next, { ...part, rows: rows.taken });
}

function canResume(store: Store, cursor: SnapshotCursor): boolean {
  const from = cursor.type === "copy" ? cursor.startZxid : cursor.zxid;
  return store.log.trimmedZxid <= from && cursor.seenZxid <= store.checkpointZxid;
}

function sliceOf(store: Store, cursor: SnapshotCursor, part: SnapshotPart): SnapshotSlice {
  const { checkpointZxid, log } = store;
  const isEnd = cursor.type === "changes" && cursor.zxid === checkpointZxid;
  if (isEnd) {
    const isBatchEnd = log.batchEndAtOrBefore(checkpointZxid) === checkpointZxid;
    assert(isBatchEnd, `the checkpoint ${formatZxid(checkpointZxid)} is the end of a batch`);
  }
  return {
    cursor: formatCursor(cursor),
    rows: [part],
    zxid: isEnd ? checkpointZxid : undefined,
  };
}

/** Rows of one slice, each key once. */
class SliceRows {
  readonly taken: ChangedRow[] = [];
  readonly #keys = new Set<string>();
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Bytes that are left. */
  get room(): number {
    return Math.max(0, this.#bytesMax - this.#bytes);
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  /** Adds a row. @returns false, with nothing added, if it does not fit. */
  add(row: ChangedRow): boolean {
    const bytes = ROW_BYTES + 2 * row.key.length + (row.value?.length ?? 0);
    if (this.taken.length > 0 && bytes > this.room) return false;
    this.#bytes += bytes;
    this.#keys.add(row.key);
    this.taken.push(row);
    return true;
  }
}

type CopyCursor = Extract<SnapshotCursor, { type: "copy" }>;
type ChangesCursor = Extract<SnapshotCursor, { type: "changes" }>;

function copyRows(store: Store, cursor: CopyCursor, rows: SliceRows): SnapshotCursor {
  let { key } = cursor;
  for (;;) {
    const found = store.readRowsAfter(key, rows.room);
    if (found.length === 0) break;
    for (const row of found) {
      if (!rows.add(row)) return { ...cursor, key };
      key = row.key;
    }
  }
  const { startZxid, seenZxid } = cursor;
  return { type: "changes", zxid: startZxid, count: 0, seenZxid };
}

/** At most one read of the log a slice: that bounds the work of a call. */
function readChanges(store: Store, cursor: ChangesCursor, rows: SliceRows): SnapshotCursor {
  let { zxid, count } = cursor;
  if (zxid === store.checkpointZxid) return cursor;
  for (const logged of uncoveredTxns(store, zxid, rows.room)) {
    for (const touched of touchedRows(logged).slice(count)) {
      if (!addChange(store, touched, rows)) return { ...cursor, zxid, count };
      count++;
    }
    zxid = logged.header.zxid;
    count = 0;
  }
  return { ...cursor, zxid, count };
}

function uncoveredTxns(store: Store, zxid: Zxid, bytesMax: number): LoggedTxn[] {
  const txns = decodeBatches(store.log.read(zxid, bytesMax));
  return txns.filter(({ header }) => header.zxid > zxid && header.zxid <= store.checkpointZxid);
}

/** @returns false, with nothing added, if the row does not fit. */
function addChange(store: Store, { key, isNamed }: TouchedRow, rows: SliceRows): boolean {
  if (rows.has(key)) return true;
  const row = store.readRow(key);
  if (row !== undefined) return rows.add(row);
  return isNamed ? rows.add({ key, value: undefined }) : true;
}
