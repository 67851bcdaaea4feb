import { assert } from "../core/assert.ts";
import type { SessionId } from "../core/data-node.ts";
import type { Zxid } from "../core/zxid.ts";
import type { HardState } from "../zab/hard-state.ts";
import type { SnapshotSlice } from "../zab/history.ts";
import { CacheGovernor } from "./cache-governor.ts";
import {
  decodeRole,
  encodeRole,
  isSameRole,
  ROLE_KEY,
  type RoleState,
} from "./hard-state-codec.ts";
import { DEFAULT_LOG_WINDOW, type LogWindow } from "./log-window.ts";
import type { SqlDatabase } from "./sql-database.ts";
import { SqlLog } from "./sql-log.ts";
import { SqlMeta } from "./sql-meta.ts";
import { SqlStaging } from "./sql-staging.ts";
import { SqlTables } from "./sql-tables.ts";
import type { Dirty, SessionSeen, SnapshotRow, Store } from "./store.ts";
import { TreeRows } from "./tree-rows.ts";

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
  readonly #db: SqlDatabase;
  readonly #options: SqlStoreOptions;
  readonly #staging: SqlStaging;
  #parts: Parts;
  /** undefined until asked for: a shard that stands alone never is. */
  #role: RoleState | undefined;

  constructor(db: SqlDatabase, options: SqlStoreOptions = {}) {
    this.#db = db;
    this.#options = options;
    this.#staging = new SqlStaging(db);
    this.#parts = openParts(db, options);
  }

  get log(): SqlLog {
    return this.#parts.log;
  }

  get tables(): SqlTables {
    return this.#parts.tables;
  }

  get checkpointZxid(): Zxid {
    return this.#parts.rows.state.checkpoint.checkpointZxid;
  }

  get dirty(): Dirty {
    const { dirtyNodes: nodes, dirtyBytes: bytes } = this.tables;
    return { nodes, bytes, logBytes: this.log.uncoveredBytes };
  }

  checkpoint(appliedZxid: Zxid): void {
    assert(appliedZxid >= this.checkpointZxid, "a checkpoint does not go back");
    assert(appliedZxid >= this.tables.newestZxid, "a checkpoint holds all that was applied");
    assert(appliedZxid <= this.log.lastZxid, "a checkpoint holds only what was logged");
    // The znodes of the service alone are no reason to write: an empty namespace stays empty.
    if (appliedZxid === 0) return;
    if (appliedZxid === this.checkpointZxid && this.tables.dirtyNodes === 0) return;
    const { rows, tables, log } = this.#parts;
    const checkpoint = {
      checkpointZxid: appliedZxid,
      logBytes: log.bytesCoveredAt(appliedZxid),
      outcomesDroppedMs: rows.outcomes.droppedMs,
    };
    rows.writeCheckpoint(checkpoint, () => tables.write(appliedZxid));
    log.cover(appliedZxid);
    tables.settle();
  }

  transaction(body: () => void): void {
    this.#db.transaction(body);
  }

  hardState(): HardState {
    this.#role ??= decodeRole(this.#parts.meta.get(ROLE_KEY));
    return { ...this.#parts.rows.state.epochs, ...this.#role };
  }

  setHardState(hardState: HardState): void {
    const isRoleNew = !isSameRole(hardState, this.hardState());
    this.transaction(() => {
      this.#parts.rows.state.writeEpochs(hardState);
      if (isRoleNew) this.#parts.meta.set(ROLE_KEY, encodeRole(hardState));
    });
    const { state, leader, configuration } = hardState;
    this.#role = { state, leader, configuration };
  }

  readRowsAfter(key: string, bytesMax: number): SnapshotRow[] {
    return this.#parts.rows.readAfter(key, bytesMax);
  }

  readRow(key: string): SnapshotRow | undefined {
    return this.#parts.rows.read(key);
  }

  stageSnapshot(slice: SnapshotSlice): void {
    this.#staging.stage(slice);
  }

  stagedCursor(): string | undefined {
    return this.#staging.cursor();
  }

  dropStagedSnapshot(): void {
    this.#staging.drop();
  }

  installSnapshot(zxid: Zxid): void {
    this.#staging.install(this.#parts.rows.state, zxid);
    this.#parts = openParts(this.#db, this.#options);
  }

  confirm(): void {
    this.#parts.rows.state.writeConfirm();
  }

  sessionSeen(): Map<SessionId, SessionSeen> {
    return this.#parts.rows.sessions.seen();
  }

  saveSessionSeen(id: SessionId, seen: SessionSeen): void {
    this.#parts.rows.sessions.saveSeen(id, seen);
  }

  getMeta(key: string): Uint8Array | undefined {
    return this.#parts.meta.get(key);
  }

  setMeta(key: string, value: Uint8Array | undefined): void {
    this.#parts.meta.set(key, value);
  }
}

/** What knows the rows that are served, and remembers some of them. */
interface Parts {
  readonly rows: TreeRows;
  readonly meta: SqlMeta;
  readonly tables: SqlTables;
  readonly log: SqlLog;
}

function openParts(db: SqlDatabase, { governor, logWindow }: SqlStoreOptions): Parts {
  const rows = new TreeRows(db);
  const { state, nodes, sessions, outcomes } = rows;
  const cache = governor ?? new CacheGovernor();
  const tables = new SqlTables({ state, rows: nodes, sessions, outcomes, governor: cache });
  const log = new SqlLog(db, state, tables, logWindow ?? DEFAULT_LOG_WINDOW);
  return { rows, meta: new SqlMeta(db, state), tables, log };
}
