import { intAt } from "./frame.ts";
import { decodeText } from "./text.ts";

/** What reading an empty or overrun place yields; shared, as it has no bytes to change. */
const NO_BYTES = new Uint8Array(0);

/**
 * Reads a record of the native protocol, field by field, and never beyond its bytes.
 *
 * A fault sticks: behind it every read yields zero or empty and every vector ends, so that a
 * reader of records needs no checks of its own. Whoever read a record asks for {@link fault} once,
 * at its end, before anything read is used.
 *
 * Source: ZooKeeper `BinaryInputArchive`.
 */
export class InputArchive {
  readonly #bytes: Uint8Array;
  #at = 0;
  #fault: string | undefined;
  #isTruncated = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** What was wrong first; undefined while all is well. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** Whether the bytes ended before the record, or had an impossible length. */
  get isTruncated(): boolean {
    return this.#isTruncated;
  }

  /** Bytes not read yet; trailing bytes of a request are not an error. */
  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  /** Notes that what was read is not acceptable. What follows is still read as it stands. */
  refuse(fault: string): void {
    this.#fault ??= fault;
  }

  /** Moves behind `expected`, if that is what comes next. */
  skip(expected: Uint8Array): boolean {
    const at = this.#at;
    if (this.#isTruncated || expected.length > this.remaining) return false;
    for (let i = 0; i < expected.length; i += 1) {
      if (this.#bytes[at + i] !== expected[i]) return false;
    }
    this.#at = at + expected.length;
    return true;
  }

  bool(): boolean {
    const at = this.#take(1);
    return at >= 0 && this.#bytes[at] !== 0;
  }

  int(): number {
    const at = this.#take(4);
    return at < 0 ? 0 : intAt(this.#bytes, at);
  }

  /**
   * Reads 64 bits as a number. What is beyond ±(2^53 − 1) becomes that bound: no zxid, session or
   * TTL of ours is there, so it stays ahead, unknown or too large [JU6].
   */
  long(): number {
    const at = this.#take(8);
    if (at < 0) return 0;
    const value = intAt(this.#bytes, at) * 0x1_0000_0000 + (intAt(this.#bytes, at + 4) >>> 0);
    if (Number.isSafeInteger(value)) return value;
    return value < 0 ? Number.MIN_SAFE_INTEGER : Number.MAX_SAFE_INTEGER;
  }

  /** Reads 64 bits whole: session ids of other servers use them all. */
  bigLong(): bigint {
    const at = this.#take(8);
    if (at < 0) return 0n;
    return (BigInt(intAt(this.#bytes, at)) << 32n) | BigInt(intAt(this.#bytes, at + 4) >>> 0);
  }

  /** Reads bytes, null where the length is −1. The result is a copy: the frame is not kept. */
  buffer(): Uint8Array | null {
    const bytes = this.#counted();
    // Not `slice`, which in Node's subclass of Uint8Array copies nothing.
    return bytes === null ? null : new Uint8Array(bytes);
  }

  /** Reads a text, null where the length is −1. */
  string(): string | null {
    const bytes = this.#counted();
    return bytes === null ? null : decodeText(bytes);
  }

  /**
   * Reads a vector, null where the count is −1.
   *
   * @param itemBytesMin - what the smallest item takes: a count that cannot be there is refused
   *   before anything is made for it [JU3].
   */
  vector<T>(itemBytesMin: number, readItem: (archive: InputArchive) => T): T[] | null {
    const count = this.int();
    if (count === -1) return null;
    const items: T[] = [];
    if (count * itemBytesMin > this.remaining) {
      this.#truncate(`expected ${count} items at ${this.#at}, saw ${this.remaining} bytes`);
    }
    for (let index = 0; index < count && !this.#isTruncated; index += 1) items.push(readItem(this));
    return items;
  }

  #counted(): Uint8Array | null {
    const length = this.int();
    if (length === -1) return null;
    if (length < 0) {
      this.#truncate(`expected a length at ${this.#at - 4}, saw ${length}`);
      return NO_BYTES;
    }
    const at = this.#take(length);
    return at < 0 ? NO_BYTES : this.#bytes.subarray(at, at + length);
  }

  /** Moves on by `length` bytes. @returns where they start; −1 if they are not there. */
  #take(length: number): number {
    const at = this.#at;
    if (length > this.remaining) {
      this.#truncate(`expected ${length} bytes at ${at}, saw ${this.remaining}`);
    }
    if (this.#isTruncated) return -1;
    this.#at = at + length;
    return at;
  }

  #truncate(fault: string): void {
    this.#fault ??= fault;
    this.#isTruncated = true;
  }
}
