import { assert } from "../core/assert.ts";
import { formatZxid, type Zxid } from "../core/zxid.ts";
import type { LogWindow } from "./log-window.ts";
import type { SqlDatabase, SqlRow } from "./sql-database.ts";
import { getBlob, getNumber } from "./sql-row.ts";
import type { SqlState } from "./sql-state.ts";
import type { LogRow } from "../zab/log-row.ts";
import type { Log } from "./store.ts";

/** What a row weighs beside its txns. */
const ROW_BYTES = 64;
/** Rows looked at in one query, and dropped by one trim. */
const ROWS_MAX = 2_000;

const INSERT = "INSERT INTO log (zxid, part, last_zxid, time_ms, txns) VALUES (?, ?, ?, ?, ?)";
const SELECT_LAST = "SELECT last_zxid FROM log ORDER BY zxid DESC LIMIT 1";
/** The batch that starts at or before a zxid. */
const SELECT_AT = "SELECT zxid, last_zxid FROM log WHERE zxid <= ? ORDER BY zxid DESC LIMIT 1";
const SELECT_BEFORE = "SELECT last_zxid FROM log WHERE zxid < ? ORDER BY zxid DESC LIMIT 1";
const SELECT_SIZES =
  "SELECT zxid, last_zxid, time_ms, LENGTH(txns) AS bytes FROM log " +
  "WHERE zxid >= ? ORDER BY zxid, part LIMIT ?";
const SELECT_RANGE =
  "SELECT zxid, part, last_zxid, time_ms, txns FROM log " +
  "WHERE zxid >= ? AND zxid <= ? ORDER BY zxid, part";
const DELETE_AFTER = "DELETE FROM log WHERE zxid > ?";
const DELETE_UNTIL = "DELETE FROM log WHERE zxid <= ?";

/** Who knows what was applied. */
export interface Applied {
  /** A zxid that was applied; later ones may have been too. */
  readonly newestZxid: Zxid;
}

/** The size of a row without its txns. */
interface RowSize {
  readonly zxid: Zxid;
  readonly lastZxid: Zxid;
  readonly timeMs: number;
  readonly bytes: number;
}

/**
 * The log as a table. Nothing is ever counted by a scan: the bytes of rows that the checkpoint
 * covers stand in `state`, those behind it are few and remembered here.
 */
export class SqlLog implements Log {
  readonly #db: SqlDatabase;
  readonly #state: SqlState;
  readonly #applied: Applied;
  readonly #window: LogWindow;
  /** Rows that the checkpoint does not cover, in order. */
  #uncovered: { readonly lastZxid: Zxid; readonly bytes: number }[] = [];
  #uncoveredBytes = 0;
  #lastZxid: Zxid;
  /** The time of the oldest row; undefined until it is looked for. */
  #oldestMs: number | undefined;

  constructor(db: SqlDatabase, state: SqlState, applied: Applied, window: LogWindow) {
    this.#db = db;
    this.#state = state;
    this.#applied = applied;
    this.#window = window;
    this.#lastZxid = state.trimmedZxid;
    if (!state.exists) return;
    const [last] = db.all(SELECT_LAST);
    if (last !== undefined) this.#lastZxid = getNumber(last, "last_zxid");
    this.#loadUncovered();
  }

  get lastZxid(): Zxid {
    return this.#lastZxid;
  }

  get trimmedZxid(): Zxid {
    return this.#state.trimmedZxid;
  }

  /** Bytes of the rows that the checkpoint does not cover. */
  get uncoveredBytes(): number {
    return this.#uncoveredBytes;
  }

  append(rows: readonly LogRow[]): void {
    let last = this.#lastZxid;
    for (const { zxid, part, lastZxid } of rows) {
      assert(part > 0 || zxid > last, "an appended batch is above the last zxid");
      last = lastZxid;
    }
    const [only] = rows;
    if (only === undefined) return;
    if (rows.length === 1 && this.#state.exists) this.#insert(only);
    else this.#state.write(() => rows.forEach((row) => this.#insert(row)));
    for (const { lastZxid, txns } of rows) this.#remember(lastZxid, txns.length + ROW_BYTES);
    this.#lastZxid = last;
  }

  truncateAfter(zxid: Zxid): void {
    const { checkpointZxid } = this.#state.checkpoint;
    assert(zxid >= checkpointZxid, "what is in the tables cannot be taken back");
    assert(zxid >= this.#applied.newestZxid, "what was applied cannot be taken back");
    if (!this.#state.exists) {
      assert(zxid === 0, "an empty log is cut at 0");
      return;
    }
    const [at] = this.#db.all(SELECT_AT, zxid);
    const end = at === undefined ? this.trimmedZxid : getNumber(at, "last_zxid");
    assert(end === zxid, "a log is cut at the end of a batch");
    this.#state.write(() => this.#db.run(DELETE_AFTER, zxid));
    this.#uncovered = this.#uncovered.filter((row) => row.lastZxid <= zxid);
    this.#uncoveredBytes = this.#uncovered.reduce((sum, row) => sum + row.bytes, 0);
    this.#lastZxid = zxid;
  }

  read(after: Zxid, bytesMax: number): LogRow[] {
    if (!this.#state.exists || after >= this.#lastZxid) return [];
    const start = this.#batchBehind(after);
    let bytes = 0;
    let end: Zxid | undefined;
    for (const row of this.#sizes(start)) {
      bytes += row.bytes;
      if (end !== undefined && row.zxid !== end && bytes > bytesMax) break;
      end = row.zxid;
    }
    return end === undefined ? [] : this.#db.all(SELECT_RANGE, start, end).map(toLogRow);
  }

  batchEndAtOrBefore(zxid: Zxid): Zxid | undefined {
    if (zxid < this.trimmedZxid) return undefined;
    if (!this.#state.exists) return this.trimmedZxid;
    let [at] = this.#db.all(SELECT_AT, zxid);
    if (at !== undefined && getNumber(at, "last_zxid") > zxid) {
      [at] = this.#db.all(SELECT_BEFORE, getNumber(at, "zxid"));
    }
    return at === undefined ? this.trimmedZxid : getNumber(at, "last_zxid");
  }

  trim(nowMs: number): void {
    const dueMs = nowMs - this.#window.ageMsMax;
    const { logBytes, checkpointZxid } = this.#state.checkpoint;
    const excess = logBytes + this.#uncoveredBytes - this.#window.bytesMax;
    const mayBeOld = this.#oldestMs === undefined || this.#oldestMs < dueMs;
    if (!this.#state.exists || (excess <= 0 && !mayBeOld)) return;
    let dropped = 0;
    let last: RowSize | undefined;
    for (const row of this.#sizes(0)) {
      const isPart = row.zxid === last?.zxid;
      const isDue = dropped < excess || row.timeMs < dueMs;
      this.#oldestMs = row.timeMs;
      if (row.lastZxid > checkpointZxid || (!isPart && !isDue)) break;
      dropped += row.bytes;
      last = row;
    }
    if (last === undefined) return;
    const { zxid, lastZxid } = last;
    const rest = Math.max(0, logBytes - dropped);
    this.#state.writeTrimmed(lastZxid, rest, () => this.#db.run(DELETE_UNTIL, zxid));
  }

  /** Bytes of the rows that a checkpoint at `zxid` covers. */
  bytesCoveredAt(zxid: Zxid): number {
    let bytes = this.#state.checkpoint.logBytes;
    for (const row of this.#uncovered) {
      if (row.lastZxid <= zxid) bytes += row.bytes;
    }
    return bytes;
  }

  /** A checkpoint at `zxid` succeeded: forgets the rows that it covers. */
  cover(zxid: Zxid): void {
    const count = this.#uncovered.findIndex((row) => row.lastZxid > zxid);
    const covered = this.#uncovered.splice(0, count === -1 ? this.#uncovered.length : count);
    for (const row of covered) this.#uncoveredBytes -= row.bytes;
  }

  #insert({ zxid, part, lastZxid, timeMs, txns }: LogRow): void {
    this.#db.run(INSERT, zxid, part, lastZxid, timeMs, txns);
  }

  #remember(lastZxid: Zxid, bytes: number): void {
    this.#uncovered.push({ lastZxid, bytes });
    this.#uncoveredBytes += bytes;
  }

  #loadUncovered(): void {
    let from = this.#batchBehind(this.#state.checkpoint.checkpointZxid);
    for (;;) {
      const rows = this.#sizes(from);
      for (const row of rows) this.#remember(row.lastZxid, row.bytes);
      const last = rows.at(-1);
      if (last === undefined) return;
      from = last.lastZxid + 1;
    }
  }

  /** Returns where to start so as to read everything after `zxid`, which may be inside a batch. */
  #batchBehind(zxid: Zxid): Zxid {
    const [at] = this.#db.all(SELECT_AT, zxid);
    if (at === undefined || getNumber(at, "last_zxid") <= zxid) return zxid + 1;
    return getNumber(at, "zxid");
  }

  /** Returns the sizes of the next rows of whole batches. */
  #sizes(from: Zxid): RowSize[] {
    const rows = this.#db.all(SELECT_SIZES, from, ROWS_MAX).map((row) => ({
      zxid: getNumber(row, "zxid"),
      lastZxid: getNumber(row, "last_zxid"),
      timeMs: getNumber(row, "time_ms"),
      bytes: getNumber(row, "bytes") + ROW_BYTES,
    }));
    // The limit may have cut a batch between its parts.
    const cut = rows.length === ROWS_MAX ? rows.at(-1)?.zxid : undefined;
    return cut === undefined ? rows : rows.filter((row) => row.zxid !== cut);
  }
}

function toLogRow(row: SqlRow): LogRow {
  const zxid = getNumber(row, "zxid");
  const lastZxid = getNumber(row, "last_zxid");
  assert(lastZxid >= zxid, `a log row ends behind its start ${formatZxid(zxid)}`);
  const part = getNumber(row, "part");
  return { zxid, part, lastZxid, timeMs: getNumber(row, "time_ms"), txns: getBlob(row, "txns") };
}
