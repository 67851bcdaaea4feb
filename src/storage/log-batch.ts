import { assert } from "../core/assert.ts";
import type { LoggedTxn } from "../core/txn.ts";
import { formatZxid, type Zxid } from "../core/zxid.ts";
import { MalformedBytesError } from "./byte-reader.ts";
import { LOG_ROW_BYTES_MAX, type LogRow } from "../zab/log-row.ts";
import { decodeTxns, TxnEncoder } from "./txn-codec.ts";

/**
 * Turns the txns of one turn into rows of the log.
 *
 * As many txns as fit into a row make one batch of one row. A txn that is too big for a row is a
 * batch of its own, continued in further parts; so the log can be cut and resumed at every row
 * whose `part` is 0.
 *
 * @param txns - in the order of their zxids, which ascend.
 */
export function encodeBatch(txns: readonly LoggedTxn[]): LogRow[] {
  const rows: LogRow[] = [];
  let start = 0;
  let encoder = new TxnEncoder();
  for (const [i, logged] of txns.entries()) {
    const before = encoder.length;
    encoder.add(logged);
    if (encoder.length <= LOG_ROW_BYTES_MAX || i === start) continue;
    pushRows(rows, txns.slice(start, i), encoder.take().subarray(0, before));
    start = i;
    encoder = new TxnEncoder();
    encoder.add(logged);
  }
  if (start < txns.length) pushRows(rows, txns.slice(start), encoder.take());
  return rows;
}

function pushRows(rows: LogRow[], txns: readonly LoggedTxn[], bytes: Uint8Array): void {
  const first = txns[0];
  const last = txns.at(-1);
  assert(first !== undefined && last !== undefined, "a batch holds at least one txn");
  const { zxid, timeMs } = { zxid: first.header.zxid, timeMs: last.header.timeMs };
  const lastZxid = last.header.zxid;
  for (let at = 0, part = 0; at < bytes.length; at += LOG_ROW_BYTES_MAX, part++) {
    const end = Math.min(bytes.length, at + LOG_ROW_BYTES_MAX);
    rows.push({ zxid, part, lastZxid, timeMs, txns: bytes.subarray(at, end) });
  }
}

/**
 * Reads whole batches back, in order.
 *
 * @throws MalformedBytesError that names the zxid of the batch, if a part is missing, the bytes
 *   make no sense, or zxids do not ascend from the row's first to its last.
 */
export function decodeBatches(rows: readonly LogRow[]): LoggedTxn[] {
  const txns: LoggedTxn[] = [];
  for (let at = 0; at < rows.length;) {
    const parts = batchAt(rows, at);
    for (const logged of decodeBatch(parts)) txns.push(logged);
    at += parts.length;
  }
  return txns;
}

/** Returns the rows of the batch that starts at `at`. */
function batchAt(rows: readonly LogRow[], at: number): LogRow[] {
  const parts: LogRow[] = [];
  const zxid = rows[at]?.zxid;
  for (let i = at; i < rows.length; i++) {
    const row = rows[i];
    if (row === undefined || row.zxid !== zxid) break;
    if (row.part !== parts.length) {
      throw malformed(row.zxid, `expected part ${parts.length}, saw ${row.part}`);
    }
    parts.push(row);
  }
  return parts;
}

function decodeBatch(parts: readonly LogRow[]): LoggedTxn[] {
  const [first] = parts;
  assert(first !== undefined, "a batch has at least one row");
  let txns: LoggedTxn[];
  try {
    txns = decodeTxns(parts.length === 1 ? first.txns : join(parts));
  } catch (error) {
    // The codec knows the place inside the batch; which batch it was is known here.
    if (error instanceof MalformedBytesError) throw malformed(first.zxid, error.message);
    throw error;
  }
  let zxid = first.zxid - 1;
  for (const { header } of txns) {
    if (header.zxid <= zxid) throw malformed(header.zxid, "zxid does not ascend");
    zxid = header.zxid;
  }
  if (txns[0]?.header.zxid !== first.zxid || zxid !== first.lastZxid) {
    throw malformed(first.zxid, `expected to end at ${formatZxid(first.lastZxid)}`);
  }
  return txns;
}

function join(parts: readonly LogRow[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.txns.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part.txns, at);
    at += part.txns.length;
  }
  return bytes;
}

function malformed(zxid: Zxid, reason: string): MalformedBytesError {
  return new MalformedBytesError(`log batch at ${formatZxid(zxid)}: ${reason}`);
}
