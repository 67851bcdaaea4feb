import { DataTree } from "../core/data-tree.ts";
import { recover } from "../storage/recover.ts";
import type { Log, Store } from "../storage/store.ts";

/** A tree at the end of its log. */
export interface Recovered {
  readonly tree: DataTree;
  /** The leader's clock at the last txn in the log; 0 if the log holds none. */
  readonly lastLoggedMs: number;
}

/**
 * Makes the tree from the tables and the log behind their checkpoint.
 *
 * Everything in the log counts as committed: standalone it was when it became durable, and a
 * member of an ensemble cuts off what was not before it gets here.
 *
 * @throws RecoveryError
 * Source: ZooKeeper `FileTxnSnapLog.restore`.
 */
export function recoverTree(store: Store): Recovered {
  const tree = new DataTree(store.tables, store.checkpointZxid);
  recover(store, (logged) => tree.apply(logged));
  return { tree, lastLoggedMs: lastLoggedMs(store.log) };
}

/** Also of what the checkpoint covers: the server's clock must not go back behind it. */
function lastLoggedMs(log: Log): number {
  if (log.lastZxid === 0) return 0;
  return log.read(log.lastZxid - 1, 0).at(-1)?.timeMs ?? 0;
}
