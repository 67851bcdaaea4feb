import type { ACL } from "../core/acl.ts";
import type { DataNode, SessionId } from "../core/data-node.ts";
import { parentOf } from "../core/path.ts";
import { type CacheGovernor, type Pinned, weightOf } from "./cache-governor.ts";
import { PathSets } from "./path-sets.ts";

/** What the tables on disk hold about a node, as far as a checkpoint must take it back. */
export interface StoredFacts {
  readonly ephemeralOwner: SessionId;
  readonly dueMs: number | undefined;
  readonly acl: readonly ACL[];
}

/** A node that differs from its row. */
export interface DirtyNode {
  /** undefined: deleted. */
  node: DataNode | undefined;
  /** When it may be reaped; always undefined for a deleted node. */
  dueMs: number | undefined;
  /** undefined: there is no row. */
  readonly stored: StoredFacts | undefined;
}

const NONE: ReadonlySet<string> = new Set();
/** What the memory of a deletion weighs. */
const TOMBSTONE_BYTES = 200;

/**
 * The nodes that changed since the last checkpoint, and what follows from them for every list
 * that is read from the tables: names that are new or gone, ephemerals, reap dates.
 *
 * A node that was created and deleted in between leaves nothing behind.
 */
export class DirtyNodes {
  readonly #nodes = new Map<string, DirtyNode>();
  readonly #governor: CacheGovernor;
  readonly #pinned: Pinned;
  /** Paths by parent: present here, without a row. */
  readonly #added = new PathSets<string>();
  /** Paths by parent: deleted here, with a row. */
  readonly #removed = new PathSets<string>();
  readonly #ephemerals = new PathSets<SessionId>();
  readonly #reapDates = new Map<string, number>();

  constructor(governor: CacheGovernor) {
    this.#governor = governor;
    this.#pinned = governor.register();
  }

  get bytes(): number {
    return this.#pinned.bytes;
  }

  get size(): number {
    return this.#nodes.size;
  }

  get(path: string): DirtyNode | undefined {
    return this.#nodes.get(path);
  }

  entries(): Iterable<[path: string, dirty: DirtyNode]> {
    return this.#nodes;
  }

  /** Paths of children that are new. */
  addedTo(parent: string): ReadonlySet<string> {
    return this.#added.get(parent) ?? NONE;
  }

  /** Paths of children that have a row and are deleted. */
  removedFrom(parent: string): ReadonlySet<string> {
    return this.#removed.get(parent) ?? NONE;
  }

  /** Paths of dirty nodes that a session owns. */
  ephemeralsOf(session: SessionId): ReadonlySet<string> {
    return this.#ephemerals.get(session) ?? NONE;
  }

  /** Reap dates of dirty nodes. */
  get reapDates(): ReadonlyMap<string, number> {
    return this.#reapDates;
  }

  /** How many more nodes there are below `path` than rows. */
  descendantsBeyondRows(path: string): number {
    const prefix = path === "/" ? "/" : `${path}/`;
    let count = 0;
    for (const [parent, paths] of this.#added.entries()) {
      if (parent === path || parent.startsWith(prefix)) count += paths.size;
    }
    for (const [parent, paths] of this.#removed.entries()) {
      if (parent === path || parent.startsWith(prefix)) count -= paths.size;
    }
    return count;
  }

  /** Records a node that was not dirty. */
  add(path: string, dirty: DirtyNode): void {
    this.#nodes.set(path, dirty);
    this.#governor.pin(this.#pinned, bytesOf(dirty));
    this.#indexChild(path, dirty);
    this.#indexNode(path, dirty);
  }

  /** Changes a dirty node: a new value, or undefined for a deletion. */
  update(
    path: string,
    dirty: DirtyNode,
    node: DataNode | undefined,
    dueMs: number | undefined,
  ): void {
    const isSamePresence = (dirty.node === undefined) === (node === undefined);
    const before = bytesOf(dirty);
    this.#unindexNode(path, dirty);
    if (!isSamePresence) this.#unindexChild(path, dirty);
    dirty.node = node;
    dirty.dueMs = dueMs;
    if (node === undefined && dirty.stored === undefined) {
      this.#nodes.delete(path);
      this.#governor.pin(this.#pinned, -before);
      return;
    }
    this.#governor.pin(this.#pinned, bytesOf(dirty) - before);
    this.#indexNode(path, dirty);
    if (!isSamePresence) this.#indexChild(path, dirty);
  }

  /** Forgets everything: the tables have it now. */
  clear(): void {
    this.#governor.pin(this.#pinned, -this.#pinned.bytes);
    this.#nodes.clear();
    this.#added.clear();
    this.#removed.clear();
    this.#ephemerals.clear();
    this.#reapDates.clear();
  }

  #indexNode(path: string, { node, dueMs }: DirtyNode): void {
    if (node === undefined) return;
    if (node.ephemeralOwner !== 0) this.#ephemerals.add(node.ephemeralOwner, path);
    if (dueMs !== undefined) this.#reapDates.set(path, dueMs);
  }

  #unindexNode(path: string, { node, dueMs }: DirtyNode): void {
    if (node === undefined) return;
    if (node.ephemeralOwner !== 0) this.#ephemerals.delete(node.ephemeralOwner, path);
    if (dueMs !== undefined) this.#reapDates.delete(path);
  }

  /** Under its path, not its name: the path is a key already, the name were one more string. */
  #indexChild(path: string, dirty: DirtyNode): void {
    this.#overlayOf(path, dirty)?.add(parentOf(path), path);
  }

  #unindexChild(path: string, dirty: DirtyNode): void {
    this.#overlayOf(path, dirty)?.delete(parentOf(path), path);
  }

  #overlayOf(path: string, { node, stored }: DirtyNode): PathSets<string> | undefined {
    if (path === "/") return undefined;
    if (node !== undefined) return stored === undefined ? this.#added : undefined;
    return stored === undefined ? undefined : this.#removed;
  }
}

function bytesOf({ node }: DirtyNode): number {
  return node === undefined ? TOMBSTONE_BYTES : weightOf(node);
}
