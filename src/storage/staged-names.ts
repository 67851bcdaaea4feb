import { TABLE_NAMES } from "./schema.ts";
import type { SqlDatabase, SqlRow, SqlValue } from "./sql-database.ts";

/** What the staged twin of a table is called. */
export function stagedName(table: string): string {
  return `staged_${table}`;
}

/** A table's name where a statement of this layer can have one. */
const NAME = new RegExp(
  `\\b(FROM|INTO|UPDATE|CREATE TABLE|name =) ('?)(${TABLE_NAMES.join("|")})\\b`,
  "g",
);

/**
 * The same database, with every table under its staged name: whatever is built on the port works
 * on a second tree beside the first one. Renaming its tables puts it in the place of the first.
 */
export class StagedNames implements SqlDatabase {
  readonly #db: SqlDatabase;
  /** Statements stay constants, as drivers want them. */
  readonly #statements = new Map<string, string>();

  constructor(db: SqlDatabase) {
    this.#db = db;
  }

  all(sql: string, ...values: readonly SqlValue[]): SqlRow[] {
    return this.#db.all(this.#rename(sql), ...values);
  }

  run(sql: string, ...values: readonly SqlValue[]): void {
    this.#db.run(this.#rename(sql), ...values);
  }

  transaction<T>(body: () => T): T {
    return this.#db.transaction(body);
  }

  #rename(sql: string): string {
    let renamed = this.#statements.get(sql);
    if (renamed === undefined) {
      renamed = sql.replace(NAME, (_, before: string, quote: string, name: string) => {
        return `${before} ${quote}${stagedName(name)}`;
      });
      this.#statements.set(sql, renamed);
    }
    return renamed;
  }
}
