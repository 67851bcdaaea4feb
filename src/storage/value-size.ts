import { assert } from "../core/assert.ts";
import { SQL_VALUE_BYTES_MAX, type SqlValue } from "./sql-database.ts";

/** Asserts that a row of these values fits what production takes; the local runtime takes more. */
export function assertRowSize(values: readonly SqlValue[]): void {
  let bytes = 0;
  for (const value of values) {
    if (value instanceof Uint8Array) bytes += value.length;
    // A UTF-16 unit takes at most three bytes.
    else if (typeof value === "string") bytes += value.length * 3;
  }
  assert(bytes <= SQL_VALUE_BYTES_MAX, "a row is not larger than what production takes");
}
