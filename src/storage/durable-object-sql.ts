import type { SqlDatabase, SqlRow, SqlValue } from "./sql-database.ts";
import { assertRowSize } from "./value-size.ts";

/** A row as the platform returns it: blobs are ArrayBuffers. */
type PlatformRow = Record<string, string | number | ArrayBuffer | null>;

/** `ctx.storage` of a Durable Object with SQLite, as far as it is used here. */
export interface DurableObjectStorageSql {
  readonly sql: {
    exec(
      sql: string,
      ...values: SqlValue[]
    ): { toArray(): PlatformRow[]; readonly rowsWritten: number };
    readonly databaseSize: number;
  };
  transactionSync<T>(body: () => T): T;
}

/**
 * The port over a Durable Object's storage. What one turn writes commits as one, whether in a
 * transaction or not, and the output gate holds whatever is sent behind it.
 *
 * Source: Cloudflare Durable Objects, SQLite-backed storage API, compatibility date 2026-11-01.
 */
export class DurableObjectSql implements SqlDatabase {
  readonly #storage: DurableObjectStorageSql;
  #rowsWritten = 0;

  constructor(storage: DurableObjectStorageSql) {
    this.#storage = storage;
  }

  /** Rows written since this was made, as the platform bills them. */
  get rowsWritten(): number {
    return this.#rowsWritten;
  }

  /** Bytes of the database file. */
  get databaseBytes(): number {
    return this.#storage.sql.databaseSize;
  }

  all(sql: string, ...values: readonly SqlValue[]): SqlRow[] {
    return this.#storage.sql
      .exec(sql, ...values)
      .toArray()
      .map(toSqlRow);
  }

  run(sql: string, ...values: readonly SqlValue[]): void {
    assertRowSize(values);
    this.#rowsWritten += this.#storage.sql.exec(sql, ...values).rowsWritten;
  }

  transaction<T>(body: () => T): T {
    return this.#storage.transactionSync(body);
  }
}

function toSqlRow(row: PlatformRow): SqlRow {
  for (const column in row) {
    const value = row[column];
    // The row is ours alone, and so is each blob in it: both are copies of what SQLite has.
    if (value instanceof ArrayBuffer) Object.assign(row, { [column]: new Uint8Array(value) });
  }
  return row as SqlRow;
}
