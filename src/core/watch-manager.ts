import type { ACL } from "./acl.ts";
import { Code, failure, type Outcome } from "./keeper-error.ts";
import type { Limits } from "./limits.ts";
import type { WatchedEvent } from "./request.ts";
import { parentOf } from "./path.ts";
import { WatchMode, WatchTable, type WatcherId } from "./watch-table.ts";
import { type Change, WatchedEventType } from "./watched-event.ts";

/**
 * How a watch came to be: `data` by getData or exists, `child` by getChildren, the other two by
 * addWatch.
 */
export type WatchKind = "data" | "child" | "persistent" | "recursive";

/** What removeWatches and checkWatches mean. Source: ZooKeeper `Watcher.WatcherType`. */
export const WatcherType = {
  Children: 1,
  Data: 2,
  Any: 3,
  Persistent: 4,
  PersistentRecursive: 5,
} as const;
export type WatcherType = (typeof WatcherType)[keyof typeof WatcherType];

/** The watches of one connection as plain lists: what a socket keeps while its shard sleeps. */
export interface WatchSnapshot {
  readonly data: readonly string[];
  readonly child: readonly string[];
  readonly persistent: readonly string[];
  readonly recursive: readonly string[];
}

/**
 * Takes an event for a connection. The caller drops it if the connection may not READ by
 * `filterAcl`; the watch is used up all the same.
 */
export type Deliver = (watcher: WatcherId, event: WatchedEvent, filterAcl: readonly ACL[]) => void;

/** Which modes a kind has in the data and in the child table. */
const MODES: Record<WatchKind, { readonly data: number; readonly child: number }> = {
  data: { data: WatchMode.STANDARD, child: 0 },
  child: { data: 0, child: WatchMode.STANDARD },
  persistent: { data: WatchMode.PERSISTENT, child: WatchMode.PERSISTENT },
  recursive: { data: WatchMode.PERSISTENT_RECURSIVE, child: 0 },
};

/** Which modes a removal of a type takes from the data and from the child table. */
const TYPES: Record<WatcherType, { readonly data: number; readonly child: number }> = {
  1: MODES.child,
  2: MODES.data,
  3: { data: WatchMode.ANY, child: WatchMode.ANY },
  4: MODES.persistent,
  5: MODES.recursive,
};

/** Finds the kind that addWatch makes: mode 0 or 1; undefined for a number that is none. */
export function findAddWatchKind(mode: number): WatchKind | undefined {
  if (mode === 0) return "persistent";
  return mode === 1 ? "recursive" : undefined;
}

/** Finds a {@link WatcherType}; undefined for a number that is none. */
export function findWatcherType(type: number): WatcherType | undefined {
  return Number.isInteger(type) && type >= 1 && type <= 5 ? (type as WatcherType) : undefined;
}

/**
 * All watches of a shard: who hears of which change, in which order.
 *
 * Paths are taken as they come: a watch on a path that can never exist is legal and silent.
 * Knows nothing of sessions, ACLs or what exists; those are the caller's.
 *
 * Source: ZooKeeper `DataTree.dataWatches` and `childWatches`, `WatchManager`.
 */
export class WatchManager {
  readonly #data = new WatchTable();
  readonly #child = new WatchTable();
  readonly #limits: Pick<Limits, "CONNECTION_WATCHES_MAX" | "SHARD_WATCHES_MAX">;

  constructor(limits: Pick<Limits, "CONNECTION_WATCHES_MAX" | "SHARD_WATCHES_MAX">) {
    this.#limits = limits;
  }

  /** Entries of both tables; a persistent watch has one in each. ZooKeeper's `watch_count`. */
  get count(): number {
    return this.#data.count + this.#child.count;
  }

  /** Entries of one connection in both tables. */
  countOf(watcher: WatcherId): number {
    return this.#data.countOf(watcher) + this.#child.countOf(watcher);
  }

  /** Numbers of the data table, the only one that ZooKeeper's `wchs` shows. */
  summary(): { readonly connections: number; readonly paths: number; readonly watches: number } {
    const { watcherCount, pathCount, count } = this.#data;
    return { connections: watcherCount, paths: pathCount, watches: count };
  }

  /** The entries of the data table by path, the only ones that ZooKeeper's `wchc` and `wchp` list. */
  dataWatches(): Iterable<readonly [path: string, watchers: Iterable<WatcherId>]> {
    return this.#data.entries();
  }

  /**
   * Sets a watch; one that is there already stays as it is.
   *
   * @returns THROTTLEDOP, and no watch, if it would be one too many [WA10].
   */
  add(path: string, watcher: WatcherId, kind: WatchKind): Outcome<void> {
    const { data, child } = MODES[kind];
    const needed =
      Number(data !== 0 && this.#data.modesOf(path, watcher) === 0) +
      Number(child !== 0 && this.#child.modesOf(path, watcher) === 0);
    const refusal = this.#refuse(watcher, needed);
    if (refusal === undefined) this.#add(path, watcher, kind);
    return refusal;
  }

  /**
   * Sets all watches of a list, or none of them.
   *
   * @returns THROTTLEDOP, and no watch, if they would be too many [WA10].
   */
  addAll(watcher: WatcherId, watches: WatchSnapshot): Outcome<void> {
    const inData = new Set([...watches.data, ...watches.persistent, ...watches.recursive]);
    const inChild = new Set([...watches.child, ...watches.persistent]);
    let needed = 0;
    for (const path of inData) needed += Number(this.#data.modesOf(path, watcher) === 0);
    for (const path of inChild) needed += Number(this.#child.modesOf(path, watcher) === 0);
    const refusal = this.#refuse(watcher, needed);
    if (refusal === undefined) this.restore(watcher, watches);
    return refusal;
  }

  /** Sets watches that were there before the shard slept; limits were looked at then. */
  restore(watcher: WatcherId, watches: WatchSnapshot): void {
    for (const path of watches.data) this.#add(path, watcher, "data");
    for (const path of watches.child) this.#add(path, watcher, "child");
    for (const path of watches.persistent) this.#add(path, watcher, "persistent");
    for (const path of watches.recursive) this.#add(path, watcher, "recursive");
  }

  /** Lists the watches of a connection. */
  watchesOf(watcher: WatcherId): WatchSnapshot {
    const select = (table: WatchTable, mode: number): string[] =>
      [...table.pathsOf(watcher)].filter((path) => table.modesOf(path, watcher) & mode);
    return {
      data: select(this.#data, WatchMode.STANDARD),
      child: select(this.#child, WatchMode.STANDARD),
      persistent: select(this.#data, WatchMode.PERSISTENT),
      recursive: select(this.#data, WatchMode.PERSISTENT_RECURSIVE),
    };
  }

  /** Tells whether a connection has a watch of a type on a path. */
  check(path: string, watcher: WatcherId, type: WatcherType): boolean {
    const { data, child } = TYPES[type];
    return (
      (this.#data.modesOf(path, watcher) & data) !== 0 ||
      (this.#child.modesOf(path, watcher) & child) !== 0
    );
  }

  /** Removes the watches of a type from a path. Returns whether there was any. */
  remove(path: string, watcher: WatcherId, type: WatcherType): boolean {
    const { data, child } = TYPES[type];
    const wasInData = this.#data.remove(path, watcher, data);
    const wasInChild = this.#child.remove(path, watcher, child);
    return wasInData || wasInChild;
  }

  /** Forgets a connection with all its watches. */
  removeWatcher(watcher: WatcherId): void {
    this.#data.removeWatcher(watcher);
    this.#child.removeWatcher(watcher);
  }

  /**
   * Fires the watches that a change hits and uses up the standard ones.
   *
   * Order: the znode's data watches, its child watches, then those on its parent's children; in
   * each table a connection hears of a change once [WA4]. Within a step connections come in order
   * of registration, recursive watches behind those on the path itself.
   */
  trigger(change: Change, deliver: Deliver): void {
    const { type, path, zxid, acl } = change;
    const event: WatchedEvent = { type: WatchedEventType[type], path, zxid };
    const told = this.#data.trigger(path);
    for (const watcher of told) deliver(watcher, event, acl);
    if (type === "NodeDataChanged") return;
    if (type === "NodeDeleted") {
      for (const watcher of this.#child.trigger(path)) {
        if (!told.has(watcher)) deliver(watcher, event, acl);
      }
    }
    const parent = parentOf(path);
    const parentEvent = { type: WatchedEventType.NodeChildrenChanged, path: parent, zxid };
    for (const watcher of this.#child.trigger(parent)) {
      deliver(watcher, parentEvent, change.parentAcl);
    }
  }

  #add(path: string, watcher: WatcherId, kind: WatchKind): void {
    const { data, child } = MODES[kind];
    if (data !== 0) this.#data.add(path, watcher, data);
    if (child !== 0) this.#child.add(path, watcher, child);
  }

  #refuse(watcher: WatcherId, needed: number): Outcome<void> {
    if (needed === 0) return undefined;
    const { CONNECTION_WATCHES_MAX, SHARD_WATCHES_MAX } = this.#limits;
    const own = this.countOf(watcher) + needed;
    if (own > CONNECTION_WATCHES_MAX) {
      return tooMany("CONNECTION_WATCHES_MAX", CONNECTION_WATCHES_MAX, own);
    }
    const all = this.count + needed;
    return all > SHARD_WATCHES_MAX
      ? tooMany("SHARD_WATCHES_MAX", SHARD_WATCHES_MAX, all)
      : undefined;
  }
}

/** THROTTLEDOP rather than QUOTAEXCEEDED: the client may try again, no quota on a znode helps. */
function tooMany(name: string, expected: number, seen: number): Outcome<void> {
  const message = `expected at most ${expected} watches (${name}), saw ${seen}`;
  return failure(Code.THROTTLEDOP, message, { expected, seen });
}
