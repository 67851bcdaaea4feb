import { assert } from "../core/assert.ts";
import type { DataNode, SessionId } from "../core/data-node.ts";
import type { EphemeralUsage, Page, Tables } from "../core/node-table.ts";
import { childPath, nameOf, parentOf } from "../core/path.ts";
import type { Session } from "../core/session.ts";
import type { TxnOutcome } from "../core/txn.ts";
import type { Zxid } from "../core/zxid.ts";
import { AbsentNames } from "./absent-names.ts";
import type { CacheGovernor } from "./cache-governor.ts";
import { DirtyNodes } from "./dirty-nodes.ts";
import { EphemeralUsages } from "./ephemeral-usages.ts";
import { NodeCache } from "./node-cache.ts";
import type { NodeRows } from "./node-rows.ts";
import { ReapDates } from "./reap-dates.ts";
import type { SqlOutcomes } from "./sql-outcomes.ts";
import type { SqlSessions } from "./sql-sessions.ts";
import type { SqlState } from "./sql-state.ts";

/** What {@link SqlTables} is put together from. */
export interface TableParts {
  readonly state: SqlState;
  readonly rows: NodeRows;
  readonly sessions: SqlSessions;
  readonly outcomes: SqlOutcomes;
  readonly governor: CacheGovernor;
}

/** Paths without a row that are remembered at once: more than a batch usually creates. */
const ABSENT_PATHS_MAX = 4_096;

/**
 * The tree as of the last txn applied: dirty nodes first, then cached ones, then rows.
 *
 *     get ─▶ DirtyNodes ─▶ NodeCache ─▶ AbsentNames ─▶ NodeRows (a point read)
 *     put ─▶ DirtyNodes                                   ▲
 *                  └──────────── checkpoint ──────────────┘
 *
 * Lists merge the rows with what is dirty, so that they are right at every moment.
 */
export class SqlTables implements Tables {
  readonly #state: SqlState;
  readonly #rows: NodeRows;
  readonly #sessions: SqlSessions;
  readonly #outcomes: SqlOutcomes;
  readonly #governor: CacheGovernor;
  readonly #dirty: DirtyNodes;
  readonly #cache: NodeCache;
  readonly #absent = new AbsentNames();
  readonly #reapDates: ReapDates;
  readonly #usages: EphemeralUsages;
  /** Paths without a row: what the creates of a batch looked for, they put next. */
  readonly #absentPaths = new Set<string>();
  #newestZxid: Zxid = 0;
  /** Rows below the root, once somebody asked: counting them reads them all. */
  #rowsCount: number | undefined;

  constructor({ state, rows, sessions, outcomes, governor }: TableParts) {
    this.#state = state;
    this.#rows = rows;
    this.#sessions = sessions;
    this.#outcomes = outcomes;
    this.#governor = governor;
    this.#dirty = new DirtyNodes(governor);
    this.#cache = new NodeCache(governor);
    this.#reapDates = new ReapDates(state, rows, this.#dirty);
    this.#usages = new EphemeralUsages((session) => this.ephemeralsOf(session));
  }

  /** The newest zxid seen in a node that was put: everything up to it was applied. */
  get newestZxid(): Zxid {
    return this.#newestZxid;
  }

  /** How many rows a checkpoint would write. */
  get dirtyNodes(): number {
    return this.#dirty.size + this.#sessions.dirtyCount + this.#outcomes.dirtyCount;
  }

  /** What those rows weigh in memory. */
  get dirtyBytes(): number {
    return this.#dirty.bytes + this.#outcomes.dirtyBytes;
  }

  get(path: string): DataNode | undefined {
    const dirty = this.#dirty.get(path);
    return dirty === undefined ? this.#findStored(path)?.node : dirty.node;
  }

  put(path: string, node: DataNode): void {
    const dirty = this.#dirty.get(path);
    if (dirty === undefined) {
      const stored = this.#findStored(path);
      this.#usages.change(path, stored?.node.ephemeralOwner ?? 0, node.ephemeralOwner);
      this.#takeOver(path, stored, node, stored?.dueMs);
    } else {
      this.#usages.change(path, dirty.node?.ephemeralOwner ?? 0, node.ephemeralOwner);
      this.#dirty.update(path, dirty, node, dirty.dueMs);
    }
    this.#newestZxid = Math.max(this.#newestZxid, node.mzxid, node.pzxid);
    this.#governor.enforce();
  }

  delete(path: string): void {
    const dirty = this.#dirty.get(path);
    const stored = dirty === undefined ? this.#findStored(path) : undefined;
    const node = dirty === undefined ? stored?.node : dirty.node;
    assert(node !== undefined, "a node that is deleted exists");
    this.#usages.change(path, node.ephemeralOwner, 0);
    this.#reapDates.change(dirty === undefined ? stored?.dueMs : dirty.dueMs, undefined);
    if (dirty === undefined) this.#takeOver(path, stored, undefined, undefined);
    else this.#dirty.update(path, dirty, undefined, undefined);
  }

  children(path: string, { after, limit }: Page): string[] {
    const added = this.#dirty.addedTo(path);
    const removed = this.#dirty.removedFrom(path);
    let names: string[] = [];
    if (this.#mayHaveRowsBelow(path)) {
      const limitOfRows = limit + removed.size;
      // The database takes a negative limit for none.
      names = this.#rows.names(path, after, limitOfRows <= 2 ** 31 ? limitOfRows : -1);
      if (removed.size > 0) names = names.filter((name) => !removed.has(childPath(path, name)));
    }
    if (added.size > 0) {
      for (const child of added) {
        const name = nameOf(child);
        if (name > after) names.push(name);
      }
      names.sort();
    }
    return names.length > limit ? names.slice(0, limit) : names;
  }

  ephemeralsOf(session: SessionId): string[] {
    const stored = this.#state.exists ? this.#rows.ephemeralsOf(session) : [];
    const paths = stored.filter((path) => this.#dirty.get(path) === undefined);
    paths.push(...this.#dirty.ephemeralsOf(session));
    return paths.sort();
  }

  ephemeralUsage(session: SessionId): EphemeralUsage {
    return this.#usages.of(session);
  }

  scheduleReap(path: string, dueMs: number | undefined): void {
    const dirty = this.#dirty.get(path);
    const stored = dirty === undefined ? this.#findStored(path) : undefined;
    const node = dirty === undefined ? stored?.node : dirty.node;
    assert(node !== undefined, "a node that gets a reap date exists");
    const before = dirty === undefined ? stored?.dueMs : dirty.dueMs;
    if (before === dueMs) return;
    this.#reapDates.change(before, dueMs);
    if (dirty === undefined) this.#takeOver(path, stored, node, dueMs);
    else this.#dirty.update(path, dirty, node, dueMs);
  }

  countDescendants(path: string): number {
    const rows = path === "/" ? (this.#rowsCount ??= this.#countRows("/")) : this.#countRows(path);
    return rows + this.#dirty.descendantsBeyondRows(path);
  }

  #countRows(path: string): number {
    return this.#state.exists ? this.#rows.countDescendants(path) : 0;
  }

  reapable(nowMs: number, limit: number): string[] {
    return this.#reapDates.reapable(nowMs, limit);
  }

  nextReapMs(): number | undefined {
    return this.#reapDates.next();
  }

  getSession(id: SessionId): Session | undefined {
    return this.#sessions.get(id);
  }

  putSession(session: Session): void {
    this.#sessions.put(session);
  }

  deleteSession(id: SessionId): void {
    this.#sessions.delete(id);
  }

  sessions(): Iterable<Session> {
    return this.#sessions.all();
  }

  getOutcome(key: string): TxnOutcome | undefined {
    return this.#outcomes.get(key);
  }

  putOutcome(key: string, outcome: TxnOutcome): void {
    this.#outcomes.put(key, outcome);
    this.#newestZxid = Math.max(this.#newestZxid, outcome.zxid);
  }

  dropOutcomes(nowMs: number): void {
    this.#outcomes.drop(nowMs);
  }

  /** Writes all dirty rows; inside of the checkpoint's transaction. */
  write(zxid: Zxid): void {
    this.#rows.write(this.#dirty.entries(), zxid);
    this.#sessions.write(zxid);
    this.#outcomes.write(zxid);
  }

  /** The checkpoint succeeded: what was dirty is cached now. */
  settle(): void {
    const nodes = [...this.#dirty.entries()];
    if (this.#rowsCount !== undefined) this.#rowsCount += this.#dirty.descendantsBeyondRows("/");
    this.#dirty.clear();
    for (const [path, { node, dueMs }] of nodes) {
      if (node !== undefined) this.#cache.keep(path, node, dueMs);
    }
    this.#absent.clear();
    this.#absentPaths.clear();
    this.#sessions.settle();
    this.#outcomes.settle();
    this.#governor.enforce();
  }

  /** Makes a node dirty whose row, if any, was what `stored` says. */
  #takeOver(
    path: string,
    stored: Stored | undefined,
    node: DataNode | undefined,
    dueMs: number | undefined,
  ): void {
    if (stored !== undefined) this.#cache.drop(path);
    const facts = stored && {
      ephemeralOwner: stored.node.ephemeralOwner,
      dueMs: stored.dueMs,
      acl: stored.node.acl,
    };
    this.#dirty.add(path, { node, dueMs, stored: facts });
  }

  /** Returns a node that is not dirty. */
  #findStored(path: string): Stored | undefined {
    if (this.#absentPaths.has(path)) return undefined;
    const stored = this.#findCached(path);
    if (stored === undefined) this.#rememberAbsent(path);
    return stored;
  }

  #rememberAbsent(path: string): void {
    if (this.#absentPaths.size >= ABSENT_PATHS_MAX) this.#absentPaths.clear();
    this.#absentPaths.add(path);
  }

  #findCached(path: string): Stored | undefined {
    const cached = this.#cache.find(path);
    if (cached !== undefined || !this.#state.exists) return cached;
    const parent = parentOf(path);
    const name = nameOf(path);
    if (path !== "/") {
      // `a` and `//a` name nothing, but their parts are those of `/a`.
      if (childPath(parent, name) !== path) return undefined;
      if (!this.#mayHaveRowsBelow(parent) || this.#absent.has(parent, name)) return undefined;
    }
    const { entry, nextName } = this.#rows.find(path);
    if (entry === undefined) {
      if (path !== "/") this.#absent.add(parent, name, nextName);
      return undefined;
    }
    this.#cache.keep(path, entry.node, entry.dueMs);
    this.#governor.enforce();
    return entry;
  }

  /** Whether a parent may have rows of children that are not dirty, or deleted here. */
  #mayHaveRowsBelow(parent: string): boolean {
    if (!this.#state.exists) return false;
    const dirty = this.#dirty.get(parent);
    return dirty === undefined || dirty.stored !== undefined;
  }
}

/** A node as its row has it. */
interface Stored {
  readonly node: DataNode;
  readonly dueMs: number | undefined;
}
