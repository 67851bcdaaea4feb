import type { Zxid } from "../core/zxid.ts";
import type { LogRow } from "./log-row.ts";

/** Bytes that rows weigh in a packet. */
export function bytesOf(rows: readonly LogRow[]): number {
  return rows.reduce((sum, { txns }) => sum + txns.byteLength, 0);
}

/** Splits rows into batches: the rows that end at the same zxid belong together. */
export function batchesOf(rows: readonly LogRow[]): LogRow[][] {
  const batches: LogRow[][] = [];
  for (const row of rows) {
    const batch = batches.at(-1);
    if (batch?.[0]?.lastZxid === row.lastZxid) batch.push(row);
    else batches.push([row]);
  }
  return batches;
}

/** Tells whether these can be the rows of whole batches that follow on `prevZxid`. */
export function areConsecutive(rows: readonly LogRow[], prevZxid: Zxid): boolean {
  let endZxid = prevZxid;
  for (const batch of batchesOf(rows)) {
    const [first] = batch;
    if (first === undefined || first.zxid <= endZxid || first.lastZxid < first.zxid) return false;
    if (!batch.every(({ zxid, part }, at) => zxid === first.zxid && part === at)) return false;
    endZxid = first.lastZxid;
  }
  return true;
}

/**
 * The rows that a log ending at `lastZxid` lacks, of rows that follow on `prevZxid`; undefined if
 * they don't reach back to it: something between is missing, or the log has a tail of its own.
 *
 * Two logs that hold the same zxid are the same up to there: one leader gives out the zxids of an
 * epoch, logs before it sends, and every follower takes rows only behind what they follow on.
 *
 * Source: DSN 2011 §IV.C, prefix of histories.
 */
export function rowsBehind(
  { rows, prevZxid }: { readonly rows: readonly LogRow[]; readonly prevZxid: Zxid },
  lastZxid: Zxid,
): readonly LogRow[] | undefined {
  if (prevZxid === lastZxid) return rows;
  if (!rows.some((row) => row.lastZxid === lastZxid)) return undefined;
  return rows.filter((row) => row.zxid > lastZxid);
}
