import { DatabaseSync } from "node:sqlite";
import { CacheGovernor } from "../../src/storage/cache-governor.ts";
import type { LogWindow } from "../../src/storage/log-window.ts";
import { NodeSql } from "../../src/storage/node-sql.ts";
import type { SqlDatabase, SqlRow, SqlValue } from "../../src/storage/sql-database.ts";
import { SqlStore } from "../../src/storage/sql-store.ts";
import type { Store } from "../../src/storage/store.ts";
import type { Medium } from "./disk.ts";

interface Write {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/** Settled turns that are kept as statements before they go into the image. */
const SETTLED_TURNS_MAX = 2_000;

/**
 * SQLite in memory under the production store, with the statements of each turn on record: a crash
 * plays those that survive on the last image, and nothing is copied while nobody crashes.
 */
export class SqlMedium implements Medium {
  #handle: DatabaseSync;
  #database: RecordingDatabase;
  /** The database before `#turns`; undefined = empty. */
  #image: Uint8Array | undefined;
  #turns: (readonly Write[])[] = [];
  #settled = 0;

  constructor() {
    this.#handle = new DatabaseSync(":memory:");
    this.#database = new RecordingDatabase(this.#handle);
  }

  get isTouched(): boolean {
    return this.#database.writes.length > 0;
  }

  open(logWindow: LogWindow, cacheBytes: number): Store {
    return new SqlStore(this.#database, { governor: new CacheGovernor(cacheBytes), logWindow });
  }

  endTurn(): boolean {
    if (!this.isTouched) return false;
    this.#turns.push(this.#database.writes);
    this.#database.writes = [];
    return true;
  }

  settle(turns: number): void {
    this.#settled += turns;
    if (this.#settled !== this.#turns.length || this.#settled < SETTLED_TURNS_MAX) return;
    this.#image = this.#handle.serialize();
    this.#turns = [];
    this.#settled = 0;
  }

  crash(turns: number): void {
    const kept = this.#turns.slice(0, this.#settled + turns);
    this.#handle.close();
    this.#handle = new DatabaseSync(":memory:");
    if (this.#image !== undefined) this.#handle.deserialize(this.#image);
    const database = new RecordingDatabase(this.#handle);
    database.transaction(() => {
      for (const { sql, values } of kept.flat()) database.run(sql, ...values);
    });
    database.writes = [];
    this.#database = database;
    this.#image = kept.length === 0 ? this.#image : this.#handle.serialize();
    this.#turns = [];
    this.#settled = 0;
  }
}

/** The port, with a record of what was written and not taken back. */
class RecordingDatabase implements SqlDatabase {
  writes: Write[] = [];
  readonly #sql: NodeSql;

  constructor(handle: DatabaseSync) {
    this.#sql = new NodeSql(handle);
  }

  all(sql: string, ...values: readonly SqlValue[]): SqlRow[] {
    return this.#sql.all(sql, ...values);
  }

  run(sql: string, ...values: readonly SqlValue[]): void {
    this.#sql.run(sql, ...values);
    // Buffers may be used again by whoever wrote them.
    this.writes.push({ sql, values: values.map((v) => (v instanceof Uint8Array ? v.slice() : v)) });
  }

  transaction<T>(body: () => T): T {
    const before = this.writes.length;
    try {
      return this.#sql.transaction(body);
    } catch (error) {
      this.writes.length = before;
      throw error;
    }
  }
}
