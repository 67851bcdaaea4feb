/**
 * The primitives of ZooKeeper's wire format, written down a second time on purpose: a test that
 * used the service's own codec could not see a mistake in it.
 */
export class Writer {
  readonly #parts: Buffer[] = [];

  int(value: number): this {
    const part = Buffer.alloc(4);
    part.writeInt32BE(value | 0);
    this.#parts.push(part);
    return this;
  }

  long(value: bigint): this {
    const part = Buffer.alloc(8);
    part.writeBigInt64BE(BigInt.asIntN(64, value));
    this.#parts.push(part);
    return this;
  }

  bool(value: boolean): this {
    this.#parts.push(Buffer.from([value ? 1 : 0]));
    return this;
  }

  /** A buffer or a string: length and bytes, −1 for null. */
  bytes(value: Buffer | string | null): this {
    if (value === null) return this.int(-1);
    const part = Buffer.from(value);
    this.int(part.length);
    this.#parts.push(part);
    return this;
  }

  /** Bytes without a length. */
  raw(bytes: Buffer): this {
    this.#parts.push(bytes);
    return this;
  }

  list<T>(values: readonly T[] | null, write: (value: T) => void): this {
    if (values === null) return this.int(-1);
    this.int(values.length);
    values.forEach((value) => write(value));
    return this;
  }

  toBuffer(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

/** Reads what {@link Writer} writes; throws RangeError past the end. */
export class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  int(): number {
    this.#at += 4;
    return this.#bytes.readInt32BE(this.#at - 4);
  }

  long(): bigint {
    this.#at += 8;
    return this.#bytes.readBigInt64BE(this.#at - 8);
  }

  bool(): boolean {
    this.#at += 1;
    return this.#bytes.readInt8(this.#at - 1) !== 0;
  }

  bytes(): Buffer | null {
    const length = this.int();
    if (length < 0) return null;
    if (this.#at + length > this.#bytes.length) throw new RangeError(`${length} bytes announced`);
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  string(): string | null {
    return this.bytes()?.toString("utf8") ?? null;
  }

  list<T>(read: () => T): T[] | null {
    const length = this.int();
    if (length < 0) return null;
    const values: T[] = [];
    for (let index = 0; index < length; index += 1) values.push(read());
    return values;
  }

  /** What nobody has read. */
  rest(): Buffer {
    const rest = this.#bytes.subarray(this.#at);
    this.#at = this.#bytes.length;
    return rest;
  }
}

/** A payload behind its length. */
export function frame(payload: Buffer): Buffer {
  return Buffer.concat([new Writer().int(payload.length).toBuffer(), payload]);
}

/** ZooKeeper's numbers of the requests that clients send. */
export const OPCODE = {
  create: 1,
  delete: 2,
  exists: 3,
  getData: 4,
  setData: 5,
  getACL: 6,
  setACL: 7,
  getChildren: 8,
  sync: 9,
  ping: 11,
  getChildren2: 12,
  check: 13,
  multi: 14,
  create2: 15,
  reconfig: 16,
  checkWatches: 17,
  removeWatches: 18,
  createContainer: 19,
  createTTL: 21,
  multiRead: 22,
  auth: 100,
  setWatches: 101,
  sasl: 102,
  getEphemerals: 103,
  getAllChildrenNumber: 104,
  setWatches2: 105,
  addWatch: 106,
  whoAmI: 107,
  closeSession: -11,
  /** A number that no request has. */
  unknown: 10,
} as const;

/** A name of {@link OPCODE}. */
export type OperationName = keyof typeof OPCODE;
