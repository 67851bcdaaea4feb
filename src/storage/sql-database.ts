/** A value that SQLite stores and every driver agrees on. Numbers are exact below 2^53. */
export type SqlValue = string | number | Uint8Array | null;

/** One row: columns by name. Blobs come back as Uint8Array from every driver. */
export type SqlRow = Record<string, SqlValue>;

/**
 * The port to SQLite: three methods, all synchronous.
 *
 * `sql` is always a constant string (drivers cache statements by it). Blobs above
 * {@link SQL_VALUE_BYTES_MAX} are refused here because production refuses them at 2 MB while the
 * local runtime takes 4.
 */
export interface SqlDatabase {
  /** Runs a statement and returns its rows. */
  all(sql: string, ...values: readonly SqlValue[]): SqlRow[];
  /** Runs a statement for its effect. */
  run(sql: string, ...values: readonly SqlValue[]): void;
  /** Runs `body` as one transaction; an exception rolls it back and passes on. Never async. */
  transaction<T>(body: () => T): T;
}

/** The largest blob or string in one row, bytes; production's limit is 2 MB for the whole row. */
export const SQL_VALUE_BYTES_MAX = 1_900_000;
