import type { DataNode, SessionId } from "./data-node.ts";
import type { Session } from "./session.ts";
import type { TxnOutcome } from "./txn.ts";

/** Which part of a child list is wanted: at most `limit` names behind `after`, in code unit order. */
export interface Page {
  readonly after: string;
  readonly limit: number;
}

/** A page that holds every child. */
export const ALL: Page = { after: "", limit: Number.MAX_SAFE_INTEGER };

/** What closing a session would have to name in one txn. */
export interface EphemeralUsage {
  readonly nodes: number;
  readonly pathLength: number;
}

/**
 * Where znodes are kept: the port between the tree and what is under it.
 *
 * Three implementations: the storage layer's cache over SQL, its in-memory twin, and
 * {@link OutstandingChanges}, the tree as it will be once everything prepared is applied.
 * The table keeps the side index of ephemerals itself, from the nodes it is given.
 */
export interface NodeTable {
  /** Returns the node, or undefined if there is none. */
  get(path: string): DataNode | undefined;
  /** Inserts or replaces a node. The caller keeps the parent's numbers right. */
  put(path: string, node: DataNode): void;
  /** Removes a node that exists, its ephemeral index entry and its reap date. */
  delete(path: string): void;
  /** Names (not paths) of the direct children, sorted by UTF-16 code unit. */
  children(path: string, page: Page): string[];
  /** Paths of a session's ephemerals, sorted by UTF-16 code unit. */
  ephemeralsOf(session: SessionId): string[];
  /** How much a session's ephemerals weigh: how many, and the code units of their paths. */
  ephemeralUsage(session: SessionId): EphemeralUsage;
  /** Sets the time, ms since 1970, at which a container or TTL node may go; undefined = never. */
  scheduleReap(path: string, dueMs: number | undefined): void;
}

/** Everything that {@link DataTree.apply} writes. */
export interface Tables extends NodeTable {
  /** Number of znodes below `path`, at any depth, itself not counted. */
  countDescendants(path: string): number;
  /** Paths whose reap date is at or before `nowMs`, the earliest first, at most `limit`. */
  reapable(nowMs: number, limit: number): string[];
  /** The earliest reap date, or undefined. */
  nextReapMs(): number | undefined;
  getSession(id: SessionId): Session | undefined;
  putSession(session: Session): void;
  deleteSession(id: SessionId): void;
  sessions(): Iterable<Session>;
  /** The outcome recorded under an idempotency key, until its date passes. */
  getOutcome(key: string): TxnOutcome | undefined;
  putOutcome(key: string, outcome: TxnOutcome): void;
  /** Forgets outcomes whose `dueMs` is at or before `nowMs`. */
  dropOutcomes(nowMs: number): void;
}
