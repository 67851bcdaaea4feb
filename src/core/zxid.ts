import { assert } from "./assert.ts";

/**
 * A transaction id: `epoch · 2^32 + counter` as a JavaScript number, exact below 2^53.
 *
 * Standalone the epoch is 0 and the counter starts at 1. With an ensemble the epoch stays below
 * 2^21. It is 64 bits wide on the wire only.
 *
 * Source: ZooKeeper `ZxidUtils`.
 */
export type Zxid = number;

/** The largest zxid that a JavaScript number holds exactly: epoch 2^21 − 1, counter 2^32 − 1. */
export const ZXID_MAX: Zxid = Number.MAX_SAFE_INTEGER;

/** Formats a zxid as ZooKeeper prints it: `0x` and lower-case hex without leading zeros. */
export function formatZxid(zxid: Zxid): string {
  return `0x${zxid.toString(16)}`;
}

/** Parses what {@link formatZxid} prints; undefined for anything else. */
export function parseZxid(text: string): Zxid | undefined {
  if (!/^0x[0-9a-f]{1,14}$/i.test(text)) return undefined;
  const zxid = Number.parseInt(text.slice(2), 16);
  return zxid <= ZXID_MAX ? zxid : undefined;
}

/** Returns the zxid after `zxid` in the same epoch. */
export function nextZxid(zxid: Zxid): Zxid {
  assert(zxid < ZXID_MAX, () => `zxid exhausted at ${formatZxid(zxid)}`);
  return zxid + 1;
}
