import { DataTree } from "../core/data-tree.ts";
import { decodeBatches } from "../storage/log-batch.ts";
import type { Store } from "../storage/store.ts";

/** Bytes of log that are in memory at a time. */
const REPLAY_BYTES = 4 * 1_048_576;

/** A tree at the end of its log. */
export interface Recovered {
  readonly tree: DataTree;
  /** The largest time in what was replayed; 0 if nothing was. */
  readonly lastLoggedMs: number;
}

/**
 * Makes the tree from the tables and the log behind their checkpoint, by plain apply.
 *
 * Everything in the log counts as committed: standalone it was when it became durable, and a
 * member of an ensemble cuts off what was not before it gets here.
 *
 * Source: ZooKeeper `FileTxnSnapLog.restore`.
 */
export function recover(store: Store): Recovered {
  const tree = new DataTree(store.tables, store.checkpointZxid);
  let lastLoggedMs = 0;
  for (;;) {
    const rows = store.log.read(tree.lastZxid, REPLAY_BYTES);
    if (rows.length === 0) return { tree, lastLoggedMs };
    for (const logged of decodeBatches(rows)) {
      // The checkpoint may stand inside a batch, which is read whole.
      if (logged.header.zxid <= tree.lastZxid) continue;
      tree.apply(logged);
      lastLoggedMs = Math.max(lastLoggedMs, logged.header.timeMs);
    }
  }
}
