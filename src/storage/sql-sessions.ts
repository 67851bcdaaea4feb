import type { SessionId } from "../core/data-node.ts";
import type { Session } from "../core/session.ts";
import type { Zxid } from "../core/zxid.ts";
import type { SqlDatabase, SqlRow } from "./sql-database.ts";
import { getBlob, getNumber } from "./sql-row.ts";
import type { SqlState } from "./sql-state.ts";
import type { SessionSeen } from "./store.ts";

/** Sessions remembered that are as their rows have them. */
const REMEMBERED_MAX = 4_096;

const SELECT = "SELECT id, password, timeout_ms, member FROM session WHERE id = ?";
const SELECT_ALL = "SELECT id, password, timeout_ms, member FROM session ORDER BY id";
const SELECT_BEHIND =
  "SELECT id, password, timeout_ms, member FROM session WHERE id > ? ORDER BY id LIMIT ?";
const UPSERT =
  "INSERT INTO session (id, password, timeout_ms, member, zxid) VALUES (?, ?, ?, ?, ?) " +
  "ON CONFLICT (id) DO UPDATE SET password = excluded.password, " +
  "timeout_ms = excluded.timeout_ms, member = excluded.member, zxid = excluded.zxid";
const DELETE = "DELETE FROM session WHERE id = ?";
const SELECT_SEEN = "SELECT session, seen_ms, bound FROM seen ORDER BY session";
const UPSERT_SEEN =
  "INSERT INTO seen (session, seen_ms, bound) VALUES (?, ?, ?) " +
  "ON CONFLICT (session) DO UPDATE SET seen_ms = excluded.seen_ms, bound = excluded.bound";
const DELETE_SEEN = "DELETE FROM seen WHERE session = ?";

/**
 * Sessions as of the last txn applied, over their rows as of the last checkpoint; and when each
 * was last seen, which is no part of the tree and written at once.
 */
export class SqlSessions {
  readonly #db: SqlDatabase;
  readonly #state: SqlState;
  /** undefined: deleted. */
  readonly #dirty = new Map<SessionId, Session | undefined>();
  readonly #remembered = new Map<SessionId, Session>();

  constructor(db: SqlDatabase, state: SqlState) {
    this.#db = db;
    this.#state = state;
  }

  get dirtyCount(): number {
    return this.#dirty.size;
  }

  get(id: SessionId): Session | undefined {
    if (this.#dirty.has(id)) return this.#dirty.get(id);
    const remembered = this.#remembered.get(id);
    if (remembered !== undefined || !this.#state.exists) return remembered;
    const [row] = this.#db.all(SELECT, id);
    if (row === undefined) return undefined;
    const session = toSession(row);
    if (this.#remembered.size >= REMEMBERED_MAX) this.#remembered.clear();
    this.#remembered.set(id, session);
    return session;
  }

  put(session: Session): void {
    this.#dirty.set(session.id, session);
    this.#remembered.delete(session.id);
  }

  delete(id: SessionId): void {
    this.#dirty.set(id, undefined);
    this.#remembered.delete(id);
  }

  /** All sessions, by id. */
  all(): Session[] {
    const rows = this.#state.exists ? this.#db.all(SELECT_ALL) : [];
    const sessions = rows.map(toSession).filter((session) => !this.#dirty.has(session.id));
    for (const session of this.#dirty.values()) if (session !== undefined) sessions.push(session);
    return sessions.sort((a, b) => a.id - b.id);
  }

  /** Sessions of the rows behind an id. */
  storedBehind(id: SessionId, limit: number): Session[] {
    return this.#db.all(SELECT_BEHIND, id, limit).map(toSession);
  }

  /** The session of the row with this id. */
  storedAt(id: SessionId): Session | undefined {
    const [row] = this.#db.all(SELECT, id);
    return row && toSession(row);
  }

  /** Writes what is dirty; inside of the checkpoint's transaction. */
  write(zxid: Zxid): void {
    for (const [id, session] of this.#dirty) {
      if (session === undefined) {
        this.#db.run(DELETE, id);
        this.#db.run(DELETE_SEEN, id);
      } else {
        const { password, timeoutMs, member } = session;
        this.#db.run(UPSERT, id, password, timeoutMs, member, zxid);
      }
    }
  }

  /** The checkpoint succeeded. */
  settle(): void {
    this.#dirty.clear();
  }

  seen(): Map<SessionId, SessionSeen> {
    const rows = this.#state.exists ? this.#db.all(SELECT_SEEN) : [];
    return new Map(
      rows.map((row) => [
        getNumber(row, "session"),
        { seenMs: getNumber(row, "seen_ms"), isBound: getNumber(row, "bound") === 1 },
      ]),
    );
  }

  saveSeen(id: SessionId, { seenMs, isBound }: SessionSeen): void {
    this.#state.write(() => this.#db.run(UPSERT_SEEN, id, seenMs, isBound ? 1 : 0));
  }
}

function toSession(row: SqlRow): Session {
  return {
    id: getNumber(row, "id"),
    password: getBlob(row, "password"),
    timeoutMs: getNumber(row, "timeout_ms"),
    member: getNumber(row, "member"),
  };
}
