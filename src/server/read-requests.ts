import type { Id } from "../core/acl.ts";
import { Code, isFailure, type Outcome } from "../core/keeper-error.ts";
import { read, type TreeReadRequest } from "../core/read.ts";
import type { ReadRequest, Reply } from "../core/request.ts";
import type { WatchKind } from "../core/watch-manager.ts";
import type { Connection, QueuedRequest } from "./connection.ts";
import type { ServerState } from "./server-state.ts";
import { showConfiguration } from "./ensemble/configuration-text.ts";
import { addWatch, removeWatches, setWatch, setWatches } from "./watch-requests.ts";

/** Reads that are answered when they are the head of their queue; `auth` is answered on arrival. */
export type QueuedRead = QueuedRequest & {
  readonly request: Exclude<ReadRequest, { readonly op: "auth" }>;
};

/** Answers a read from the tree as applied now, and leaves the watch it asked for. */
export function answerRead(
  state: ServerState,
  connection: Connection,
  { request, ids }: QueuedRead,
): Outcome<Reply> {
  state.counters.add("reads");
  switch (request.op) {
    case "ping":
    case "sasl":
      return { op: request.op };
    case "addWatch":
      return addWatch(state, connection, request);
    case "removeWatches":
    case "checkWatches":
      return removeWatches(state, connection, request);
    case "setWatches":
      return setWatches(state, connection, request);
    default:
      return readTree(state, connection, request, ids);
  }
}

/** Reads the tree as applied now, and sets the watch that was asked for with it. */
function readTree(
  state: ServerState,
  connection: Connection,
  request: TreeReadRequest,
  ids: readonly Id[],
): Outcome<Reply> {
  const { sessionId } = connection;
  const found = read({ tables: state.tree.tables, ids, sessionId, limits: state.limits }, request);
  const outcome = state.member === undefined ? found : showConfiguration(state.member, found);
  const kind = watchKindOf(request, outcome);
  if (kind === undefined || !("path" in request)) return outcome;
  return setWatch(state, connection, request.path, kind) ?? outcome;
}

/**
 * Which watch a read leaves: one that failed leaves none, but `exists` on a missing znode waits
 * for its create.
 *
 * Source: ZooKeeper `FinalRequestProcessor`, `DataTree.statNode`.
 */
function watchKindOf(request: ReadRequest, outcome: Outcome<Reply>): WatchKind | undefined {
  if (!("watch" in request) || !request.watch) return undefined;
  const isChild = request.op === "getChildren" || request.op === "getChildren2";
  if (!isFailure(outcome)) return isChild ? "child" : "data";
  return request.op === "exists" && outcome.code === Code.NONODE ? "data" : undefined;
}
