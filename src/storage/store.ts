import type { SessionId } from "../core/data-node.ts";
import type { Tables } from "../core/node-table.ts";
import type { Zxid } from "../core/zxid.ts";
import type { HardState } from "../zab/hard-state.ts";
import type { SnapshotSlice } from "../zab/history.ts";
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
  /**
   * The end of the last batch that ends at or before `zxid`: a place where the log may be cut, or
   * a copy of it goes on. undefined if that lies in the trimmed part.
   */
  batchEndAtOrBefore(zxid: Zxid): Zxid | undefined;
  /** Drops rows that the checkpoint covers and that are older than the window or above its size. */
  trim(nowMs: number): void;
}

/** When a session was last seen, kept beside the tree and outside of the log. */
export interface SessionSeen {
  readonly seenMs: number;
  /** A socket serves it. */
  readonly isBound: boolean;
}

/** A row of the tables on its way to another member. */
export interface SnapshotRow {
  /** Sortable: table and primary key. Pass the last one to get the next rows. */
  readonly key: string;
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
 * The tables always are the tree at the last txn applied when read; on disk they are the tree
 * at {@link checkpointZxid}, exactly. What lies between is in the log and in memory.
 *
 * Contract: `test/contract/store.contract.ts`, rules ST*.
 */
export interface Store {
  /** Another object after {@link installSnapshot}. */
  readonly log: Log;
  /** Another object after {@link installSnapshot}. */
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
  /**
   * Runs `body` as one transaction: all of its writes are durable together, or none is. After an
   * exception, which passes on, memory is ahead of the disk: the store must be opened anew.
   */
  transaction(body: () => void): void;
  /** @throws MalformedBytesError if it was written by a later version. */
  hardState(): HardState;
  setHardState(state: HardState): void;
  /** Rows of the tables on disk behind `key` ("" = from the start), about `bytesMax` of them. */
  readRowsAfter(key: string, bytesMax: number): SnapshotRow[];
  /** The row of the tables on disk with this key. */
  readRow(key: string): SnapshotRow | undefined;
  /**
   * Puts a slice of another member's snapshot aside; nothing that is served changes. A first slice
   * begins anew, one that does not continue {@link stagedCursor} is ignored.
   *
   * @throws MalformedBytesError, with nothing changed, if a later version made the slice.
   */
  stageSnapshot(slice: SnapshotSlice): void;
  /** The cursor of the last slice that was staged; undefined if none is. Survives a restart. */
  stagedCursor(): string | undefined;
  /** Forgets what is staged, if anything: the log reaches far enough after all. */
  dropStagedSnapshot(): void;
  /**
   * Replaces tables and log by the staged snapshot, which is complete and stands at `zxid`
   * (asserted): the log ends, and the checkpoint is, there. What was dirty is forgotten,
   * {@link log} and {@link tables} are new objects; who holds the old ones starts anew.
   */
  installSnapshot(zxid: Zxid): void;
  /** Writes one row that means nothing, so that whatever follows waits behind the output gate. */
  confirm(): void;
  /** Last-seen times, written at once. Sessions without an entry were never saved. */
  sessionSeen(): Map<SessionId, SessionSeen>;
  saveSessionSeen(id: SessionId, seen: SessionSeen): void;
  /** Small named values of the shard: the alarm, watch overflow of a socket. */
  getMeta(key: string): Uint8Array | undefined;
  setMeta(key: string, value: Uint8Array | undefined): void;
}
