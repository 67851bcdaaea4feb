import { intAt, PREFIX_BYTES } from "./jute/frame.ts";

/** xid i32, zxid i64, err i32: all of a reply that the pump reads. */
const HEADER_BYTES = 16;

/** The start of a frame that the shard sent. */
export interface FrameStart {
  /** Bytes of the frame behind its length. */
  readonly length: number;
  /** The first 16 bytes of it, zeros where it is shorter; only good until the next one. */
  readonly header: DataView;
}

/**
 * Reads the starts of the frames in a stream that is passed on as it comes: a reply may be large,
 * and no part of it is kept.
 */
export class PumpReplies {
  readonly #start = new Uint8Array(PREFIX_BYTES + HEADER_BYTES);
  readonly #header = new DataView(this.#start.buffer, PREFIX_BYTES);
  #startLength = 0;
  /** Bytes of the current frame behind its start that were not seen yet. */
  #rest = 0;

  /** Whether the stream so far ends with a whole frame, so that another may be put in. */
  get isAtBoundary(): boolean {
    return this.#startLength === 0 && this.#rest === 0;
  }

  /**
   * Takes in the next piece and reports each frame whose start is complete now.
   *
   * @returns false if a length is negative: that is no stream of frames.
   */
  push(piece: Uint8Array, report: (start: FrameStart) => void): boolean {
    let at = 0;
    while (at < piece.length) {
      if (this.#rest > 0) {
        const skipped = Math.min(this.#rest, piece.length - at);
        this.#rest -= skipped;
        at += skipped;
        continue;
      }
      const end = Math.min(piece.length, at + this.#wanted() - this.#startLength);
      // A handful of bytes: by themselves they are copied sooner than as an array.
      for (; at < end; at += 1) {
        this.#start[this.#startLength] = piece[at] ?? 0;
        this.#startLength += 1;
      }
      if (this.#startLength < this.#wanted()) continue;
      const length = intAt(this.#start, 0);
      if (length < 0) return false;
      this.#rest = length + PREFIX_BYTES - this.#startLength;
      this.#start.fill(0, this.#startLength);
      this.#startLength = 0;
      report({ length, header: this.#header });
    }
    return true;
  }

  /** Bytes of the start: of its length first, then of what the length leaves of a header. */
  #wanted(): number {
    if (this.#startLength < PREFIX_BYTES) return PREFIX_BYTES;
    const length = intAt(this.#start, 0);
    return PREFIX_BYTES + Math.max(0, Math.min(HEADER_BYTES, length));
  }
}
