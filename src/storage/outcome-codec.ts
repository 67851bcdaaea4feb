import { unreachable } from "../core/assert.ts";
import type { Code } from "../core/keeper-error.ts";
import type { Stat } from "../core/stat.ts";
import type { TxnOutcome, TxnResult } from "../core/txn.ts";
import { ByteReader, MalformedBytesError } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";

/**
 * What is remembered under an idempotency key, as bytes:
 *
 *     outcome  version=1, zxid, dueMs, result
 *     result   type, body by type; a multi is a count and its results
 */
const FORMAT_VERSION = 1;

const TYPES = [
  "create",
  "setData",
  "setACL",
  "delete",
  "check",
  "multi",
  "error",
  "createSession",
  "closeSession",
] as const satisfies readonly TxnResult["type"][];

export function encodeOutcome({ zxid, dueMs, result }: TxnOutcome): Uint8Array {
  const writer = new ByteWriter();
  writer.byte(FORMAT_VERSION);
  writer.unsigned(zxid);
  writer.unsigned(dueMs);
  writeResult(writer, result);
  return writer.take();
}

/** @throws MalformedBytesError if the bytes are no outcome of a version that this code knows. */
export function decodeOutcome(bytes: Uint8Array): TxnOutcome {
  const reader = new ByteReader(bytes);
  const version = reader.byte();
  if (version !== FORMAT_VERSION) {
    throw new MalformedBytesError(`expected outcome format ${FORMAT_VERSION}, saw ${version}`);
  }
  const zxid = reader.unsigned();
  const dueMs = reader.unsigned();
  return { zxid, dueMs, result: readResult(reader) };
}

function writeResult(writer: ByteWriter, result: TxnResult): void {
  writer.byte(TYPES.indexOf(result.type));
  switch (result.type) {
    case "create":
    case "setData":
    case "setACL":
      writer.string(result.path);
      writeStat(writer, result.stat);
      return;
    case "delete":
    case "check":
      writer.string(result.path);
      return;
    case "multi":
      writer.unsigned(result.results.length);
      for (const part of result.results) writeResult(writer, part);
      return;
    case "error":
      writer.signed(result.code);
      return;
    case "createSession":
    case "closeSession":
      return;
    default:
      unreachable(result);
  }
}

function readResult(reader: ByteReader): TxnResult {
  const byte = reader.byte();
  const type = TYPES[byte];
  switch (type) {
    case "create":
    case "setData":
    case "setACL":
      return { type, path: reader.string(), stat: readStat(reader) };
    case "delete":
    case "check":
      return { type, path: reader.string() };
    case "multi": {
      const results: TxnResult[] = [];
      for (let count = reader.unsigned(); count > 0; count--) results.push(readResult(reader));
      return { type, results };
    }
    case "error":
      return { type, code: reader.signed() as Code };
    case "createSession":
    case "closeSession":
      return { type };
    case undefined:
      throw new MalformedBytesError(`unknown result type ${byte}`);
    default:
      return unreachable(type);
  }
}

function writeStat(writer: ByteWriter, stat: Stat): void {
  writer.unsigned(stat.czxid);
  writer.unsigned(stat.mzxid);
  writer.unsigned(stat.pzxid);
  writer.unsigned(stat.ctime);
  writer.unsigned(stat.mtime);
  writer.signed(stat.version);
  writer.signed(stat.cversion);
  writer.signed(stat.aversion);
  writer.unsigned(stat.ephemeralOwner);
  writer.unsigned(stat.dataLength);
  writer.unsigned(stat.numChildren);
}

function readStat(reader: ByteReader): Stat {
  return {
    czxid: reader.unsigned(),
    mzxid: reader.unsigned(),
    pzxid: reader.unsigned(),
    ctime: reader.unsigned(),
    mtime: reader.unsigned(),
    version: reader.signed(),
    cversion: reader.signed(),
    aversion: reader.signed(),
    ephemeralOwner: reader.unsigned(),
    dataLength: reader.unsigned(),
    numChildren: reader.unsigned(),
  };
}
