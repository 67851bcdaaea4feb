import type { SqlDatabase } from "./sql-database.ts";
import { getBlob } from "./sql-row.ts";
import type { SqlState } from "./sql-state.ts";

const SELECT = "SELECT value FROM meta WHERE key = ?";
const UPSERT =
  "INSERT INTO meta (key, value) VALUES (?, ?) " +
  "ON CONFLICT (key) DO UPDATE SET value = excluded.value";
const DELETE = "DELETE FROM meta WHERE key = ?";

/** Small named values of the shard, each written at once. */
export class SqlMeta {
  readonly #db: SqlDatabase;
  readonly #state: SqlState;

  constructor(db: SqlDatabase, state: SqlState) {
    this.#db = db;
    this.#state = state;
  }

  get(key: string): Uint8Array | undefined {
    if (!this.#state.exists) return undefined;
    const [row] = this.#db.all(SELECT, key);
    return row === undefined ? undefined : getBlob(row, "value");
  }

  /** Sets a value, or removes it. */
  set(key: string, value: Uint8Array | undefined): void {
    if (value !== undefined) this.#state.write(() => this.#db.run(UPSERT, key, value));
    else if (this.#state.exists) this.#db.run(DELETE, key);
  }
}
