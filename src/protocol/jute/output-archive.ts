import { assert } from "../../core/assert.ts";

const INITIAL_BYTES = 1_024;
/** Kept between uses; a buffer that grew further was for one large answer. */
const KEPT_BYTES = 65_536;
/** Above this length the platform's encoder is faster than a loop. */
const ASCII_LOOP_LENGTH = 192;
/** The most bytes of UTF-8 that one UTF-16 unit makes. */
const UTF8_BYTES_MAX = 3;
const encoder = new TextEncoder();

/**
 * Writes records of the native protocol into one growing buffer: many frames, one message.
 *
 * Source: ZooKeeper `BinaryOutputArchive`.
 */
export class OutputArchive {
  #bytes: Uint8Array = new Uint8Array(INITIAL_BYTES);
  #view: DataView = new DataView(this.#bytes.buffer);
  #length = 0;
  /** Where the length of the open frame stands; −1 between frames. */
  #frameAt = -1;

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  /** Returns a copy of everything written and starts anew. */
  take(): Uint8Array<ArrayBuffer> {
    assert(this.#frameAt < 0, "taken in the middle of a frame");
    const taken = this.#bytes.slice(0, this.#length) as Uint8Array<ArrayBuffer>;
    this.#length = 0;
    if (this.#bytes.length > KEPT_BYTES) this.#resize(INITIAL_BYTES);
    return taken;
  }

  /** Starts a frame; {@link endFrame} fills in its length. */
  startFrame(): void {
    assert(this.#frameAt < 0, "a frame starts inside another");
    this.#frameAt = this.#length;
    this.int(0);
  }

  /** Ends the frame. Between frames the archive may be taken. */
  endFrame(): void {
    assert(this.#frameAt >= 0, "a frame ends that did not start");
    this.#view.setInt32(this.#frameAt, this.#length - this.#frameAt - 4);
    this.#frameAt = -1;
  }

  /** Takes back what was written behind a {@link length} of before. */
  cut(length: number): void {
    assert(this.#frameAt < 0 && length <= this.#length, "cut where nothing is, or inside a frame");
    this.#length = length;
  }

  bool(value: boolean): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value ? 1 : 0;
  }

  int(value: number): void {
    this.#reserve(4);
    this.#view.setInt32(this.#length, value);
    this.#length += 4;
  }

  /** Writes 64 bits of an integer that a number holds exactly. */
  long(value: number): void {
    assert(Number.isSafeInteger(value), () => `expected an integer below 2^53, saw ${value}`);
    this.#reserve(8);
    const high = Math.floor(value / 0x1_0000_0000);
    this.#view.setInt32(this.#length, high);
    this.#view.setUint32(this.#length + 4, value - high * 0x1_0000_0000);
    this.#length += 8;
  }

  /** Writes 64 bits whole: session ids of other servers use them all. */
  bigLong(value: bigint): void {
    this.#reserve(8);
    this.#view.setBigInt64(this.#length, value);
    this.#length += 8;
  }

  buffer(value: Uint8Array | null): void {
    if (value === null) {
      this.int(-1);
      return;
    }
    this.int(value.length);
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  string(value: string | null): void {
    if (value === null) {
      this.int(-1);
      return;
    }
    this.#reserve(4 + UTF8_BYTES_MAX * value.length);
    const start = this.#length + 4;
    const isWritten = value.length <= ASCII_LOOP_LENGTH && this.#ascii(value, start);
    const length = isWritten
      ? value.length
      : encoder.encodeInto(value, this.#bytes.subarray(start)).written;
    this.#view.setInt32(this.#length, length);
    this.#length = start + length;
  }

  vector<T>(items: readonly T[], writeItem: (archive: this, item: T) => void): void {
    this.int(items.length);
    for (const item of items) writeItem(this, item);
  }

  /** Writes a short text into reserved bytes; false if it is not ASCII. */
  #ascii(value: string, start: number): boolean {
    const bytes = this.#bytes;
    for (let i = 0; i < value.length; i += 1) {
      const unit = value.charCodeAt(i);
      if (unit > 0x7f) return false;
      bytes[start + i] = unit;
    }
    return true;
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed > this.#bytes.length) this.#resize(Math.max(needed, 2 * this.#bytes.length));
  }

  #resize(size: number): void {
    const resized = new Uint8Array(size);
    resized.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = resized;
    this.#view = new DataView(resized.buffer);
  }
}
