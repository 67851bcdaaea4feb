import type { ACL } from "./acl.ts";
import type { LoggedTxn, Txn } from "./txn.ts";
import type { Zxid } from "./zxid.ts";

/** Event types that a server sends. Source: ZooKeeper `Watcher.Event.EventType`. */
export const WatchedEventType = {
  NodeCreated: 1,
  NodeDeleted: 2,
  NodeDataChanged: 3,
  NodeChildrenChanged: 4,
} as const;
export type WatchedEventType = (typeof WatchedEventType)[keyof typeof WatchedEventType];
export type WatchedEventName = keyof typeof WatchedEventType;

/**
 * A change to one znode, before anybody's watches are looked at. A create or delete implies
 * NodeChildrenChanged at the parent; `parentAcl` filters that one.
 */
export interface Change {
  readonly type: "NodeCreated" | "NodeDeleted" | "NodeDataChanged";
  readonly path: string;
  readonly zxid: Zxid;
  readonly acl: readonly ACL[];
  /** Unused by NodeDataChanged. */
  readonly parentAcl: readonly ACL[];
}

/**
 * Lists what a txn changes, in the order in which its events are sent. Needs the txn alone, so
 * that a watch resumed from the log sees what a live one saw [WA9].
 */
export function changesOf({ header, txn }: LoggedTxn): Change[] {
  const changes: Change[] = [];
  collect(txn, header.zxid, changes);
  return changes;
}

function collect(txn: Txn, zxid: Zxid, into: Change[]): void {
  switch (txn.type) {
    case "create":
      into.push({
        type: "NodeCreated",
        path: txn.path,
        zxid,
        acl: txn.acl,
        parentAcl: txn.parentAcl,
      });
      return;
    case "delete":
      into.push({
        type: "NodeDeleted",
        path: txn.path,
        zxid,
        acl: txn.acl,
        parentAcl: txn.parentAcl,
      });
      return;
    case "setData":
      into.push({ type: "NodeDataChanged", path: txn.path, zxid, acl: txn.acl, parentAcl: [] });
      return;
    case "multi":
      for (const sub of txn.txns) collect(sub, zxid, into);
      return;
    case "closeSession":
      for (const sub of txn.deletes) collect(sub, zxid, into);
      return;
    case "setACL":
    case "check":
    case "error":
    case "createSession":
      return;
  }
}
