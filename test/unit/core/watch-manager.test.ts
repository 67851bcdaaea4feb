import { describe, expect, it } from "vitest";
import { type ACL, OPEN_ACL_UNSAFE, READ_ACL_UNSAFE } from "../../../src/core/acl.ts";
import { Code } from "../../../src/core/keeper-error.ts";
import { LIMITS } from "../../../src/core/limits.ts";
import {
  findAddWatchKind,
  findWatcherType,
  type WatchKind,
  WatchManager,
  WatcherType,
} from "../../../src/core/watch-manager.ts";
import { type Change, WatchedEventType } from "../../../src/core/watched-event.ts";

/** Events as lines, so that a failure reads as a conversation: `watcher type path`. */
class Told {
  readonly lines: string[] = [];
  readonly acls: (readonly ACL[])[] = [];

  by(watches: WatchManager, ...changes: readonly Change[]): string[] {
    const from = this.lines.length;
    for (const change of changes) {
      watches.trigger(change, (watcher, event, acl) => {
        const name = Object.entries(WatchedEventType).find(([, n]) => n === event.type)?.[0];
        this.lines.push(`${watcher} ${name} ${event.path}`);
        this.acls.push(acl);
      });
    }
    return this.lines.slice(from);
  }
}

function change(type: Change["type"], path: string): Change {
  return { type, path, zxid: 7, acl: OPEN_ACL_UNSAFE, parentAcl: READ_ACL_UNSAFE };
}

const created = (path: string) => change("NodeCreated", path);
const deleted = (path: string) => change("NodeDeleted", path);
const dataChanged = (path: string) => change("NodeDataChanged", path);

/** A manager with watches given as `[watcher, kind, path]`, set in this order. */
function having(...watches: readonly (readonly [number, WatchKind, string])[]): WatchManager {
  const manager = new WatchManager(LIMITS);
  for (const [watcher, kind, path] of watches) {
    expect(manager.add(path, watcher, kind)).toBeUndefined();
  }
  return manager;
}

const tell = (watches: WatchManager, ...changes: readonly Change[]) =>
  new Told().by(watches, ...changes);

describe("standard watches", () => {
  it("[WA1] a data watch hears of create, setData and delete of its znode", () => {
    for (const [what, name] of [
      [created("/a/b"), "NodeCreated"],
      [dataChanged("/a/b"), "NodeDataChanged"],
      [deleted("/a/b"), "NodeDeleted"],
    ] as const) {
      expect(tell(having([1, "data", "/a/b"]), what)).toEqual([`1 ${name} /a/b`]);
    }
  });

  it("[WA1] a data watch hears nothing of children, parents and siblings", () => {
    const watches = having([1, "data", "/a/b"]);
    expect(
      tell(watches, created("/a/b/c"), dataChanged("/a"), deleted("/a/bc"), created("/a/c")),
    ).toEqual([]);
    expect(watches.count).toBe(1);
  });

  it("[WA2] a child watch hears of create and delete of a child, not of setData", () => {
    expect(tell(having([1, "child", "/a"]), created("/a/b"))).toEqual(["1 NodeChildrenChanged /a"]);
    expect(tell(having([1, "child", "/a"]), deleted("/a/b"))).toEqual(["1 NodeChildrenChanged /a"]);
    expect(tell(having([1, "child", "/"]), created("/a"))).toEqual(["1 NodeChildrenChanged /"]);
    const watches = having([1, "child", "/a"]);
    expect(tell(watches, dataChanged("/a/b"), dataChanged("/a"), created("/a/b/c"))).toEqual([]);
    expect(watches.count).toBe(1);
  });

  it("[WA2] a child watch hears of the delete of its own znode, not of its create", () => {
    expect(tell(having([1, "child", "/a"]), deleted("/a"))).toEqual(["1 NodeDeleted /a"]);
    expect(tell(having([1, "child", "/a"]), created("/a"))).toEqual([]);
  });

  it("[WA3] a standard watch fires once", () => {
    const watches = having([1, "data", "/a"], [1, "child", "/"]);
    expect(tell(watches, created("/a"))).toEqual(["1 NodeCreated /a", "1 NodeChildrenChanged /"]);
    expect(tell(watches, dataChanged("/a"), created("/b"))).toEqual([]);
    expect(watches.count).toBe(0);
  });

  it("[WA3] setting a standard watch twice makes one", () => {
    const watches = having([1, "data", "/a"], [1, "data", "/a"]);
    expect(watches.count).toBe(1);
    expect(tell(watches, dataChanged("/a"))).toEqual(["1 NodeDataChanged /a"]);
  });

  it("[WA4] a connection with a data and a child watch hears of a delete once", () => {
    const watches = having([1, "child", "/a"], [1, "data", "/a"], [2, "child", "/a"]);
    expect(tell(watches, deleted("/a"))).toEqual(["1 NodeDeleted /a", "2 NodeDeleted /a"]);
    expect(watches.count).toBe(0);
  });

  it("[WA4] a recursive watch above silences the child watch of a deleted znode and uses it up", () => {
    const watches = having([1, "child", "/a/b"], [1, "recursive", "/"]);
    expect(tell(watches, deleted("/a/b"))).toEqual(["1 NodeDeleted /a/b"]);
    expect(watches.check("/a/b", 1, WatcherType.Children)).toBe(false);
  });

  it("[WA5] the znode's data watches come first, then its child watches, then its parent's", () => {
    const watches = having(
      [1, "child", "/a"],
      [2, "child", "/a/b"],
      [3, "data", "/a/b"],
      [4, "recursive", "/"],
      [5, "recursive", "/a"],
      [6, "persistent", "/a/b"],
      [7, "persistent", "/a"],
    );
    expect(tell(watches, deleted("/a/b"))).toEqual([
      "3 NodeDeleted /a/b",
      "6 NodeDeleted /a/b",
      "5 NodeDeleted /a/b",
      "4 NodeDeleted /a/b",
      "2 NodeDeleted /a/b",
      "1 NodeChildrenChanged /a",
      "7 NodeChildrenChanged /a",
    ]);
  });

  it("[WA5] events of several changes keep the order of the changes", () => {
    const watches = having([1, "persistent", "/a"]);
    expect(
      tell(watches, created("/a"), created("/a/b"), dataChanged("/a"), deleted("/a/b")),
    ).toEqual([
      "1 NodeCreated /a",
      "1 NodeChildrenChanged /a",
      "1 NodeDataChanged /a",
      "1 NodeChildrenChanged /a",
    ]);
  });

  it("[WA6] the znode's own ACL filters its events, the parent's ACL its child events", () => {
    const told = new Told();
    told.by(having([1, "data", "/a/b"], [2, "child", "/a/b"], [3, "child", "/a"]), deleted("/a/b"));
    expect(told.acls).toEqual([OPEN_ACL_UNSAFE, OPEN_ACL_UNSAFE, READ_ACL_UNSAFE]);
  });

  it("[WA6] a watch is used up although its event is dropped", () => {
    const watches = having([1, "data", "/a"]);
    watches.trigger(dataChanged("/a"), () => undefined);
    expect(watches.count).toBe(0);
  });

  it("[WA7] an event carries the zxid of its change", () => {
    const zxids: number[] = [];
    having([1, "data", "/a"], [1, "child", "/"]).trigger(
      { ...created("/a"), zxid: 42 },
      (_watcher, event) => zxids.push(event.zxid),
    );
    expect(zxids).toEqual([42, 42]);
  });

  it("[WA8] watches go with their connection", () => {
    const watches = having(
      [1, "data", "/a"],
      [1, "recursive", "/"],
      [1, "persistent", "/a"],
      [2, "data", "/a"],
    );
    watches.removeWatcher(1);
    expect(watches.count).toBe(1);
    expect(tell(watches, created("/a"))).toEqual(["2 NodeCreated /a"]);
  });
});

describe("limits", () => {
  const limits = { CONNECTION_WATCHES_MAX: 3, SHARD_WATCHES_MAX: 5 };

  it("[WA10] one watch more than a connection may have is refused by name", () => {
    const watches = new WatchManager(limits);
    watches.add("/a", 1, "persistent");
    watches.add("/a", 1, "child");
    watches.add("/b", 1, "data");
    expect(watches.add("/c", 1, "data")).toMatchObject({
      code: Code.THROTTLEDOP,
      message: "expected at most 3 watches (CONNECTION_WATCHES_MAX), saw 4",
    });
    expect(watches.add("/b", 1, "recursive")).toBeUndefined();
    expect(watches.count).toBe(3);
  });

  it("[WA10] one watch more than a shard may have is refused by name", () => {
    const watches = new WatchManager(limits);
    for (const path of ["/a", "/b", "/c"]) watches.add(path, 1, "data");
    for (const path of ["/a", "/b"]) watches.add(path, 2, "data");
    expect(watches.add("/a", 3, "child")).toMatchObject({
      code: Code.THROTTLEDOP,
      expected: 5,
      seen: 6,
    });
    watches.removeWatcher(2);
    expect(watches.add("/a", 3, "child")).toBeUndefined();
  });

  it("[WA10] a list of watches over the limit sets none of them", () => {
    const watches = new WatchManager(limits);
    const list = { data: ["/a", "/b"], child: [], persistent: ["/a"], recursive: ["/b", "/b"] };
    expect(watches.addAll(1, { ...list, child: ["/b"] })).toMatchObject({ code: Code.THROTTLEDOP });
    expect(watches.count).toBe(0);
    expect(watches.addAll(1, list)).toBeUndefined();
    expect(watches.count).toBe(3);
  });
});

describe("persistent watches", () => {
  it("[PW1] a persistent watch hears of its znode and its children and stays", () => {
    const watches = having([1, "persistent", "/a"]);
    for (let round = 0; round < 2; round += 1) {
      expect(
        tell(watches, created("/a"), dataChanged("/a"), created("/a/b"), deleted("/a/b")),
      ).toEqual([
        "1 NodeCreated /a",
        "1 NodeDataChanged /a",
        "1 NodeChildrenChanged /a",
        "1 NodeChildrenChanged /a",
      ]);
      expect(tell(watches, dataChanged("/a/b"), created("/a/b/c"))).toEqual([]);
      expect(tell(watches, deleted("/a"))).toEqual(["1 NodeDeleted /a"]);
    }
  });

  it("[PW2] a recursive watch hears of its znode and everything below, by whole components", () => {
    const watches = having([1, "recursive", "/a"]);
    expect(
      tell(
        watches,
        created("/a"),
        created("/a/b"),
        dataChanged("/a/b/c"),
        deleted("/a/b/c"),
        created("/ab"),
        dataChanged("/"),
      ),
    ).toEqual([
      "1 NodeCreated /a",
      "1 NodeCreated /a/b",
      "1 NodeDataChanged /a/b/c",
      "1 NodeDeleted /a/b/c",
    ]);
  });

  it("[PW2] a recursive watch on the root hears of everything", () => {
    expect(tell(having([1, "recursive", "/"]), created("/zookeeper/x"), dataChanged("/"))).toEqual([
      "1 NodeCreated /zookeeper/x",
      "1 NodeDataChanged /",
    ]);
  });

  it("[PW3] a recursive watch gets no NodeChildrenChanged", () => {
    expect(tell(having([1, "recursive", "/a"]), created("/a/b"))).toEqual(["1 NodeCreated /a/b"]);
  });

  it("[PW4] several recursive watches of one connection give one event", () => {
    const watches = having([1, "recursive", "/"], [1, "recursive", "/a"], [1, "data", "/a/b"]);
    expect(tell(watches, dataChanged("/a/b"))).toEqual(["1 NodeDataChanged /a/b"]);
    expect(tell(watches, dataChanged("/a/b"))).toEqual(["1 NodeDataChanged /a/b"]);
  });

  it("[PW5] a connection may hold all modes on one path and gets one event a table", () => {
    const watches = having(
      [1, "data", "/a"],
      [1, "child", "/a"],
      [1, "persistent", "/a"],
      [1, "recursive", "/a"],
    );
    expect(watches.count).toBe(2);
    expect(tell(watches, created("/a/b"))).toEqual([
      "1 NodeCreated /a/b",
      "1 NodeChildrenChanged /a",
    ]);
    expect(tell(watches, dataChanged("/a"))).toEqual(["1 NodeDataChanged /a"]);
    expect(watches.watchesOf(1)).toEqual({
      data: [],
      child: [],
      persistent: ["/a"],
      recursive: ["/a"],
    });
    expect(tell(watches, deleted("/a"))).toEqual(["1 NodeDeleted /a"]);
  });

  it("[PW6] removing a type takes that mode and leaves the others", () => {
    const all = ["data", "child", "persistent", "recursive"] as const;
    const left: [WatcherType, readonly WatchKind[]][] = [
      [WatcherType.Data, ["child", "persistent", "recursive"]],
      [WatcherType.Children, ["data", "persistent", "recursive"]],
      [WatcherType.Persistent, ["data", "child", "recursive"]],
      [WatcherType.PersistentRecursive, ["data", "child", "persistent"]],
      [WatcherType.Any, []],
    ];
    for (const [type, kinds] of left) {
      const watches = having(...all.map((kind) => [1, kind, "/a"] as const));
      expect(watches.remove("/a", 1, type)).toBe(true);
      expect(watches.remove("/a", 1, type)).toBe(false);
      expect(all.filter((kind) => watches.watchesOf(1)[kind].length > 0)).toEqual(kinds);
    }
  });

  it("[PW6] removing finds nothing of another connection, path or type", () => {
    const watches = having([1, "data", "/a"]);
    expect(watches.remove("/a", 2, WatcherType.Any)).toBe(false);
    expect(watches.remove("/b", 1, WatcherType.Any)).toBe(false);
    expect(watches.remove("/a", 1, WatcherType.Children)).toBe(false);
    expect(watches.remove("/a", 1, WatcherType.Persistent)).toBe(false);
    expect(watches.count).toBe(1);
  });

  it("[PW6] a recursive watch that was removed is silent", () => {
    const watches = having([1, "recursive", "/a"], [1, "data", "/a"]);
    watches.remove("/a", 1, WatcherType.PersistentRecursive);
    expect(tell(watches, created("/a/b"))).toEqual([]);
    expect(tell(watches, dataChanged("/a"))).toEqual(["1 NodeDataChanged /a"]);
  });

  it("[PW7] checkWatches tells which types are there; any means either table", () => {
    const types = [1, 2, 3, 4, 5] as const;
    const seen = (kind: WatchKind) =>
      types.filter((type) => having([1, kind, "/a"]).check("/a", 1, type));
    expect(seen("child")).toEqual([WatcherType.Children, WatcherType.Any]);
    expect(seen("data")).toEqual([WatcherType.Data, WatcherType.Any]);
    expect(seen("persistent")).toEqual([WatcherType.Any, WatcherType.Persistent]);
    expect(seen("recursive")).toEqual([WatcherType.Any, WatcherType.PersistentRecursive]);
  });

  it("[PW7] numbers that name no type or mode find none", () => {
    expect([0, 6, 1.5, -1].map(findWatcherType)).toEqual(Array(4).fill(undefined));
    expect([0, 1, 2, -1].map(findAddWatchKind)).toEqual([
      "persistent",
      "recursive",
      undefined,
      undefined,
    ]);
  });
});

describe("keeping watches", () => {
  it("[WA11] a list of a connection's watches restores the same watches", () => {
    const before = having(
      [1, "data", "/a"],
      [1, "child", "/a"],
      [1, "persistent", "/a"],
      [1, "recursive", "/a"],
      [1, "recursive", "/"],
      [1, "child", "/b"],
      [2, "data", "/c"],
    );
    const after = new WatchManager(LIMITS);
    after.restore(1, before.watchesOf(1));
    expect(after.watchesOf(1)).toEqual(before.watchesOf(1));
    expect(after.count).toBe(before.count - 1);
    expect(after.watchesOf(2)).toEqual({ data: [], child: [], persistent: [], recursive: [] });
  });

  it("[WA12] the summary counts the data table only", () => {
    const watches = having(
      [1, "data", "/a"],
      [2, "data", "/a"],
      [2, "recursive", "/b"],
      [3, "child", "/c"],
    );
    expect(watches.summary()).toEqual({ connections: 2, paths: 2, watches: 3 });
    expect(watches.count).toBe(4);
  });
});
