import type { SqlDatabase, SqlRow, SqlValue } from "./sql-database.ts";
import { assertRowSize } from "./value-size.ts";

/** A prepared statement of `node:sqlite`, as far as it is used here. */
export interface NodeStatement {
  all(...values: SqlValue[]): unknown[];
  run(...values: SqlValue[]): unknown;
}

/** A `DatabaseSync` of `node:sqlite`, as far as it is used here. The caller opens and closes it. */
export interface NodeDatabase {
  exec(sql: string): void;
  prepare(sql: string): NodeStatement;
}

/**
 * The port over `node:sqlite`. Outside of a transaction each statement commits by itself.
 *
 * Source: Node 24 documentation, `node:sqlite`.
 */
export class NodeSql implements SqlDatabase {
  readonly #db: NodeDatabase;
  readonly #statements = new Map<string, NodeStatement>();
  #depth = 0;

  constructor(db: NodeDatabase) {
    this.#db = db;
  }

  all(sql: string, ...values: readonly SqlValue[]): SqlRow[] {
    return this.#prepare(sql).all(...values) as SqlRow[];
  }

  run(sql: string, ...values: readonly SqlValue[]): void {
    assertRowSize(values);
    this.#prepare(sql).run(...values);
  }

  transaction<T>(body: () => T): T {
    const isOutermost = this.#depth === 0;
    this.#db.exec(isOutermost ? "BEGIN" : "SAVEPOINT inner_transaction");
    this.#depth++;
    try {
      const result = body();
      this.#db.exec(isOutermost ? "COMMIT" : "RELEASE inner_transaction");
      return result;
    } catch (error) {
      // SQLite may have rolled back by itself already; the first error is the one that counts.
      this.#rollback(isOutermost);
      throw error;
    } finally {
      this.#depth--;
    }
  }

  #rollback(isOutermost: boolean): void {
    try {
      this.#db.exec(isOutermost ? "ROLLBACK" : "ROLLBACK TO inner_transaction");
      if (!isOutermost) this.#db.exec("RELEASE inner_transaction");
    } catch {
      // Without an open transaction there is nothing to take back.
    }
  }

  #prepare(sql: string): NodeStatement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}
