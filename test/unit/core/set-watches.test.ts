import { describe, expect, it } from "vitest";
import { OPEN_ACL_UNSAFE } from "../../../src/core/acl.ts";
import { type DataNode, NodeKind } from "../../../src/core/data-node.ts";
import type { SetWatchesRequest } from "../../../src/core/request.ts";
import { synthesise } from "../../../src/core/set-watches.ts";
import { WatchedEventType } from "../../../src/core/watched-event.ts";

/** A table with one znode, `/a`, whose data changed at 20 and whose children changed at 30. */
const node: DataNode = {
  data: null,
  acl: OPEN_ACL_UNSAFE,
  kind: NodeKind.PERSISTENT,
  ephemeralOwner: 0,
  ttlMs: 0,
  czxid: 10,
  mzxid: 20,
  pzxid: 30,
  ctime: 0,
  mtime: 0,
  version: 0,
  createCounter: 0,
  aversion: 0,
  numChildren: 0,
};
const tables = { get: (path: string) => (path === "/a" ? node : undefined) };

function request(lists: Partial<SetWatchesRequest>): SetWatchesRequest {
  return {
    op: "setWatches",
    relativeZxid: 25,
    dataWatches: [],
    existWatches: [],
    childWatches: [],
    persistentWatches: [],
    persistentRecursiveWatches: [],
    ...lists,
  };
}

const NOTHING = { data: [], child: [], persistent: [], recursive: [] };
const synthetic = (type: WatchedEventType, path: string) => ({ type, path, zxid: -1 });

describe("setWatches", () => {
  it("[WA13] a data watch on a missing znode hears of its delete", () => {
    expect(synthesise(tables, request({ dataWatches: ["/b"] }))).toEqual({
      events: [synthetic(WatchedEventType.NodeDeleted, "/b")],
      rearm: NOTHING,
    });
  });

  it("[WA13] a data watch hears of data newer than the client's, otherwise it is set again", () => {
    expect(synthesise(tables, request({ dataWatches: ["/a"], relativeZxid: 19 })).events).toEqual([
      synthetic(WatchedEventType.NodeDataChanged, "/a"),
    ]);
    expect(synthesise(tables, request({ dataWatches: ["/a"], relativeZxid: 20 }))).toEqual({
      events: [],
      rearm: { ...NOTHING, data: ["/a"] },
    });
  });

  it("[WA14] an exists watch hears of a znode that is there, however old", () => {
    expect(synthesise(tables, request({ existWatches: ["/a", "/b"], relativeZxid: 99 }))).toEqual({
      events: [synthetic(WatchedEventType.NodeCreated, "/a")],
      rearm: { ...NOTHING, data: ["/b"] },
    });
  });

  it("[WA15] a child watch hears of a delete or of newer children, otherwise it is set again", () => {
    const ask = (relativeZxid: number) =>
      synthesise(tables, request({ childWatches: ["/a", "/b"], relativeZxid }));
    expect(ask(29).events).toEqual([
      synthetic(WatchedEventType.NodeChildrenChanged, "/a"),
      synthetic(WatchedEventType.NodeDeleted, "/b"),
    ]);
    expect(ask(30)).toEqual({
      events: [synthetic(WatchedEventType.NodeDeleted, "/b")],
      rearm: { ...NOTHING, child: ["/a"] },
    });
  });

  it("[WA16] persistent watches are set again and hear nothing of the gap", () => {
    const lists = { persistentWatches: ["/a", "/b"], persistentRecursiveWatches: ["/a"] };
    expect(synthesise(tables, request({ ...lists, relativeZxid: 0 }))).toEqual({
      events: [],
      rearm: { ...NOTHING, persistent: ["/a", "/b"], recursive: ["/a"] },
    });
  });

  it("[WA17] lists are taken in order, and one path may give an event for each", () => {
    const lists = { childWatches: ["/b", "/a"], existWatches: ["/a"], dataWatches: ["/b", "/a"] };
    const { events } = synthesise(tables, request({ ...lists, relativeZxid: 0 }));
    expect(events.map(({ type, path }) => [type, path])).toEqual([
      [WatchedEventType.NodeDeleted, "/b"],
      [WatchedEventType.NodeDataChanged, "/a"],
      [WatchedEventType.NodeCreated, "/a"],
      [WatchedEventType.NodeDeleted, "/b"],
      [WatchedEventType.NodeChildrenChanged, "/a"],
    ]);
  });
});
