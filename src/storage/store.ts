import type { SessionId } from "../core/data-node.ts";
import type { Tables } from "../core/node-table.ts";
import type { Zxid } from "../core/zxid.ts";
import type { HardState } from "../zab/hard-state.ts";
import type { LogRow } from "../zab/log-row.ts";

/** The history: append-only but for its two ends. */
export interface Log {
  /** The zxid of the last txn appended, 0 in an empty log that was never trimmed. */
  readonly lastZxid: Zxid;
  /** Events after this zxid can be made again from the log; those before may be trimmed. */
  readonly trimmedZxid: Zxid;
  /** Appends the rows of whole batches. Their first zxid is above {@link lastZxid} (asserted). */
  append(rows: readonly LogRow[]): void;
  /**
   * Cuts everything after `zxid`, which is the end of a batch or 0 (asserted), and not below the
   * checkpoint (asserted): what is in the tables cannot be taken back.
   */
  truncateAfter(zxid: Zxid): void;
  /** Reads whole batches behind `after`, at least one if there is any, at most about `bytesMax`. */
  read(after: Zxid, bytesMax: number): LogRow[];
  /** Drops rows that the checkpoint covers and that are older than the window or above its size. */
  trim(nowMs: number): void;
}

/** When a session was last seen, kept beside the tree and outside of the log. */
export interface SessionSeen {
  readonly seenMs: number;
  /** A socket serves it. */
  readonly isBound: boolean;
}

/** A row of a checkpoint in transit to another member, in key order, with the zxid it was changed at. */
export interface SnapshotRow {
  /** Sortable: table and primary key. Pass the last one to get the next rows. */
  readonly key: string;
  readonly zxid: Zxid;
  readonly value: Uint8Array;
}

/** How much a checkpoint would write, and spare a restart. */
export interface Dirty {
  readonly nodes: number;
  readonly bytes: number;
  /** Bytes of log behind the checkpoint: what a restart would replay. */
  readonly logBytes: number;
}

/**
 * Where a shard keeps everything: the log, and the tables that are its checkpoint.
 *
 * The tables always are the tree at {@link lastAppliedZxid} when read; on disk they are the tree
 * at {@link checkpointZxid}, exactly. What lies between is in the log and in memory.
 *
 * Contract: `test/contract/store.contract.ts`, rules ST*.
 */
export interface Store {
  readonly log: Log;
  readonly tables: Tables;
  /** The zxid that the tables on disk stand at. */
  readonly checkpointZxid: Zxid;
  /** What changed in the tables since. */
  readonly dirty: Dirty;
  /**
   * Writes all dirty rows and `appliedZxid` in one transaction. The caller has applied exactly the
   * txns up to `appliedZxid`, all of them committed (asserted: not above `log.lastZxid`, not
   * below `checkpointZxid`).
   */
  checkpoint(appliedZxid: Zxid): void;
  hardState(): HardState;
  setHardState(state: HardState): void;
  /** Rows of the tables on disk behind `key` ("" = from the start), about `bytesMax` of them. */
  readRowsAfter(key: string, bytesMax: number): SnapshotRow[];
  /** Writes one row that means nothing, so that whatever follows waits behind the output gate. */
  confirm(): void;
  /** Last-seen times, written at once. Sessions without an entry were never saved. */
  sessionSeen(): Map<SessionId, SessionSeen>;
  saveSessionSeen(id: SessionId, seen: SessionSeen): void;
  /** Small named values of the shard: the alarm, watch overflow of a socket. */
  getMeta(key: string): Uint8Array | undefined;
  setMeta(key: string, value: Uint8Array | undefined): void;
}
