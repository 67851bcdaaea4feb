import fc from "fast-check";
import { expect, it } from "vitest";
import { OPEN_ACL_UNSAFE } from "../../../src/core/acl.ts";
import type { LoggedTxn } from "../../../src/core/txn.ts";
import { MalformedBytesError } from "../../../src/storage/byte-reader.ts";
import { decodeOutcome, encodeOutcome } from "../../../src/storage/outcome-codec.ts";
import { decodeTxns, encodeTxns } from "../../../src/storage/txn-codec.ts";
import { loggedTxns, outcome } from "./txn-arbitraries.ts";

const CREATE: LoggedTxn = {
  header: { sessionId: 1, cxid: 2, zxid: 3, timeMs: 4 },
  txn: {
    type: "create",
    path: "/a",
    data: new Uint8Array([1, 2, 3]),
    acl: OPEN_ACL_UNSAFE,
    parentAcl: OPEN_ACL_UNSAFE,
    kind: 0,
    ephemeralOwner: 0,
    ttlMs: 0,
    parentCreateCounter: 1,
  },
};

it("[ST1] every batch of txns comes back from its bytes as it was", () => {
  fc.assert(
    fc.property(loggedTxns, (txns) => {
      expect(decodeTxns(encodeTxns(txns))).toEqual(txns);
    }),
    { numRuns: 500 },
  );
});

it("[ST1] null data and empty data stay different", () => {
  const withData = (data: Uint8Array | null) => [
    { ...CREATE, txn: { ...CREATE.txn, data } } as LoggedTxn,
  ];
  expect(decodeTxns(encodeTxns(withData(null)))).toEqual(withData(null));
  const empty = withData(new Uint8Array(0));
  expect(decodeTxns(encodeTxns(empty))).toEqual(empty);
});

it("[ST1] an open ACL costs one byte and comes back as the shared constant", () => {
  const [decoded] = decodeTxns(encodeTxns([CREATE]));
  expect(decoded?.txn.type === "create" && decoded.txn.acl).toBe(OPEN_ACL_UNSAFE);
  const other = [{ perms: 31, id: { scheme: "world", id: "anyone" } }];
  const copy = { ...CREATE, txn: { ...CREATE.txn, acl: other } } as LoggedTxn;
  expect(encodeTxns([copy]).length).toBe(encodeTxns([CREATE]).length);
});

it("[ST1] decoded data does not share memory with the bytes it came from", () => {
  const bytes = encodeTxns([CREATE]);
  const [decoded] = decodeTxns(bytes);
  bytes.fill(0);
  expect(decoded).toEqual(CREATE);
});

it("[ST2] a batch of an unknown version is refused", () => {
  const bytes = encodeTxns([CREATE]);
  bytes[0] = 9;
  expect(() => decodeTxns(bytes)).toThrow("expected txn format 1, saw 9");
});

it("[ST2] a batch cut at any byte is refused or holds fewer txns, never others", () => {
  const bytes = encodeTxns([CREATE, { ...CREATE, header: { ...CREATE.header, zxid: 9 } }]);
  const boundary = encodeTxns([CREATE]).length;
  const decoded = Array.from(bytes, (_, end) => tryDecode(bytes.subarray(0, end)));
  const whole = decoded.flatMap((txns, end) => (txns === undefined ? [] : [[end, txns]]));
  expect(whole).toEqual([
    [1, []],
    [boundary, [CREATE]],
  ]);
});

/** Returns undefined for bytes that the codec refuses; other errors pass on. */
function tryDecode(bytes: Uint8Array): LoggedTxn[] | undefined {
  try {
    return decodeTxns(bytes);
  } catch (error) {
    if (error instanceof MalformedBytesError) return undefined;
    throw error;
  }
}

it("[ST2] random bytes never decode to anything but txns or an error of the codec", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
      expect(() => tryDecode(new Uint8Array([1, ...noise]))).not.toThrow();
    }),
    { numRuns: 500 },
  );
});

it("[ST1] every outcome of an idempotency key comes back from its bytes as it was", () => {
  fc.assert(
    fc.property(outcome, (value) => {
      expect(decodeOutcome(encodeOutcome(value))).toEqual(value);
    }),
  );
});
