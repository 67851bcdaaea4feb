/** How much of the log stays behind the checkpoint, for resumable watches and for followers. */
export interface LogWindow {
  /** Bytes of all rows; older batches go first. */
  readonly bytesMax: number;
  /** Age of a batch, by the leader's clock at its last txn. */
  readonly ageMsMax: number;
}

/** 64 MiB or a day, whichever is less. */
export const DEFAULT_LOG_WINDOW: LogWindow = {
  bytesMax: 64 * 1_048_576,
  ageMsMax: 24 * 3_600_000,
};
