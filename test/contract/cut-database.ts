import { DatabaseSync } from "node:sqlite";
import { NodeSql } from "../../src/storage/node-sql.ts";
import type { SqlDatabase, SqlRow, SqlValue } from "../../src/storage/sql-database.ts";

/** Thrown in place of the statement at which the power went. */
export class PowerCut extends Error {
  override readonly name = "PowerCut";
}

/**
 * When a turn's statements become durable. `statement`: each by itself, as in a file under Node.
 * `turn`: all of a turn at its end, as in a Durable Object.
 */
export type Durability = "statement" | "turn";

/**
 * A database that loses power at a chosen statement that writes, before it or right behind it.
 * What was not committed by then is gone. It survives itself: {@link restore} brings it back.
 */
export class CutDatabase implements SqlDatabase {
  readonly #handle = new DatabaseSync(":memory:");
  readonly #sql = new NodeSql(this.#handle);
  readonly #durability: Durability;
  #writes = 0;
  #cutAt = Number.POSITIVE_INFINITY;
  #isCut = false;

  constructor(durability: Durability) {
    this.#durability = durability;
  }

  /** Statements that wrote so far. */
  get writes(): number {
    return this.#writes;
  }

  /** Cuts the power at the given write: `n` before it, `n + 0.5` right behind it. */
  cutAt(write: number): void {
    this.#cutAt = write;
  }

  /** Power is back; nothing of what ran before may be used any more. */
  restore(): void {
    this.#isCut = false;
    this.#cutAt = Number.POSITIVE_INFINITY;
  }

  /** Runs one turn of the object; with a `turn`'s durability it commits at its end. */
  turn(body: () => void): void {
    if (this.#durability === "statement") body();
    else this.#sql.transaction(body);
  }

  all(sql: string, ...values: readonly SqlValue[]): SqlRow[] {
    if (this.#isCut) throw new PowerCut();
    return this.#sql.all(sql, ...values);
  }

  run(sql: string, ...values: readonly SqlValue[]): void {
    this.#writes++;
    if (this.#isCut || this.#writes === this.#cutAt) this.#cut();
    this.#sql.run(sql, ...values);
    if (this.#writes + 0.5 === this.#cutAt) this.#cut();
  }

  transaction<T>(body: () => T): T {
    return this.#sql.transaction(body);
  }

  #cut(): never {
    this.#isCut = true;
    throw new PowerCut();
  }
}
