import type { Tables } from "./node-table.ts";
import type { SetWatchesRequest, WatchedEvent } from "./request.ts";
import type { WatchSnapshot } from "./watch-manager.ts";
import { WatchedEventType } from "./watched-event.ts";

/** What `setWatches` comes to. The events are sent before its reply, past the ACL filter. */
export interface SynthesisedWatches {
  readonly events: readonly WatchedEvent[];
  /** The watches that nothing happened to; persistent ones always. */
  readonly rearm: WatchSnapshot;
}

/** The zxid of an event that no txn caused. */
const NO_ZXID = -1;

/**
 * Compares the tree with what a client last saw and makes up the events that it missed.
 *
 * Lists are taken in ZooKeeper's order and not compared with each other. What came and went in
 * between leaves no trace, and persistent watches get nothing: those are caught up from the log.
 *
 * Source: ZooKeeper `DataTree.setWatches`.
 */
export function synthesise(
  tables: Pick<Tables, "get">,
  request: SetWatchesRequest,
): SynthesisedWatches {
  const { relativeZxid } = request;
  const events: WatchedEvent[] = [];
  const data: string[] = [];
  const child: string[] = [];
  // The empty path reads the root, here as everywhere.
  const nodeAt = (path: string) => tables.get(path === "" ? "/" : path);
  const tell = (type: WatchedEventType, path: string): void => {
    events.push({ type, path, zxid: NO_ZXID });
  };
  for (const path of request.dataWatches) {
    const node = nodeAt(path);
    if (node === undefined) tell(WatchedEventType.NodeDeleted, path);
    else if (node.mzxid > relativeZxid) tell(WatchedEventType.NodeDataChanged, path);
    else data.push(path);
  }
  for (const path of request.existWatches) {
    if (nodeAt(path) === undefined) data.push(path);
    else tell(WatchedEventType.NodeCreated, path);
  }
  for (const path of request.childWatches) {
    const node = nodeAt(path);
    if (node === undefined) tell(WatchedEventType.NodeDeleted, path);
    else if (node.pzxid > relativeZxid) tell(WatchedEventType.NodeChildrenChanged, path);
    else child.push(path);
  }
  const { persistentWatches: persistent, persistentRecursiveWatches: recursive } = request;
  return { events, rearm: { data, child, persistent, recursive } };
}
