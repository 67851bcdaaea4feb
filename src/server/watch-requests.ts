import { checkACL, Perms } from "../core/acl.ts";
import { Code, failure, isFailure, type Outcome } from "../core/keeper-error.ts";
import type {
  AddWatchRequest,
  RemoveWatchesRequest,
  Reply,
  SetWatchesRequest,
} from "../core/request.ts";
import { synthesise } from "../core/set-watches.ts";
import type { LoggedTxn } from "../core/txn.ts";
import { catchUp } from "../core/watch-catch-up.ts";
import { findAddWatchKind, findWatcherType, type WatchKind } from "../core/watch-manager.ts";
import { formatZxid, type Zxid } from "../core/zxid.ts";
import { decodeBatches } from "../storage/log-batch.ts";
import type { Connection } from "./connection.ts";
import type { ServerState } from "./server-state.ts";
import { hasStandard, loadAllWatches, loadWatches, sendEvent } from "./watch-delivery.ts";

/** Sets a watch for a connection. @returns THROTTLEDOP, and sets none, above a limit. */
export function setWatch(
  state: ServerState,
  connection: Connection,
  path: string,
  kind: WatchKind,
): Outcome<void> {
  // All, because the limit of the shard counts those of every connection.
  loadAllWatches(state);
  const refusal = state.watches.add(path, connection.id, kind);
  if (refusal !== undefined) return refusal;
  if (kind === "data" || kind === "child") connection.hasStandardWatches = true;
  state.outbox.changed(connection.id);
  return undefined;
}

/** Answers `addWatch`; with `since`, the events missed come before the reply. */
export function addWatch(
  state: ServerState,
  connection: Connection,
  { path, mode, since }: AddWatchRequest,
): Outcome<Reply> {
  const kind = findAddWatchKind(mode);
  if (kind === undefined) {
    return failure(Code.MARSHALLINGERROR, `expected addWatch mode 0 or 1, saw ${mode}`, {
      path,
      seen: mode,
    });
  }
  const trimmedZxid = state.store.log.trimmedZxid;
  if (since !== undefined && since < trimmedZxid) {
    const message =
      `since ${formatZxid(since)} is behind the window of the log, ` +
      `which starts after ${formatZxid(trimmedZxid)}: read again and watch from there`;
    const [expected, seen] = [formatZxid(trimmedZxid), formatZxid(since)];
    return failure(Code.BADARGUMENTS, message, { path, expected, seen });
  }
  const refusal = setWatch(state, connection, path, kind);
  if (isFailure(refusal)) return refusal;
  if (since !== undefined) {
    const mayRead: Parameters<typeof catchUp>[2] = (acl) =>
      checkACL(acl, Perms.READ, connection.ids);
    for (const event of catchUp(txnsAfter(state, since), { path, kind, since }, mayRead)) {
      sendEvent(state, connection, event);
    }
  }
  return { op: "addWatch" };
}

const CATCH_UP_BYTES = 1_048_576;

/** Reads what is applied from the log, a piece at a time; what is logged behind it is not decided. */
function* txnsAfter(state: ServerState, since: Zxid): Generator<LoggedTxn> {
  const { lastZxid } = state.tree;
  let after = since;
  while (after < lastZxid) {
    const rows = state.store.log.read(after, CATCH_UP_BYTES);
    const last = rows.at(-1)?.lastZxid;
    if (last === undefined) return;
    for (const logged of decodeBatches(rows)) {
      if (logged.header.zxid > lastZxid) return;
      yield logged;
    }
    after = last;
  }
}

/** Answers `setWatches`: sets all or none, and sends what was missed before the reply [OR5]. */
export function setWatches(
  state: ServerState,
  connection: Connection,
  request: SetWatchesRequest,
): Outcome<Reply> {
  loadAllWatches(state);
  const { events, rearm } = synthesise(state.tree.tables, request);
  const refusal = state.watches.addAll(connection.id, rearm);
  if (isFailure(refusal)) return refusal;
  if (hasStandard(rearm)) connection.hasStandardWatches = true;
  state.outbox.changed(connection.id);
  for (const event of events) sendEvent(state, connection, event);
  return { op: "setWatches" };
}

/** Answers `removeWatches` and `checkWatches`. @returns NOWATCHER if there is none of that type. */
export function removeWatches(
  state: ServerState,
  connection: Connection,
  { op, path, type }: RemoveWatchesRequest,
): Outcome<Reply> {
  const watcherType = findWatcherType(type);
  if (watcherType === undefined) {
    return failure(Code.MARSHALLINGERROR, `expected a watch type from 1 to 5, saw ${type}`, {
      path,
      seen: type,
    });
  }
  loadWatches(state, connection.id);
  const isThere =
    op === "removeWatches"
      ? state.watches.remove(path, connection.id, watcherType)
      : state.watches.check(path, connection.id, watcherType);
  if (!isThere) {
    return failure(Code.NOWATCHER, `expected a watch of type ${type} on ${path}, saw none`, {
      path,
    });
  }
  if (op === "removeWatches") state.outbox.changed(connection.id);
  return { op };
}
