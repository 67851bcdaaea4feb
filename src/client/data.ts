import type { NativeStat } from "../protocol/jute/decode-reply.ts";

/** What may be written: text goes as UTF-8; null is no data, which is not the same as none. */
export type Data = Uint8Array | string | null;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The bytes that are written for `data`. */
export function bytesOf(data: Data): Uint8Array | null {
  return typeof data === "string" ? encoder.encode(data) : data;
}

/**
 * The data of a znode with its Stat.
 *
 * @example
 * ```ts
 * const { text, stat } = await zk.get("/color");
 * if (text === "blue") await zk.set("/color", "green", stat.version);
 * ```
 */
export class Znode {
  /** Null where none was ever written. */
  readonly data: Uint8Array | null;
  readonly stat: NativeStat;

  constructor(data: Uint8Array | null, stat: NativeStat) {
    this.data = data;
    this.stat = stat;
  }

  /** The data as UTF-8; "" for null. */
  get text(): string {
    return this.data === null ? "" : decoder.decode(this.data);
  }

  /** The data as JSON. @throws SyntaxError if it is none. */
  json(): unknown {
    return JSON.parse(this.text) as unknown;
  }
}
