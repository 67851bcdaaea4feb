import type { LoggedTxn } from "../../src/core/txn.ts";
import { encodeBatch } from "../../src/storage/log-batch.ts";
import type { LogRow } from "../../src/zab/log-row.ts";

/** A txn that changes nothing. */
export function errorAt(zxid: number, timeMs: number = zxid): LoggedTxn {
  return { header: { sessionId: 0, cxid: 0, zxid, timeMs }, txn: { type: "error", code: -101 } };
}

/** One batch of such txns. */
export function batch(first: number, last: number, timeMs: number = last): LogRow[] {
  const txns = [];
  for (let zxid = first; zxid <= last; zxid++) txns.push(errorAt(zxid, timeMs));
  return encodeBatch(txns);
}
