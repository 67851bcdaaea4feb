import { parentOf } from "./path.ts";

/** Whoever gets events: the server's id of a connection. */
export type WatcherId = number;

/**
 * What a watch does when it fires, as bits: one connection may hold all three on one path.
 *
 * Source: ZooKeeper `WatcherMode`, `WatchStats` (combinable since 3.9).
 */
export const WatchMode = {
  /** Fires once, then it is gone. */
  STANDARD: 1,
  /** Stays. */
  PERSISTENT: 2,
  /** Stays, and hears of everything below its path as well. */
  PERSISTENT_RECURSIVE: 4,
  ANY: 7,
} as const;

const NOBODY: ReadonlySet<WatcherId> = new Set();

/**
 * One of the two tables of watches: path → connections, each with its set of modes.
 *
 * An entry is a (path, connection) pair; adding a mode to it makes no second one. Both directions
 * are kept in order of registration, so that everything read from here is deterministic.
 *
 * Source: ZooKeeper `WatchManager`.
 */
export class WatchTable {
  /** Invariant: no inner map is empty, no value is 0. */
  readonly #modes = new Map<string, Map<WatcherId, number>>();
  /** Invariant: the same pairs as {@link #modes}, turned round; no set is empty. */
  readonly #paths = new Map<WatcherId, Set<string>>();
  #count = 0;
  /** Entries with {@link WatchMode.PERSISTENT_RECURSIVE}; without any, ancestors are not walked. */
  #recursiveCount = 0;

  /** Number of entries. */
  get count(): number {
    return this.#count;
  }

  /** Number of paths with an entry. */
  get pathCount(): number {
    return this.#modes.size;
  }

  /** Number of connections with an entry. */
  get watcherCount(): number {
    return this.#paths.size;
  }

  /** Number of entries of one connection. */
  countOf(watcher: WatcherId): number {
    return this.#paths.get(watcher)?.size ?? 0;
  }

  /** The paths that one connection watches. */
  pathsOf(watcher: WatcherId): Iterable<string> {
    return this.#paths.get(watcher) ?? [];
  }

  /** All entries by path, both in order of registration. */
  *entries(): Iterable<readonly [path: string, watchers: Iterable<WatcherId>]> {
    for (const [path, modes] of this.#modes) yield [path, modes.keys()];
  }

  /** The modes of an entry, 0 if there is none. */
  modesOf(path: string, watcher: WatcherId): number {
    return this.#modes.get(path)?.get(watcher) ?? 0;
  }

  /** Adds modes to an entry, or the entry. */
  add(path: string, watcher: WatcherId, modes: number): void {
    let watchers = this.#modes.get(path);
    if (watchers === undefined) this.#modes.set(path, (watchers = new Map()));
    let paths = this.#paths.get(watcher);
    if (paths === undefined) this.#paths.set(watcher, (paths = new Set()));
    const before = watchers.get(watcher) ?? 0;
    watchers.set(watcher, before | modes);
    paths.add(path);
    if (before === 0) this.#count++;
    if (modes & ~before & WatchMode.PERSISTENT_RECURSIVE) this.#recursiveCount++;
  }

  /** Takes modes from an entry; the last one takes the entry. Returns whether any was there. */
  remove(path: string, watcher: WatcherId, modes: number): boolean {
    const watchers = this.#modes.get(path);
    const before = watchers?.get(watcher) ?? 0;
    const removed = before & modes;
    if (watchers === undefined || removed === 0) return false;
    if (removed & WatchMode.PERSISTENT_RECURSIVE) this.#recursiveCount--;
    if (before !== removed) {
      watchers.set(watcher, before & ~modes);
      return true;
    }
    watchers.delete(watcher);
    if (watchers.size === 0) this.#modes.delete(path);
    const paths = this.#paths.get(watcher);
    paths?.delete(path);
    if (paths?.size === 0) this.#paths.delete(watcher);
    this.#count--;
    return true;
  }

  /** Forgets a connection. */
  removeWatcher(watcher: WatcherId): void {
    for (const path of this.pathsOf(watcher)) this.remove(path, watcher, WatchMode.ANY);
  }

  /**
   * Finds who hears of a change at `path` and takes their STANDARD watches on it.
   *
   * A connection is in the answer once, however many of its watches match: those on the path
   * itself first, then the recursive ones on its ancestors, the nearest first.
   */
  trigger(path: string): ReadonlySet<WatcherId> {
    if (this.#count === 0) return NOBODY;
    const watchers = this.#modes.get(path);
    if (watchers === undefined && this.#recursiveCount === 0) return NOBODY;
    const told = new Set(watchers?.keys());
    for (const watcher of told) this.remove(path, watcher, WatchMode.STANDARD);
    if (this.#recursiveCount > 0) this.#collectRecursive(path, told);
    return told;
  }

  #collectRecursive(path: string, into: Set<WatcherId>): void {
    for (let at = path; at !== "/";) {
      at = parentOf(at);
      for (const [watcher, modes] of this.#modes.get(at) ?? []) {
        if (modes & WatchMode.PERSISTENT_RECURSIVE) into.add(watcher);
      }
    }
  }
}
