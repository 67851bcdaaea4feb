/**
 * Frames of ZooKeeper's protocol, made once and sent again and again with another xid and another
 * number in the path: no codec is in the way of the load. Source: ZooKeeper `zookeeper.jute`.
 */

const OPEN_ACL = [int(1), int(31), text("world"), text("anyone")];
const DATA = buffer(Buffer.alloc(100, "x"));
const ANY_VERSION = int(-1);
const PERSISTENT = int(0);
const PERSISTENT_SEQUENTIAL = int(2);

/** Digits that {@link writeNumber} writes. */
export const DIGITS = 10;
const ZEROS = "0".repeat(DIGITS);

/** Where the xid of a request stands in its frame. */
export const XID_AT = 4;

/** A request that is sent many times. */
export interface RequestFrame {
  readonly bytes: Buffer;
  /** Where the number in its path starts; undefined for a path without one. */
  readonly numberAt: number | undefined;
}

/** Opens a session of 30 s. */
export const CONNECT: Buffer = framed([
  Buffer.concat([int(0), Buffer.alloc(8), int(30_000), Buffer.alloc(8)]),
  buffer(Buffer.alloc(16)),
  Buffer.alloc(1),
]);

/** Closes the session. */
export const CLOSE_SESSION: Buffer = framed([int(0), int(-11)]);

/** Creates `path`. */
export function createFrame(path: string): RequestFrame {
  return request(1, path, [DATA, ...OPEN_ACL, PERSISTENT]);
}

/** Creates a child of `parent` whose name is a number. */
export function createChildFrame(parent: string): RequestFrame {
  return createFrame(`${parent}/${ZEROS}`);
}

/** Creates a sequential child of `parent`. */
export function createSequentialFrame(parent: string): RequestFrame {
  return request(1, `${parent}/n-`, [DATA, ...OPEN_ACL, PERSISTENT_SEQUENTIAL]);
}

/** Sets the data of a child of `parent` whose name is a number. */
export function setDataFrame(parent: string): RequestFrame {
  return request(5, `${parent}/${ZEROS}`, [DATA, ANY_VERSION]);
}

/** Gets the data of a child of `parent` whose name is a number, without a watch. */
export function getDataFrame(parent: string): RequestFrame {
  return request(4, `${parent}/${ZEROS}`, [Buffer.alloc(1)]);
}

/** Writes a number into the path of a frame that starts at `at`. */
export function writeNumber(frames: Buffer, at: number, value: number): void {
  let rest = value;
  for (let digit = DIGITS - 1; digit >= 0; digit -= 1) {
    frames[at + digit] = 0x30 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
}

function request(type: number, path: string, body: readonly Buffer[]): RequestFrame {
  const bytes = framed([int(0), int(type), text(path), ...body]);
  const pathAt = XID_AT + 4 + 4 + 4;
  const numberAt = path.endsWith(ZEROS) ? pathAt + path.length - DIGITS : undefined;
  return { bytes, numberAt };
}

function framed(parts: readonly Buffer[]): Buffer {
  return buffer(Buffer.concat(parts));
}

function text(value: string): Buffer {
  return buffer(Buffer.from(value));
}

function buffer(bytes: Buffer): Buffer {
  return Buffer.concat([int(bytes.length), bytes]);
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}
