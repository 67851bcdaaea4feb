import { assert } from "../core/assert.ts";
import type { DataNode, SessionId } from "../core/data-node.ts";
import type { EphemeralUsage, Page, Tables } from "../core/node-table.ts";
import { nameOf, parentOf } from "../core/path.ts";
import type { Session } from "../core/session.ts";
import type { TxnOutcome } from "../core/txn.ts";
import type { Change } from "./snapshot-part.ts";
import {
  encodeNodeRow,
  encodeOutcomeRow,
  encodeSessionRow,
  parseKey,
  type RowContent,
} from "./snapshot-row.ts";
import type { SnapshotRow } from "./store.ts";
import { PathSets } from "./path-sets.ts";

/**
 * The tables as plain maps, everything in memory: what tests run on, and what the tables over SQL
 * are compared with. Simple on purpose; nothing here is fast for large trees.
 */
export class MemoryTables implements Tables {
  readonly #nodes = new Map<string, DataNode>();
  readonly #reapDates = new Map<string, number>();
  readonly #sessions = new Map<SessionId, Session>();
  readonly #outcomes = new Map<string, TxnOutcome>();
  /** Follows from {@link #nodes}: names by parent. */
  readonly #children = new PathSets<string>();
  /** Follows from {@link #nodes}: paths by owner. */
  readonly #ephemerals = new PathSets<SessionId>();
  #outcomesDroppedMs = 0;
  /** Keys of whatever was changed, each once. */
  readonly #changed = new Set<string>();

  /** Starts as a copy of `other`, or empty. */
  constructor(other?: MemoryTables) {
    if (other === undefined) return;
    for (const [path, dueMs] of other.#reapDates) this.#reapDates.set(path, dueMs);
    for (const [id, session] of other.#sessions) this.#sessions.set(id, session);
    for (const [key, outcome] of other.#outcomes) this.#outcomes.set(key, outcome);
    this.#outcomesDroppedMs = other.#outcomesDroppedMs;
    for (const [path, node] of other.#nodes) {
      this.#nodes.set(path, node);
      this.#index(path, node);
    }
  }

  /** How many nodes, sessions and outcomes were changed and not forgotten. */
  get changes(): number {
    return this.#changed.size;
  }

  /** Counts changes from here on. */
  forgetChanges(): void {
    this.#changed.clear();
  }

  get(path: string): DataNode | undefined {
    return this.#nodes.get(path);
  }

  put(path: string, node: DataNode): void {
    const old = this.#nodes.get(path);
    if (old !== undefined) this.#unindex(path, old);
    this.#nodes.set(path, node);
    this.#index(path, node);
    this.#changed.add(path);
  }

  delete(path: string): void {
    const node = this.#nodes.get(path);
    assert(node !== undefined, "a node that is deleted exists");
    this.#unindex(path, node);
    this.#nodes.delete(path);
    this.#reapDates.delete(path);
    this.#changed.add(path);
  }

  children(path: string, { after, limit }: Page): string[] {
    const names = [...(this.#children.get(path) ?? [])].filter((name) => name > after);
    return names.sort().slice(0, limit);
  }

  ephemeralsOf(session: SessionId): string[] {
    return [...(this.#ephemerals.get(session) ?? [])].sort();
  }

  ephemeralUsage(session: SessionId): EphemeralUsage {
    const paths = this.#ephemerals.get(session);
    let pathLength = 0;
    for (const path of paths ?? []) pathLength += path.length;
    return { nodes: paths?.size ?? 0, pathLength };
  }

  scheduleReap(path: string, dueMs: number | undefined): void {
    assert(this.#nodes.has(path), "a node that gets a reap date exists");
    if (dueMs === undefined) this.#reapDates.delete(path);
    else this.#reapDates.set(path, dueMs);
    this.#changed.add(path);
  }

  countDescendants(path: string): number {
    const prefix = path === "/" ? "/" : `${path}/`;
    let count = 0;
    for (const other of this.#nodes.keys()) {
      if (other !== path && other.startsWith(prefix)) count++;
    }
    return count;
  }

  reapable(nowMs: number, limit: number): string[] {
    const due = [...this.#reapDates].filter(([, dueMs]) => dueMs <= nowMs);
    due.sort(([pathA, a], [pathB, b]) => a - b || (pathA < pathB ? -1 : 1));
    return due.slice(0, limit).map(([path]) => path);
  }

  nextReapMs(): number | undefined {
    let next: number | undefined;
    for (const dueMs of this.#reapDates.values()) {
      if (next === undefined || dueMs < next) next = dueMs;
    }
    return next;
  }

  getSession(id: SessionId): Session | undefined {
    return this.#sessions.get(id);
  }

  putSession(session: Session): void {
    this.#sessions.set(session.id, session);
    this.#changed.add(`session ${session.id}`);
  }

  deleteSession(id: SessionId): void {
    this.#sessions.delete(id);
    this.#changed.add(`session ${id}`);
  }

  sessions(): Iterable<Session> {
    return [...this.#sessions.values()].sort((a, b) => a.id - b.id);
  }

  getOutcome(key: string): TxnOutcome | undefined {
    return this.#outcomes.get(key);
  }

  putOutcome(key: string, outcome: TxnOutcome): void {
    if (outcome.dueMs > this.#outcomesDroppedMs) this.#outcomes.set(key, outcome);
    else this.#outcomes.delete(key);
    this.#changed.add(`outcome ${key}`);
  }

  dropOutcomes(nowMs: number): void {
    this.#outcomesDroppedMs = Math.max(this.#outcomesDroppedMs, nowMs);
    for (const [key, { dueMs }] of this.#outcomes) {
      if (dueMs <= nowMs) this.#outcomes.delete(key);
    }
  }

  /** Everything, as rows of a snapshot in the order of their keys. */
  snapshotRows(): SnapshotRow[] {
    const rows: SnapshotRow[] = [];
    for (const [path, node] of this.#nodes) {
      rows.push(encodeNodeRow({ path, node, dueMs: this.#reapDates.get(path) }));
    }
    for (const [key, outcome] of this.#outcomes) rows.push(encodeOutcomeRow(key, outcome));
    for (const session of this.#sessions.values()) rows.push(encodeSessionRow(session));
    return rows.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  /** The row of a snapshot with this key. */
  snapshotRow(key: string): SnapshotRow | undefined {
    const place = parseKey(key);
    switch (place.type) {
      case "node": {
        const { path } = place;
        const node = this.#nodes.get(path);
        return node && encodeNodeRow({ path, node, dueMs: this.#reapDates.get(path) });
      }
      case "outcome": {
        const outcome = this.#outcomes.get(place.key);
        return outcome && encodeOutcomeRow(place.key, outcome);
      }
      case "session": {
        const session = this.#sessions.get(place.id);
        return session && encodeSessionRow(session);
      }
    }
  }

  /** Puts a row of another member's snapshot into place, or takes it away. */
  change({ key, content }: Change): void {
    if (content !== undefined) {
      this.#putContent(content);
      return;
    }
    const place = parseKey(key);
    if (place.type === "session") this.deleteSession(place.id);
    if (place.type === "node" && this.#nodes.has(place.path)) this.delete(place.path);
  }

  #putContent(content: RowContent): void {
    switch (content.type) {
      case "node":
        this.put(content.entry.path, content.entry.node);
        this.scheduleReap(content.entry.path, content.entry.dueMs);
        return;
      case "outcome":
        this.putOutcome(content.key, content.outcome);
        return;
      case "session":
        this.putSession(content.session);
    }
  }

  #index(path: string, node: DataNode): void {
    if (path !== "/") this.#children.add(parentOf(path), nameOf(path));
    if (node.ephemeralOwner !== 0) this.#ephemerals.add(node.ephemeralOwner, path);
  }

  #unindex(path: string, node: DataNode): void {
    if (path !== "/") this.#children.delete(parentOf(path), nameOf(path));
    if (node.ephemeralOwner !== 0) this.#ephemerals.delete(node.ephemeralOwner, path);
  }
}
