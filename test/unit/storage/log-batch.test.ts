import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OPEN_ACL_UNSAFE } from "../../../src/core/acl.ts";
import type { CreateTxn, LoggedTxn } from "../../../src/core/txn.ts";
import { decodeBatches, encodeBatch } from "../../../src/storage/log-batch.ts";
import { LOG_ROW_BYTES_MAX, type LogRow } from "../../../src/zab/log-row.ts";
import { loggedTxns } from "./txn-arbitraries.ts";

const MIB = 1_048_576;

function create(length: number): CreateTxn {
  return {
    type: "create",
    path: `/n${length}`,
    data: new Uint8Array(length).fill(length % 251),
    acl: OPEN_ACL_UNSAFE,
    parentAcl: OPEN_ACL_UNSAFE,
    kind: 0,
    ephemeralOwner: 0,
    ttlMs: 0,
    parentCreateCounter: 1,
  };
}

function logged(zxid: number, txn: LoggedTxn["txn"]): LoggedTxn {
  return { header: { sessionId: 0, cxid: 0, zxid, timeMs: 1_000 + zxid }, txn };
}

/** Whether rows are within bounds, parts follow each other and batches ascend. */
function isWellShaped(rows: readonly LogRow[]): boolean {
  return rows.every((row, i) => {
    const before = rows[i - 1];
    const follows =
      row.part > 0
        ? before?.zxid === row.zxid && before.part === row.part - 1
        : before === undefined || before.lastZxid < row.zxid;
    return follows && row.txns.length <= LOG_ROW_BYTES_MAX;
  });
}

describe("rows of the log", () => {
  it("[ST3] any txns come back from their rows", () => {
    fc.assert(
      fc.property(loggedTxns, (txns) => {
        const rows = encodeBatch(txns);
        expect(isWellShaped(rows)).toBe(true);
        expect(decodeBatches(rows)).toEqual(txns);
      }),
    );
  });

  it("[ST3] a batch is named by its first and last zxid and the time of the last", () => {
    const rows = encodeBatch([logged(5, create(1)), logged(9, create(2))]);
    const keys = rows.map(({ zxid, part, lastZxid, timeMs }) => [zxid, part, lastZxid, timeMs]);
    expect(keys).toEqual([[5, 0, 9, 1_009]]);
  });

  it.each([
    [1_048_575, 1],
    [LOG_ROW_BYTES_MAX - 100, 1],
    [LOG_ROW_BYTES_MAX, 2],
    [2 * LOG_ROW_BYTES_MAX - 100, 2],
    [2 * LOG_ROW_BYTES_MAX, 3],
    [4 * MIB, 3],
  ])("[ST4] a txn of %i bytes takes %i rows", (length, count) => {
    const multi = logged(7, { type: "multi", txns: [create(length - 10), create(3)] });
    const rows = encodeBatch([multi]);
    expect(isWellShaped(rows)).toBe(true);
    expect(rows.length).toBe(count);
    expect(rows.every((row) => row.zxid === 7 && row.lastZxid === 7)).toBe(true);
    expect(isDeepStrictEqual(decodeBatches(rows), [multi])).toBe(true);
  });

  it("[ST4] only a txn that is too big for a row continues in another", () => {
    const sizes = [MIB, MIB, 10, 4 * MIB, 10, MIB - 10, 700_000, 700_000, 99_900, 200];
    const txns = sizes.map((size, i) => logged(i + 1, create(size)));
    const rows = encodeBatch(txns);
    expect(isWellShaped(rows)).toBe(true);
    expect(rows.map(({ zxid, part, lastZxid }) => [zxid, part, lastZxid])).toEqual([
      [1, 0, 1],
      [2, 0, 3],
      [4, 0, 4],
      [4, 1, 4],
      [4, 2, 4],
      [5, 0, 6],
      [7, 0, 9],
      [10, 0, 10],
    ]);
    expect(isDeepStrictEqual(decodeBatches(rows), txns)).toBe(true);
  });

  it("[ST4] a batch as large as a row, to the byte, stays one row", () => {
    const overhead = encodeBatch([logged(1, create(1_000_000))])[0]?.txns.length ?? 0;
    const fits = create(LOG_ROW_BYTES_MAX - (overhead - 1_000_000));
    const path = "/n1000000";
    expect(encodeBatch([logged(1, { ...fits, path })]).map((row) => row.txns.length)).toEqual([
      LOG_ROW_BYTES_MAX,
    ]);
  });

  it("[ST3] 100,000 small txns come back", () => {
    const txns = Array.from({ length: 100_000 }, (_, i) =>
      logged(i + 1, { type: "error", code: 0 }),
    );
    expect(decodeBatches(encodeBatch(txns)).length).toBe(100_000);
  });

  it("[ST2] a missing part, a wrong last zxid and a repeated zxid are refused by name", () => {
    const rows = encodeBatch([logged(0x1f, create(4 * MIB))]);
    expect(() => decodeBatches(rows.slice(1))).toThrow("log batch at 0x1f: expected part 0, saw 1");
    expect(() => decodeBatches(rows.slice(0, 2))).toThrow("log batch at 0x1f: expected 41943");
    const [row] = encodeBatch([logged(3, create(1)), logged(4, create(2))]);
    if (row === undefined) throw new Error("no row");
    const reason = "log batch at 0x3: expected to end at 0x5";
    expect(() => decodeBatches([{ ...row, lastZxid: 5 }])).toThrow(reason);
    const twice = encodeBatch([logged(3, create(1)), logged(3, create(2))]);
    expect(() => decodeBatches(twice)).toThrow("log batch at 0x3: zxid does not ascend");
  });
});
