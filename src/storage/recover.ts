import type { LoggedTxn } from "../core/txn.ts";
import { formatZxid, type Zxid } from "../core/zxid.ts";
import { decodeBatches } from "./log-batch.ts";
import type { Store } from "./store.ts";

/** Bytes of log read at once. */
const READ_BYTES = 4 * 1_048_576;

/** The log or the tables cannot be read. The store is as it was; an export still works. */
export class RecoveryError extends Error {
  override readonly name = "RecoveryError";
  /** The last zxid that was recovered. */
  readonly zxid: Zxid;

  constructor(zxid: Zxid, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`recovery failed behind zxid ${formatZxid(zxid)}: ${reason}`, { cause });
    this.zxid = zxid;
  }
}

/**
 * Brings the tables from the checkpoint to the end of the log: plain apply of the rows behind it.
 *
 * @param apply - Applies one txn to the tree over `store.tables`.
 * @param committedZxid - Where to stop: txns behind it may still be discarded. Standalone
 *   everything in the log is committed.
 * @returns the zxid of the last txn applied, or the checkpoint's.
 * @throws RecoveryError that names the zxid and the reason; nothing on disk has changed then.
 */
export function recover(
  store: Store,
  apply: (logged: LoggedTxn) => void,
  committedZxid: Zxid = store.log.lastZxid,
): Zxid {
  let zxid = store.checkpointZxid;
  try {
    assertLogReaches(store);
    while (zxid < committedZxid) {
      const rows = store.log.read(zxid, READ_BYTES);
      if (rows.length === 0) break;
      for (const logged of decodeBatches(rows)) {
        if (logged.header.zxid <= zxid) continue;
        if (logged.header.zxid > committedZxid) return zxid;
        apply(logged);
        zxid = logged.header.zxid;
      }
    }
  } catch (error) {
    throw new RecoveryError(zxid, error);
  }
  return zxid;
}

function assertLogReaches({ log, checkpointZxid }: Store): void {
  if (log.trimmedZxid > checkpointZxid) {
    throw new Error(
      `expected a log from ${formatZxid(checkpointZxid)}, saw one from ${formatZxid(log.trimmedZxid)}`,
    );
  }
  if (log.lastZxid < checkpointZxid) {
    throw new Error(
      `expected a log up to ${formatZxid(checkpointZxid)}, saw one to ${formatZxid(log.lastZxid)}`,
    );
  }
}
