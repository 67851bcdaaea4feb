import type { ACL } from "./acl.ts";
import type { WatchedEvent } from "./request.ts";
import type { LoggedTxn } from "./txn.ts";
import { type WatchKind, WatchManager } from "./watch-manager.ts";
import { changesOf } from "./watched-event.ts";
import type { Zxid } from "./zxid.ts";

/** A watch that asks for what it missed. */
export interface ResumedWatch {
  readonly path: string;
  readonly kind: WatchKind;
  /** The last zxid that the client saw; events behind it are wanted. */
  readonly since: Zxid;
}

/**
 * Makes the events again that a watch would have had, had it been there since `since`.
 *
 * Runs the txns through a {@link WatchManager} with this one watch, so that a resumed watch and a
 * live one can't differ: same events, order and ACL filter.
 *
 * @param txns - committed txns in order of zxid; those up to `since` are skipped.
 * @param mayRead - whether the connection has READ by an ACL.
 */
export function catchUp(
  txns: Iterable<LoggedTxn>,
  { path, kind, since }: ResumedWatch,
  mayRead: (acl: readonly ACL[]) => boolean,
): WatchedEvent[] {
  const events: WatchedEvent[] = [];
  const watches = new WatchManager({ CONNECTION_WATCHES_MAX: 2, SHARD_WATCHES_MAX: 2 });
  watches.add(path, 0, kind);
  for (const logged of txns) {
    if (logged.header.zxid <= since) continue;
    for (const change of changesOf(logged)) {
      watches.trigger(change, (_watcher, event, acl) => {
        if (mayRead(acl)) events.push(event);
      });
    }
  }
  return events;
}
