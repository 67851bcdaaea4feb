const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** Up to this length a loop over ASCII is faster than the platform's decoder. */
const ASCII_LOOP_LENGTH = 32;

/** Bytes that this layer did not write, or not like this: the storage is damaged or newer. */
export class MalformedBytesError extends Error {
  override readonly name = "MalformedBytesError";
}

/**
 * Reads what {@link ByteWriter} wrote, in the same order.
 *
 * What it returns is copied: nothing keeps the buffer alive or changes with it.
 *
 * @throws MalformedBytesError, from every method, if the bytes end early or make no sense.
 */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Whether everything was read. */
  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  byte(): number {
    const value = this.#bytes[this.#at];
    if (value === undefined) throw new MalformedBytesError(`bytes end early, at ${this.#at}`);
    this.#at++;
    return value;
  }

  unsigned(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
      scale *= 128;
      if (scale > 2 ** 49) throw new MalformedBytesError(`integer too long, at ${this.#at}`);
    }
    if (!Number.isSafeInteger(value)) {
      throw new MalformedBytesError(`integer above 2^53 - 1, at ${this.#at}`);
    }
    return value;
  }

  signed(): number {
    const value = this.unsigned();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  bytes(): Uint8Array | null {
    const length = this.unsigned();
    return length === 0 ? null : this.#take(length - 1).slice();
  }

  /** Reads bytes that may not be null. */
  presentBytes(): Uint8Array {
    const value = this.bytes();
    if (value === null) throw new MalformedBytesError(`expected bytes, saw null, at ${this.#at}`);
    return value;
  }

  string(): string {
    const header = this.unsigned();
    const bytes = this.#take(Math.floor(header / 2));
    if (header % 2 === 1) return readUtf16(bytes);
    const short = bytes.length <= ASCII_LOOP_LENGTH ? readAscii(bytes) : undefined;
    if (short !== undefined) return short;
    try {
      return decoder.decode(bytes);
    } catch {
      // The decoder says only that it failed; the place is what helps.
      throw new MalformedBytesError(`expected UTF-8, at ${this.#at - bytes.length}`);
    }
  }

  #take(length: number): Uint8Array {
    const start = this.#at;
    if (length > this.#bytes.length - start) {
      throw new MalformedBytesError(
        `expected ${length} bytes at ${start}, saw ${this.#bytes.length - start}`,
      );
    }
    this.#at = start + length;
    return this.#bytes.subarray(start, this.#at);
  }
}

function readAscii(bytes: Uint8Array): string | undefined {
  let text = "";
  for (const byte of bytes) {
    if (byte > 0x7f) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}

function readUtf16(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i + 1 < bytes.length; i += 2) {
    text += String.fromCharCode((bytes[i] ?? 0) | ((bytes[i + 1] ?? 0) << 8));
  }
  return text;
}
