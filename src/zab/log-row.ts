import type { Zxid } from "../core/zxid.ts";

/**
 * A row of the log: a batch of txns, or a part of one that is too big for a row.
 *
 * Immutable, versioned, replicated byte for byte; cutting and resuming happen on batch boundaries.
 */
export interface LogRow {
  /** The zxid of the first txn of the batch: with `part`, the key. */
  readonly zxid: Zxid;
  /** 0 for the first row of a batch, then 1, 2, … */
  readonly part: number;
  /** The zxid of the last txn of the batch, the same in all of its parts. */
  readonly lastZxid: Zxid;
  /** The leader's clock at the last txn, ms since 1970. */
  readonly timeMs: number;
  /** A slice of the encoded txns, at most {@link LOG_ROW_BYTES_MAX}. Replication does not look inside. */
  readonly txns: Uint8Array;
}

/** Bytes of txns in one log row. */
export const LOG_ROW_BYTES_MAX = 1_500_000;
