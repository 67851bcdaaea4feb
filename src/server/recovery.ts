import { DataTree } from "../core/data-tree.ts";
import { recover } from "../storage/recover.ts";
import type { Log, Store } from "../storage/store.ts";
import type { LogRow } from "../zab/log-row.ts";

/** A tree at the end of what is committed of its log. */
export interface Recovered {
  readonly tree: DataTree;
  /** The leader's clock at the last txn in the log; 0 if the log holds none. */
  readonly lastLoggedMs: number;
  /** What is logged and not known to be committed; of a member of an ensemble. */
  readonly tail: readonly LogRow[];
}

/**
 * Makes the tree from the tables and the log behind their checkpoint.
 *
 * Standalone everything in the log is committed, because it became durable. A member of an ensemble
 * applies what it knows to be committed; the tail waits for the word of a leader.
 *
 * @throws RecoveryError
 * Source: ZooKeeper `FileTxnSnapLog.restore`.
 */
export function recoverTree(store: Store, isMember: boolean): Recovered {
  const { log, checkpointZxid } = store;
  const tree = new DataTree(store.tables, checkpointZxid);
  const committedZxid = isMember
    ? Math.max(store.hardState().committedZxid, checkpointZxid)
    : log.lastZxid;
  recover(store, (logged) => tree.apply(logged), committedZxid);
  const isAll = tree.lastZxid >= log.lastZxid;
  const tail = isAll ? [] : log.read(tree.lastZxid, Number.MAX_SAFE_INTEGER);
  return { tree, lastLoggedMs: lastLoggedMs(log), tail };
}

/** The time of the last txn logged, also of what the checkpoint covers: times never go back. */
export function lastLoggedMs(log: Log): number {
  if (log.lastZxid === 0) return 0;
  return log.read(log.lastZxid - 1, 0).at(-1)?.timeMs ?? 0;
}
