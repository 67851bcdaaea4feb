import { LIMITS } from "../../core/limits.ts";

/** Bytes of the length before each frame. */
export const PREFIX_BYTES = 4;

/** Bytes of a frame behind its length, at most; ZooKeeper's `jute.maxbuffer`. */
export const FRAME_BYTES_MAX: number = LIMITS.DATA_BYTES_MAX;

const NO_BYTES = new Uint8Array(0);

/** What a piece of the stream completed. */
export interface Joined {
  /** Whole frames with their lengths, one behind the other; often none. */
  readonly frames: Uint8Array;
  /** The length of the frame behind them, if it is not allowed: the stream ends here. */
  readonly faultyLength?: number;
}

/**
 * Finds the frames in a stream that comes in pieces of any size.
 *
 * Ownership: `frames` is a view of the piece or of a buffer given up here; it is good until the
 * caller lets go of it. A piece is not kept, only copies of what belongs to an unfinished frame,
 * in at most twice the bytes received: a length alone reserves nothing [JU2].
 */
export class FrameJoiner {
  readonly #bytesMax: number;
  /** The bound of the next frame; smaller for the first one than for the rest, where asked. */
  #nextBytesMax: number;
  #pending: Uint8Array = NO_BYTES;
  #pendingLength = 0;
  /** Bytes that must be pending before looking at them again is worth it. */
  #needed = PREFIX_BYTES;

  constructor(bytesMax: number = FRAME_BYTES_MAX, firstBytesMax: number = bytesMax) {
    this.#bytesMax = bytesMax;
    this.#nextBytesMax = firstBytesMax;
  }

  /** Whether the stream so far ends with a whole frame. */
  get isAtBoundary(): boolean {
    return this.#pendingLength === 0;
  }

  /** Takes in the next piece. After a faulty length there is nothing more to join. */
  push(piece: Uint8Array): Joined {
    if (this.#pendingLength === 0) return this.#split(piece);
    this.#append(piece);
    if (this.#pendingLength < this.#needed) return { frames: NO_BYTES };
    const bytes = this.#pending.subarray(0, this.#pendingLength);
    this.#pending = NO_BYTES;
    this.#pendingLength = 0;
    return this.#split(bytes);
  }

  #split(bytes: Uint8Array): Joined {
    let end = 0;
    this.#needed = PREFIX_BYTES;
    while (bytes.length - end >= PREFIX_BYTES) {
      const length = intAt(bytes, end);
      if (length < 0 || length > this.#nextBytesMax) {
        return { frames: bytes.subarray(0, end), faultyLength: length };
      }
      this.#needed = PREFIX_BYTES + length;
      if (bytes.length - end < this.#needed) break;
      end += this.#needed;
      this.#needed = PREFIX_BYTES;
      this.#nextBytesMax = this.#bytesMax;
    }
    if (end < bytes.length) this.#append(bytes.subarray(end));
    return { frames: bytes.subarray(0, end) };
  }

  #append(piece: Uint8Array): void {
    const length = this.#pendingLength + piece.length;
    if (length > this.#pending.length) {
      const grown = new Uint8Array(Math.max(length, 2 * this.#pendingLength));
      grown.set(this.#pending.subarray(0, this.#pendingLength));
      this.#pending = grown;
    }
    this.#pending.set(piece, this.#pendingLength);
    this.#pendingLength = length;
  }
}

/** Reads the 32 bits at `at`, signed; they must be there. */
export function intAt(bytes: Uint8Array, at: number): number {
  const high = ((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16);
  return high | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
}

/** Lists the frames of a {@link Joined}, without their lengths. */
export function framesOf(frames: Uint8Array): Uint8Array[] {
  const list: Uint8Array[] = [];
  let at = 0;
  while (at < frames.length) {
    const start = at + PREFIX_BYTES;
    at = start + intAt(frames, at);
    list.push(frames.subarray(start, at));
  }
  return list;
}
