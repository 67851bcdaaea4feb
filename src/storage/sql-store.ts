import { assert } from "../core/assert.ts";
import type { SessionId } from "../core/data-node.ts";
import type { Zxid } from "../core/zxid.ts";
import { AclTable } from "./acl-table.ts";
import { CacheGovernor } from "./cache-governor.ts";
import { DEFAULT_LOG_WINDOW, type LogWindow } from "./log-window.ts";
import { NodeRows } from "./node-rows.ts";
import { readSnapshotRows } from "./snapshot-reader.ts";
import type { SqlDatabase } from "./sql-database.ts";
import { SqlLog } from "./sql-log.ts";
import { SqlMeta } from "./sql-meta.ts";
import { SqlOutcomes } from "./sql-outcomes.ts";
import { SqlSessions } from "./sql-sessions.ts";
import { SqlState } from "./sql-state.ts";
import { SqlTables } from "./sql-tables.ts";
import type { HardState } from "../zab/hard-state.ts";
import type { Dirty, Log, SessionSeen, SnapshotRow, Store } from "./store.ts";

/** What a store may be opened with. */
export interface SqlStoreOptions {
  /** The memory budget that this store shares with others of its isolate. */
  readonly governor?: CacheGovernor;
  readonly logWindow?: LogWindow;
}

/**
 * A {@link Store} over SQLite: in a Durable Object, or in a file under Node.
 *
 * Opening one reads a handful of rows and writes nothing; the schema comes with the first write.
 * After that call `recover` before anything else.
 */
export class SqlStore implements Store {
  readonly log: Log;
  readonly tables: SqlTables;
  readonly #state: SqlState;
  readonly #log: SqlLog;
  readonly #meta: SqlMeta;
  readonly #acls: AclTable;
  readonly #rows: NodeRows;
  readonly #sessions: SqlSessions;
  readonly #outcomes: SqlOutcomes;

  constructor(db: SqlDatabase, options: SqlStoreOptions = {}) {
    const state = new SqlState(db);
    this.#state = state;
    this.#meta = new SqlMeta(db, state);
    this.#acls = new AclTable(db, state);
    this.#rows = new NodeRows(db, this.#acls);
    this.#sessions = new SqlSessions(db, state);
    this.#outcomes = new SqlOutcomes(db, state);
    this.tables = new SqlTables({
      state,
      rows: this.#rows,
      sessions: this.#sessions,
      outcomes: this.#outcomes,
      governor: options.governor ?? new CacheGovernor(),
    });
    this.#log = new SqlLog(db, state, this.tables, options.logWindow ?? DEFAULT_LOG_WINDOW);
    this.log = this.#log;
  }

  get checkpointZxid(): Zxid {
    return this.#state.checkpoint.checkpointZxid;
  }

  get dirty(): Dirty {
    const { dirtyNodes: nodes, dirtyBytes: bytes } = this.tables;
    return { nodes, bytes, logBytes: this.#log.uncoveredBytes };
  }

  checkpoint(appliedZxid: Zxid): void {
    assert(appliedZxid >= this.checkpointZxid, "a checkpoint does not go back");
    assert(appliedZxid >= this.tables.newestZxid, "a checkpoint holds all that was applied");
    assert(appliedZxid <= this.log.lastZxid, "a checkpoint holds only what was logged");
    // The znodes of the service alone are no reason to write: an empty namespace stays empty.
    if (appliedZxid === 0) return;
    if (appliedZxid === this.checkpointZxid && this.tables.dirtyNodes === 0) return;
    const checkpoint = {
      checkpointZxid: appliedZxid,
      logBytes: this.#log.bytesCoveredAt(appliedZxid),
      outcomesDroppedMs: this.#outcomes.droppedMs,
    };
    this.#state.writeCheckpoint(checkpoint, () => {
      this.#acls.startCount();
      this.tables.write(appliedZxid);
      this.#acls.flush();
    });
    this.#log.cover(appliedZxid);
    this.tables.settle();
  }

  hardState(): HardState {
    return this.#state.hardState;
  }

  setHardState(state: HardState): void {
    this.#state.writeHardState(state);
  }

  readRowsAfter(key: string, bytesMax: number): SnapshotRow[] {
    if (!this.#state.exists) return [];
    const sources = { nodes: this.#rows, outcomes: this.#outcomes, sessions: this.#sessions };
    return readSnapshotRows(sources, key, bytesMax);
  }

  confirm(): void {
    this.#state.writeConfirm();
  }

  sessionSeen(): Map<SessionId, SessionSeen> {
    return this.#sessions.seen();
  }

  saveSessionSeen(id: SessionId, seen: SessionSeen): void {
    this.#sessions.saveSeen(id, seen);
  }

  getMeta(key: string): Uint8Array | undefined {
    return this.#meta.get(key);
  }

  setMeta(key: string, value: Uint8Array | undefined): void {
    this.#meta.set(key, value);
  }
}
