import { describe, expect, it } from "vitest";
import { OPEN_ACL_UNSAFE, READ_ACL_UNSAFE } from "../../../src/core/acl.ts";
import { NodeKind } from "../../../src/core/data-node.ts";
import type { CreateTxn, DeleteTxn, LoggedTxn, Txn } from "../../../src/core/txn.ts";
import type { WatchedEvent } from "../../../src/core/request.ts";
import { LIMITS } from "../../../src/core/limits.ts";
import { WatchManager } from "../../../src/core/watch-manager.ts";
import { catchUp } from "../../../src/core/watch-catch-up.ts";
import { changesOf, WatchedEventType } from "../../../src/core/watched-event.ts";

const create = (path: string): CreateTxn => ({
  type: "create",
  path,
  data: null,
  acl: OPEN_ACL_UNSAFE,
  parentAcl: READ_ACL_UNSAFE,
  kind: NodeKind.PERSISTENT,
  ephemeralOwner: 0,
  ttlMs: 0,
  parentCreateCounter: 1,
});
const remove = (path: string): DeleteTxn => ({
  type: "delete",
  path,
  acl: OPEN_ACL_UNSAFE,
  parentAcl: READ_ACL_UNSAFE,
});

/** Txns at zxid 1, 2, 3, … */
function log(...txns: readonly Txn[]): LoggedTxn[] {
  return txns.map((txn, at) => ({
    header: { sessionId: 0, cxid: 0, zxid: at + 1, timeMs: 0 },
    txn,
  }));
}

const history = log(
  create("/a"),
  { type: "multi", txns: [create("/a/b"), { type: "check", path: "/a" }, create("/c")] },
  { type: "setData", path: "/a", data: null, version: 1, acl: OPEN_ACL_UNSAFE },
  { type: "setACL", path: "/a", acl: OPEN_ACL_UNSAFE, aversion: 1 },
  { type: "closeSession", deletes: [remove("/a/b"), remove("/c")] },
  remove("/a"),
);
const everything = () => true;
const { NodeCreated, NodeDeleted, NodeDataChanged, NodeChildrenChanged } = WatchedEventType;

describe("catch-up from the log", () => {
  it("[PW8] a persistent watch gets the events after its zxid, in order, with their zxids", () => {
    expect(catchUp(history, { path: "/a", kind: "persistent", since: 1 }, everything)).toEqual([
      { type: NodeChildrenChanged, path: "/a", zxid: 2 },
      { type: NodeDataChanged, path: "/a", zxid: 3 },
      { type: NodeChildrenChanged, path: "/a", zxid: 5 },
      { type: NodeDeleted, path: "/a", zxid: 6 },
    ]);
  });

  it("[PW8] a recursive watch gets the events of its subtree", () => {
    expect(catchUp(history, { path: "/a", kind: "recursive", since: 0 }, everything)).toEqual([
      { type: NodeCreated, path: "/a", zxid: 1 },
      { type: NodeCreated, path: "/a/b", zxid: 2 },
      { type: NodeDataChanged, path: "/a", zxid: 3 },
      { type: NodeDeleted, path: "/a/b", zxid: 5 },
      { type: NodeDeleted, path: "/a", zxid: 6 },
    ]);
  });

  it("[PW9] events that the connection may not READ by the ACL of their time are left out", () => {
    const mayRead = (acl: unknown) => acl === OPEN_ACL_UNSAFE;
    const types = catchUp(history, { path: "/a", kind: "persistent", since: 0 }, mayRead);
    expect(types.map(({ type }) => type)).toEqual([NodeCreated, NodeDataChanged, NodeDeleted]);
  });

  it("[WA9] a watch of each kind gets from the log what it would have had live", () => {
    for (const kind of ["data", "child", "persistent", "recursive"] as const) {
      for (const path of ["/", "/a", "/a/b", "/c"]) {
        const live: WatchedEvent[] = [];
        const watches = new WatchManager(LIMITS);
        watches.add(path, 1, kind);
        for (const change of history.flatMap(changesOf)) {
          watches.trigger(change, (_watcher, event) => live.push(event));
        }
        expect(catchUp(history, { path, kind, since: 0 }, everything)).toEqual(live);
      }
    }
  });

  it("[WA9] a standard watch gets its one event", () => {
    expect(catchUp(history, { path: "/a", kind: "data", since: 1 }, everything)).toEqual([
      { type: NodeDataChanged, path: "/a", zxid: 3 },
    ]);
  });
});
