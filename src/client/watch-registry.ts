import { isWithin } from "../core/path.ts";
import type { SetWatchesRequest } from "../core/request.ts";
import { WatchedEventType, type WatchedEventName } from "../core/watched-event.ts";
import type { Zxid } from "../core/zxid.ts";
import type { NativeEvent } from "../protocol/jute/decode-reply.ts";

/** A change that somebody watched. */
export interface WatchEvent {
  readonly type: WatchedEventName;
  readonly path: string;
  /** The zxid of the change; −1 from servers before ZooKeeper 3.9, and for what was missed. */
  readonly zxid: Zxid;
}

export type Watcher = (event: WatchEvent) => void;

/** What fires once: by data, by existence, by children. */
export type OneShotKind = "data" | "exist" | "child";
/** What stays: on one znode, or on everything below it, too. */
export type PersistentKind = "persistent" | "persistentRecursive";

/** Every way to watch. */
export type WatchKind = OneShotKind | PersistentKind;

/** Which one-shot watches an event fires. Source: ZooKeeper `ZKWatchManager.materialize`. */
const FIRES: Readonly<Record<WatchedEventName, readonly OneShotKind[]>> = {
  NodeCreated: ["data", "exist"],
  NodeDataChanged: ["data", "exist"],
  NodeDeleted: ["data", "exist", "child"],
  NodeChildrenChanged: ["child"],
};

/** Characters of paths in one request: far below the frame limit, even in three bytes each. */
const SET_WATCHES_LENGTH_MAX = 128 * 1_024;

type Lists = Record<WatchKind, string[]>;

/**
 * Who is to be told of what, as the client knows it; the server knows only that somebody watches.
 *
 * Outlives connections and sessions: after each one everything is registered again, and the server
 * makes the events that one-shot watches missed.
 *
 * Source: ZooKeeper `ZKWatchManager`.
 */
export class WatchRegistry {
  readonly #watchers: Record<WatchKind, Map<string, Set<Watcher>>> = {
    data: new Map(),
    exist: new Map(),
    child: new Map(),
    persistent: new Map(),
    persistentRecursive: new Map(),
  };

  /** Number of watched paths, over all kinds. */
  get size(): number {
    return Object.values(this.#watchers).reduce((sum, { size }) => sum + size, 0);
  }

  add(kind: WatchKind, path: string, watcher: Watcher): void {
    const watchers = this.#watchers[kind].get(path);
    if (watchers === undefined) this.#watchers[kind].set(path, new Set([watcher]));
    else watchers.add(watcher);
  }

  /** @returns whether nobody watches this path in this way any more. */
  remove(kind: WatchKind, path: string, watcher: Watcher): boolean {
    const watchers = this.#watchers[kind].get(path);
    watchers?.delete(watcher);
    if (watchers !== undefined && watchers.size > 0) return false;
    return this.#watchers[kind].delete(path);
  }

  /** Forgets all watchers of a path that watch in one of these ways. @returns which ways there were. */
  removeAll(path: string, kinds: readonly WatchKind[]): readonly WatchKind[] {
    return kinds.filter((kind) => this.#watchers[kind].delete(path));
  }

  /** Whether anybody watches a path in one of these ways. */
  has(path: string, kinds: readonly WatchKind[]): boolean {
    return kinds.some((kind) => this.#watchers[kind].has(path));
  }

  /** Takes out whom an event is for; who watches in several ways is told once. */
  take({ type, path }: NativeEvent): readonly Watcher[] {
    const name = eventNameOf(type);
    if (name === undefined) return [];
    const found = new Set<Watcher>();
    for (const kind of FIRES[name]) {
      for (const watcher of this.#watchers[kind].get(path) ?? []) found.add(watcher);
      this.#watchers[kind].delete(path);
    }
    for (const watcher of this.#watchers.persistent.get(path) ?? []) found.add(watcher);
    if (name !== "NodeChildrenChanged") {
      for (const [root, watchers] of this.#watchers.persistentRecursive) {
        if (isWithin(path, root)) for (const watcher of watchers) found.add(watcher);
      }
    }
    return [...found];
  }

  /** Lists everything that a new connection has to be told, in pieces that fit into frames. */
  toSet(relativeZxid: Zxid): readonly SetWatchesRequest[] {
    const requests: SetWatchesRequest[] = [];
    let lists = emptyLists();
    let length = 0;
    for (const [kind, byPath] of Object.entries(this.#watchers)) {
      for (const path of byPath.keys()) {
        if (length + path.length > SET_WATCHES_LENGTH_MAX) {
          requests.push(requestOf(lists, relativeZxid));
          lists = emptyLists();
          length = 0;
        }
        lists[kind as keyof Lists].push(path);
        length += path.length;
      }
    }
    if (length > 0) requests.push(requestOf(lists, relativeZxid));
    return requests;
  }
}

/** Names the type of an event; undefined for one that is none of a znode. */
export function eventNameOf(type: number): WatchedEventName | undefined {
  const names = Object.keys(WatchedEventType) as WatchedEventName[];
  return names.find((name) => WatchedEventType[name] === type);
}

function emptyLists(): Lists {
  return { data: [], exist: [], child: [], persistent: [], persistentRecursive: [] };
}

function requestOf(lists: Lists, relativeZxid: Zxid): SetWatchesRequest {
  return {
    op: "setWatches",
    relativeZxid,
    dataWatches: lists.data,
    existWatches: lists.exist,
    childWatches: lists.child,
    persistentWatches: lists.persistent,
    persistentRecursiveWatches: lists.persistentRecursive,
  };
}
