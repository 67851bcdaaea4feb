import { assert } from "../core/assert.ts";
import type { SessionId } from "../core/data-node.ts";
import { formatZxid, type Zxid } from "../core/zxid.ts";
import { type HardState, INITIAL_HARD_STATE } from "../zab/hard-state.ts";
import type { SnapshotSlice } from "../zab/history.ts";
import type { LogRow } from "../zab/log-row.ts";
import { decodeRole, encodeRole, ROLE_KEY } from "./hard-state-codec.ts";
import { DEFAULT_LOG_WINDOW, type LogWindow } from "./log-window.ts";
import { MemoryTables } from "./memory-tables.ts";
import { changesOf, partOf } from "./snapshot-part.ts";
import type { Dirty, Log, SessionSeen, SnapshotRow, Store } from "./store.ts";

/** What a node weighs beside its data, roughly; what the store over SQL counts too. */
const NODE_BYTES = 400;

/** What survives a crash of a {@link MemoryStore}. */
export class MemoryDisk {
  rows: LogRow[] = [];
  tables: MemoryTables = new MemoryTables();
  checkpointZxid: Zxid = 0;
  trimmedZxid: Zxid = 0;
  hardState: HardState = INITIAL_HARD_STATE;
  seen: Map<SessionId, SessionSeen> = new Map();
  meta: Map<string, Uint8Array> = new Map();
  /** Slices of a snapshot on its way in. */
  staged: SnapshotSlice[] = [];

  /** Becomes what `other` is; neither changes with the other afterwards. */
  become(other: MemoryDisk): void {
    this.rows = [...other.rows];
    // Replaced as a whole, never changed.
    this.tables = other.tables;
    this.checkpointZxid = other.checkpointZxid;
    this.trimmedZxid = other.trimmedZxid;
    this.hardState = other.hardState;
    this.seen = new Map(other.seen);
    this.meta = new Map(other.meta);
    this.staged = [...other.staged];
  }
}

/**
 * A {@link Store} without a database, for tests and simulation. The "disk" is an object that
 * {@link restart} hands on: what was appended and checkpointed is there, what was only applied is
 * not.
 */
export class MemoryStore implements Store {
  readonly log: Log;
  readonly #disk: MemoryDisk;
  readonly #window: LogWindow;
  #tables: MemoryTables;

  constructor(window: LogWindow = DEFAULT_LOG_WINDOW, disk: MemoryDisk = new MemoryDisk()) {
    this.#disk = disk;
    this.#window = window;
    this.log = new MemoryLog(disk, window);
    this.#tables = new MemoryTables(disk.tables);
  }

  /** Opens the store again as after a crash. This one must not be used any more. */
  restart(): MemoryStore {
    return new MemoryStore(this.#window, this.#disk);
  }

  get tables(): MemoryTables {
    return this.#tables;
  }

  get checkpointZxid(): Zxid {
    return this.#disk.checkpointZxid;
  }

  get dirty(): Dirty {
    const nodes = this.#tables.changes;
    const uncovered = this.#disk.rows.filter(({ lastZxid }) => lastZxid > this.checkpointZxid);
    const logBytes = uncovered.reduce((sum, { txns }) => sum + txns.length, 0);
    return { nodes, bytes: nodes * NODE_BYTES, logBytes };
  }

  checkpoint(appliedZxid: Zxid): void {
    assert(appliedZxid >= this.checkpointZxid, "a checkpoint does not go back");
    assert(appliedZxid <= this.log.lastZxid, "a checkpoint holds only what was logged");
    if (appliedZxid === 0) return;
    this.#disk.tables = new MemoryTables(this.#tables);
    this.#disk.checkpointZxid = appliedZxid;
    this.#tables.forgetChanges();
  }

  transaction(body: () => void): void {
    const before = new MemoryDisk();
    before.become(this.#disk);
    try {
      body();
    } catch (error) {
      this.#disk.become(before);
      throw error;
    }
  }

  hardState(): HardState {
    return { ...this.#disk.hardState, ...decodeRole(this.#disk.meta.get(ROLE_KEY)) };
  }

  setHardState(state: HardState): void {
    this.#disk.hardState = { ...state };
    this.#disk.meta.set(ROLE_KEY, encodeRole(state));
  }

  readRowsAfter(key: string, bytesMax: number): SnapshotRow[] {
    const rows: SnapshotRow[] = [];
    let bytes = 0;
    for (const row of this.#disk.tables.snapshotRows()) {
      if (row.key <= key) continue;
      bytes += row.value.length + row.key.length;
      if (rows.length > 0 && bytes > bytesMax) break;
      rows.push(row);
    }
    return rows;
  }

  readRow(key: string): SnapshotRow | undefined {
    return this.#disk.tables.snapshotRow(key);
  }

  stageSnapshot(slice: SnapshotSlice): void {
    const part = partOf(slice);
    // Refuses now what could not be installed.
    changesOf(part);
    if (part.after === "") this.#disk.staged = [slice];
    else if (part.after === this.stagedCursor()) this.#disk.staged.push(slice);
  }

  stagedCursor(): string | undefined {
    return this.#disk.staged.at(-1)?.cursor;
  }

  dropStagedSnapshot(): void {
    this.#disk.staged = [];
  }

  installSnapshot(zxid: Zxid): void {
    const disk = this.#disk;
    const staged = disk.staged.at(-1)?.zxid;
    assert(
      staged === zxid,
      `expected a staged snapshot at ${formatZxid(zxid)}, saw ${staged === undefined ? "none" : formatZxid(staged)}`,
    );
    const tables = new MemoryTables();
    for (const slice of disk.staged) changesOf(partOf(slice)).forEach((row) => tables.change(row));
    disk.tables = tables;
    disk.rows = [];
    disk.checkpointZxid = zxid;
    disk.trimmedZxid = zxid;
    disk.staged = [];
    for (const id of disk.seen.keys()) {
      if (tables.getSession(id) === undefined) disk.seen.delete(id);
    }
    this.#tables = new MemoryTables(tables);
  }

  confirm(): void {}

  sessionSeen(): Map<SessionId, SessionSeen> {
    return new Map(this.#disk.seen);
  }

  saveSessionSeen(id: SessionId, seen: SessionSeen): void {
    this.#disk.seen.set(id, { ...seen });
  }

  getMeta(key: string): Uint8Array | undefined {
    return this.#disk.meta.get(key)?.slice();
  }

  setMeta(key: string, value: Uint8Array | undefined): void {
    if (value === undefined) this.#disk.meta.delete(key);
    else this.#disk.meta.set(key, value.slice());
  }
}

/** The log as an array of rows. */
class MemoryLog implements Log {
  readonly #disk: MemoryDisk;
  readonly #window: LogWindow;

  constructor(disk: MemoryDisk, window: LogWindow) {
    this.#disk = disk;
    this.#window = window;
  }

  get lastZxid(): Zxid {
    return this.#disk.rows.at(-1)?.lastZxid ?? this.#disk.trimmedZxid;
  }

  get trimmedZxid(): Zxid {
    return this.#disk.trimmedZxid;
  }

  append(rows: readonly LogRow[]): void {
    let last = this.lastZxid;
    for (const row of rows) {
      assert(row.part > 0 || row.zxid > last, "an appended batch is above the last zxid");
      last = row.lastZxid;
    }
    this.#disk.rows.push(...rows.map((row) => ({ ...row, txns: row.txns.slice() })));
  }

  truncateAfter(zxid: Zxid): void {
    const { rows, checkpointZxid, trimmedZxid } = this.#disk;
    assert(zxid >= checkpointZxid, "what is in the tables cannot be taken back");
    const end = rows.findLastIndex((row) => row.lastZxid <= zxid);
    const isAtEnd = (rows[end]?.lastZxid ?? trimmedZxid) === zxid;
    assert(isAtEnd, "a log is cut at the end of a batch");
    rows.length = end + 1;
  }

  read(after: Zxid, bytesMax: number): LogRow[] {
    const found: LogRow[] = [];
    let bytes = 0;
    for (const row of this.#disk.rows) {
      if (row.lastZxid <= after) continue;
      if (row.part === 0 && found.length > 0 && bytes + row.txns.length > bytesMax) break;
      bytes += row.txns.length;
      found.push(row);
    }
    return found;
  }

  batchEndAtOrBefore(zxid: Zxid): Zxid | undefined {
    const { rows, trimmedZxid } = this.#disk;
    if (zxid < trimmedZxid) return undefined;
    return rows.findLast((row) => row.lastZxid <= zxid)?.lastZxid ?? trimmedZxid;
  }

  trim(nowMs: number): void {
    const { rows, checkpointZxid } = this.#disk;
    let bytes = rows.reduce((sum, row) => sum + row.txns.length, 0);
    let count = 0;
    for (const row of rows) {
      const isDue = bytes > this.#window.bytesMax || row.timeMs < nowMs - this.#window.ageMsMax;
      if (row.lastZxid > checkpointZxid || (row.part === 0 && !isDue)) break;
      bytes -= row.txns.length;
      count++;
    }
    if (count === 0) return;
    this.#disk.trimmedZxid = rows[count - 1]?.lastZxid ?? 0;
    rows.splice(0, count);
  }
}
