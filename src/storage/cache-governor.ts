import { assert } from "../core/assert.ts";
import type { DataNode } from "../core/data-node.ts";

/** What a cached node weighs beside its data: objects, strings, list and map entries. */
export const NODE_BYTES = 400;

/** The budget of an isolate, bytes: a quarter of what the platform grants. */
export const CACHE_BYTES_MAX: number = 32 * 1_048_576;

/** What a node weighs in a cache. */
export function weightOf(node: DataNode): number {
  return NODE_BYTES + (node.data === null ? 0 : node.data.length);
}

/** A node in a cache, equal to its row. `map` is the cache it is in, by path. */
export interface CachedNode {
  readonly path: string;
  readonly node: DataNode;
  /** The reap date of its row. */
  readonly dueMs: number | undefined;
  readonly map: Map<string, CachedNode>;
  /** Set by a hit; cleared when the clock's hand passes. */
  isReferenced: boolean;
  older: CachedNode | undefined;
  newer: CachedNode | undefined;
}

/** Bytes that a store holds and cannot let go: its dirty nodes. Changed by the governor only. */
export interface Pinned {
  bytes: number;
}

/**
 * Shares one memory budget among all stores of an isolate, so that several shards in one isolate
 * cannot exceed what one may have.
 *
 * All cached nodes of all stores stand in one list, the oldest first. When the budget is exceeded
 * the clock's hand walks from the oldest: a node that was hit since the last round goes to the
 * other end, one that was not leaves its cache. Dirty nodes count but cannot leave.
 *
 * An object that the platform drops says no goodbye: its cached nodes are the first to go, since
 * nobody hits them, and its pins are held weakly, so that they stop to count.
 *
 * Invariant: `bytes` ≤ budget after {@link enforce}, unless dirty nodes alone exceed it.
 */
export class CacheGovernor {
  readonly budgetBytes: number;
  #pins: WeakRef<Pinned>[] = [];
  /** The sum of all pins, of dropped stores too until the next recount. */
  #pinnedBytes = 0;
  #cachedBytes = 0;
  #oldest: CachedNode | undefined;
  #newest: CachedNode | undefined;

  constructor(budgetBytes: number = CACHE_BYTES_MAX) {
    this.budgetBytes = budgetBytes;
  }

  /** Bytes of all nodes in memory, dirty ones included. */
  get bytes(): number {
    return this.#cachedBytes + this.#pinnedBytes;
  }

  /** Starts an account for what a store pins; it counts as long as the store holds it. */
  register(): Pinned {
    const pinned: Pinned = { bytes: 0 };
    this.#pins.push(new WeakRef(pinned));
    return pinned;
  }

  /** A store pins so many bytes more, or less. */
  pin(pinned: Pinned, bytes: number): void {
    pinned.bytes += bytes;
    this.#pinnedBytes += bytes;
  }

  /** Adds a node that its map holds already. */
  add(cached: CachedNode): void {
    this.#cachedBytes += weightOf(cached.node);
    this.#append(cached);
  }

  /** Forgets a node that its map holds no more. */
  remove(cached: CachedNode): void {
    this.#cachedBytes -= weightOf(cached.node);
    this.#unlink(cached);
  }

  /** Drops cached nodes until the budget holds. */
  enforce(): void {
    if (this.bytes <= this.budgetBytes) return;
    this.#recountPins();
    while (this.#cachedBytes > 0 && this.bytes > this.budgetBytes) this.#moveHand();
  }

  #moveHand(): void {
    const oldest = this.#oldest;
    assert(oldest !== undefined, "cached bytes belong to nodes in the list");
    if (oldest.isReferenced) {
      oldest.isReferenced = false;
      this.#unlink(oldest);
      this.#append(oldest);
    } else {
      oldest.map.delete(oldest.path);
      this.remove(oldest);
    }
  }

  #recountPins(): void {
    let isAnyGone = false;
    this.#pinnedBytes = 0;
    for (const ref of this.#pins) {
      const pinned = ref.deref();
      if (pinned === undefined) isAnyGone = true;
      else this.#pinnedBytes += pinned.bytes;
    }
    if (isAnyGone) this.#pins = this.#pins.filter((ref) => ref.deref() !== undefined);
  }

  #append(cached: CachedNode): void {
    cached.older = this.#newest;
    cached.newer = undefined;
    if (this.#newest === undefined) this.#oldest = cached;
    else this.#newest.newer = cached;
    this.#newest = cached;
  }

  #unlink(cached: CachedNode): void {
    if (cached.older === undefined) this.#oldest = cached.newer;
    else cached.older.newer = cached.newer;
    if (cached.newer === undefined) this.#newest = cached.older;
    else cached.newer.older = cached.older;
    cached.older = undefined;
    cached.newer = undefined;
  }
}
