import type { Data, Znode } from "../client/index.ts";

/**
 * How a number is written.
 *
 * - `text`: decimal digits, as kazoo's `Counter` does.
 * - `int32`: four bytes, as Curator's `SharedCount` and kazoo's `Counter(support_curator=True)` do.
 * - `int64`: eight bytes, as Curator's `DistributedAtomicLong` does.
 */
export type NumberEncoding = "text" | "int32" | "int64";

/** Reads a number; no data at all are 0. @throws RangeError for what is none. */
export function numberOf({ data, text }: Znode, encoding: NumberEncoding): number {
  if (data === null || data.length === 0) return 0;
  const number = encoding === "text" ? Number(text) : integerOf(data, encoding);
  if (!Number.isSafeInteger(number)) {
    const seen = encoding === "text" ? `"${text.slice(0, 40)}"` : `${data.length} bytes`;
    throw new RangeError(`expected a counter, saw ${seen}`);
  }
  return number;
}

/** Writes a number. @throws RangeError for one that the encoding has no place for. */
export function encodeNumber(number: number, encoding: NumberEncoding): Data {
  if (!Number.isSafeInteger(number)) {
    throw new RangeError(`expected a safe integer, saw ${number}`);
  }
  if (encoding === "text") return String(number);
  const view = new DataView(new ArrayBuffer(SIZES[encoding]));
  if (encoding === "int64") view.setBigInt64(0, BigInt(number));
  else if (number === (number | 0)) view.setInt32(0, number);
  else throw new RangeError(`expected a number of 32 bits, saw ${number}`);
  return new Uint8Array(view.buffer);
}

const SIZES = { int32: 4, int64: 8 } as const;

function integerOf(data: Uint8Array, encoding: "int32" | "int64"): number {
  if (data.length !== SIZES[encoding]) return Number.NaN;
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  return encoding === "int32" ? view.getInt32(0) : Number(view.getBigInt64(0));
}
