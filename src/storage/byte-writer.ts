import { AssertionError } from "../core/assert.ts";

const INITIAL_BYTES = 2_048;
/** Above this length the platform's encoder is faster than a loop. */
const ASCII_LOOP_LENGTH = 192;
/** The most bytes of UTF-8 that one UTF-16 unit makes. */
const UTF8_BYTES_MAX = 3;
const encoder = new TextEncoder();

/**
 * Appends values to a growing buffer; the one way in which this layer turns values into bytes.
 *
 * Integers are LEB128 (seven bits a byte, low ones first), exact up to 2^53 − 1; signed ones are
 * zigzagged. Bytes are `length + 1` and the bytes, 0 for null. Strings are `2 · length + kind`,
 * where kind 0 is UTF-8 and kind 1 UTF-16, for strings with a lone surrogate: those come back as
 * they went in, so that a replay sees what the live tree saw.
 */
export class ByteWriter {
  #bytes: Uint8Array = new Uint8Array(INITIAL_BYTES);
  #length = 0;

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  /** Returns a copy of everything written. */
  take(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** A view of everything written, good until more is. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Takes back what was written from `start` on, and returns a copy of it. */
  takeFrom(start: number): Uint8Array {
    const taken = this.#bytes.slice(start, this.#length);
    this.#length = start;
    return taken;
  }

  /** Starts anew, in the same buffer. */
  clear(): void {
    this.#length = 0;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  /** Writes an integer from 0 to 2^53 − 1. */
  unsigned(value: number): void {
    if (!(value >= 0) || !Number.isSafeInteger(value)) {
      throw new AssertionError(`expected an integer from 0 to 2^53 - 1, saw ${value}`);
    }
    this.#reserve(8);
    const bytes = this.#bytes;
    let at = this.#length;
    let rest = value;
    while (rest > 0x7fff_ffff) {
      bytes[at++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    while (rest > 0x7f) {
      bytes[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[at++] = rest;
    this.#length = at;
  }

  /** Writes an integer whose size is below 2^52. */
  signed(value: number): void {
    this.unsigned(value < 0 ? -2 * value - 1 : 2 * value);
  }

  bytes(value: Uint8Array | null): void {
    if (value === null) {
      this.byte(0);
      return;
    }
    this.unsigned(value.length + 1);
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  string(value: string): void {
    if (value.length > ASCII_LOOP_LENGTH || !this.#asciiString(value)) this.#longString(value);
  }

  /** Writes a well-formed text as UTF-8 without its length, and returns how many bytes that is. */
  text(value: string): number {
    const start = this.#length;
    this.#reserve(UTF8_BYTES_MAX * value.length);
    if (value.length > ASCII_LOOP_LENGTH || !this.#ascii(value)) {
      this.#length += encoder.encodeInto(value, this.#bytes.subarray(start)).written;
    }
    return this.#length - start;
  }

  /** Writes a short string of ASCII; false, with nothing written, if it is none. */
  #asciiString(value: string): boolean {
    const start = this.#length;
    this.unsigned(2 * value.length);
    this.#reserve(value.length);
    if (this.#ascii(value)) return true;
    this.#length = start;
    return false;
  }

  /** Writes ASCII into reserved bytes; false, with nothing written, if it is none. */
  #ascii(value: string): boolean {
    const bytes = this.#bytes;
    let at = this.#length;
    for (let i = 0; i < value.length; i++) {
      const unit = value.charCodeAt(i);
      if (unit > 0x7f) return false;
      bytes[at++] = unit;
    }
    this.#length = at;
    return true;
  }

  #longString(value: string): void {
    if (!value.isWellFormed()) {
      this.unsigned(4 * value.length + 1);
      for (let i = 0; i < value.length; i++) {
        const unit = value.charCodeAt(i);
        this.byte(unit & 0xff);
        this.byte(unit >>> 8);
      }
      return;
    }
    const utf8 = encoder.encode(value);
    this.unsigned(2 * utf8.length);
    this.#reserve(utf8.length);
    this.#bytes.set(utf8, this.#length);
    this.#length += utf8.length;
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}
