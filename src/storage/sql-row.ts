import { AssertionError } from "../core/assert.ts";
import type { SqlRow } from "./sql-database.ts";

/** Returns a number of a row; asserts that it is one. */
export function getNumber(row: SqlRow, column: string): number {
  const value = row[column];
  if (typeof value !== "number") throw wrongType(column, "a number", value);
  return value;
}

/** Returns a text of a row; asserts that it is one. */
export function getText(row: SqlRow, column: string): string {
  const value = row[column];
  if (typeof value !== "string") throw wrongType(column, "text", value);
  return value;
}

/** Returns a blob of a row; asserts that it is one. */
export function getBlob(row: SqlRow, column: string): Uint8Array {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw wrongType(column, "a blob", value);
  return value;
}

function wrongType(column: string, expected: string, value: unknown): AssertionError {
  return new AssertionError(`expected ${expected} in column ${column}, saw ${typeof value}`);
}
