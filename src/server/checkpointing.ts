import type { ServerState } from "./server-state.ts";

/** Dirty nodes from which on a checkpoint is due at once. */
const DIRTY_NODES_MAX = 4_000;
/** Dirty bytes from which on a checkpoint is due at once. */
const DIRTY_BYTES_MAX = 2 * 1_048_576;
/** Log behind the checkpoint from which on one is due at once: sets of one znode dirty no more. */
const LOG_BYTES_MAX = 4 * 1_048_576;
/** How long after the last write an idle server writes a checkpoint. */
const IDLE_MS = 1_000;

/**
 * When a checkpoint is due: 0 = now, undefined = the tables on disk are the tree already.
 *
 * Early, so that an idle shard wakes with nothing to replay; late enough that a busy one writes a
 * parent of many creates once.
 */
export function checkpointDueMs(state: ServerState): number | undefined {
  const { store, tree, lastWriteMs } = state;
  if (tree.lastZxid <= store.checkpointZxid) return undefined;
  const { nodes, bytes, logBytes } = store.dirty;
  const isDue = nodes >= DIRTY_NODES_MAX || bytes >= DIRTY_BYTES_MAX || logBytes >= LOG_BYTES_MAX;
  return isDue ? 0 : lastWriteMs + IDLE_MS;
}

/** Writes the tables as of the last txn applied, which is committed, and trims the log behind it. */
export function checkpoint(state: ServerState): void {
  const { store, tree, nowMs } = state;
  tree.tables.dropOutcomes(nowMs);
  store.checkpoint(tree.lastZxid);
  store.log.trim(nowMs);
  state.checkpointMs = nowMs;
  state.counters.add("checkpoints");
}
