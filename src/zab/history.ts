import type { Zxid } from "../core/zxid.ts";
import type { LogRow } from "./log-row.ts";

/** A part of a snapshot in transit. Replication does not look into its rows. */
export interface SnapshotSlice {
  /** Where the copy stands; pass the last one to get the next slice, "" for the first. */
  readonly cursor: string;
  /** Opaque, made and read by storage. Structured-cloneable. */
  readonly rows: readonly unknown[];
  /** Set in the last slice: installing all slices makes the tree at exactly this zxid. */
  readonly zxid: Zxid | undefined;
}

/**
 * A member's log as replication sees it: read only. What is to be written is asked for by `Ready`.
 *
 * Invariant: `trimmedZxid ≤ committed ≤ lastZxid`.
 */
export interface History {
  /** The zxid of the last txn logged here; 0 if there is none. */
  readonly lastZxid: Zxid;
  /** Batches behind this zxid can be read; what is before may be gone: who needs it gets a SNAP. */
  readonly trimmedZxid: Zxid;
  /** Whole batches behind `after`, at least one if there is any, about `bytesMax` of them. */
  read(after: Zxid, bytesMax: number): LogRow[];
  /**
   * The end of the last batch that ends at or before `zxid`, so a place where the log may be cut;
   * undefined if it lies in the trimmed part.
   */
  batchEndAtOrBefore(zxid: Zxid): Zxid | undefined;
  /**
   * The next slice of a snapshot of the tables, about `bytesMax`. Any member with the same committed
   * history goes on at the cursor of another; who can't says in the slice that it begins anew.
   */
  readSnapshot(cursor: string, bytesMax: number): SnapshotSlice;
  /** The cursor of the last slice that was put aside here, so durable; "" if there is none. */
  readonly stagedCursor: string;
}
