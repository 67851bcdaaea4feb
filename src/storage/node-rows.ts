import { assert } from "../core/assert.ts";
import type { DataNode, NodeKind, SessionId } from "../core/data-node.ts";
import { childPath, nameOf, parentOf } from "../core/path.ts";
import type { Zxid } from "../core/zxid.ts";
import type { AclTable } from "./acl-table.ts";
import { NODE_BYTES } from "./cache-governor.ts";
import type { DirtyNode } from "./dirty-nodes.ts";
import type { NodeEntry } from "./snapshot-row.ts";
import type { SqlDatabase, SqlRow } from "./sql-database.ts";
import { getBlob, getNumber, getText } from "./sql-row.ts";

const COLUMNS =
  "acl, kind, ephemeral_owner, ttl_ms, czxid, mzxid, pzxid, ctime, mtime, version, " +
  "create_counter, aversion, num_children, reap_ms, zxid";
/** The row itself or else the next one, of which only the name is wanted. */
const SELECT_FROM =
  `SELECT name, CASE WHEN name = ? THEN data END AS data, ${COLUMNS} FROM znode ` +
  "WHERE parent = ? AND name >= ? ORDER BY name LIMIT 1";
const SELECT_NAMES = "SELECT name FROM znode WHERE parent = ? AND name > ? ORDER BY name LIMIT ?";
const SELECT_SIZES =
  "SELECT parent, name, LENGTH(data) AS bytes FROM znode " +
  "WHERE (parent, name) > (?, ?) ORDER BY parent, name LIMIT ?";
const SELECT_ROWS =
  `SELECT parent, name, data, ${COLUMNS} FROM znode ` +
  "WHERE (parent, name) > (?, ?) ORDER BY parent, name LIMIT ?";
const SELECT_ROOT = `SELECT parent, name, data, ${COLUMNS} FROM znode WHERE parent = '' AND name = ''`;
const COUNT_CHILDREN = "SELECT COUNT(*) AS nodes FROM znode WHERE parent = ?";
const COUNT_BETWEEN = "SELECT COUNT(*) AS nodes FROM znode WHERE parent >= ? AND parent < ?";
const UPSERT =
  `INSERT INTO znode (parent, name, data, ${COLUMNS}) ` +
  "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) " +
  "ON CONFLICT (parent, name) DO UPDATE SET data = excluded.data, acl = excluded.acl, " +
  "kind = excluded.kind, ephemeral_owner = excluded.ephemeral_owner, " +
  "ttl_ms = excluded.ttl_ms, czxid = excluded.czxid, mzxid = excluded.mzxid, " +
  "pzxid = excluded.pzxid, ctime = excluded.ctime, mtime = excluded.mtime, " +
  "version = excluded.version, create_counter = excluded.create_counter, " +
  "aversion = excluded.aversion, num_children = excluded.num_children, " +
  "reap_ms = excluded.reap_ms, zxid = excluded.zxid";
const DELETE = "DELETE FROM znode WHERE parent = ? AND name = ?";

const SELECT_EPHEMERALS = "SELECT path FROM ephemeral WHERE session = ? ORDER BY path";
const INSERT_EPHEMERAL = "INSERT INTO ephemeral (session, path) VALUES (?, ?)";
const DELETE_EPHEMERAL = "DELETE FROM ephemeral WHERE session = ? AND path = ?";

const SELECT_REAP = "SELECT due_ms, path FROM reap WHERE due_ms <= ? ORDER BY due_ms, path LIMIT ?";
const SELECT_REAP_DATES = "SELECT due_ms, path FROM reap ORDER BY due_ms, path LIMIT ?";
const INSERT_REAP = "INSERT INTO reap (due_ms, path) VALUES (?, ?)";
const DELETE_REAP = "DELETE FROM reap WHERE due_ms = ? AND path = ?";

/** Sizes looked at in one query. */
const PAGE_MAX = 256;

/** What a point read found: the node, or the next name under the same parent. */
export type Found =
  | { readonly entry: NodeEntry; readonly nextName?: never }
  | { readonly entry?: never; readonly nextName: string | undefined };

/** When a node may go. */
export interface ReapDate {
  readonly path: string;
  readonly dueMs: number;
}

/** A row on its way to another member. */
export interface StoredEntry extends NodeEntry {
  readonly zxid: Zxid;
}

/**
 * The rows of `znode`, `ephemeral` and `reap` as the last checkpoint left them. Knows nothing of
 * what is dirty; may only be asked once the schema exists.
 */
export class NodeRows {
  readonly #db: SqlDatabase;
  readonly #acls: AclTable;

  constructor(db: SqlDatabase, acls: AclTable) {
    this.#db = db;
    this.#acls = acls;
  }

  find(path: string): Found {
    const name = nameOf(path);
    const [row] = this.#db.all(SELECT_FROM, name, keyOf(path), name);
    if (row === undefined) return { nextName: undefined };
    const found = getText(row, "name");
    return found === name ? { entry: this.#toEntry(path, row) } : { nextName: found };
  }

  /** At most `limit` names behind `after`. */
  names(parent: string, after: string, limit: number): string[] {
    const rows = this.#db.all(SELECT_NAMES, parent, after, limit);
    return rows.map((row) => getText(row, "name"));
  }

  countDescendants(path: string): number {
    // The character behind the slash ends the range of everything below "path/".
    if (path === "/") return this.#count(COUNT_BETWEEN, "/", "0");
    return this.#count(COUNT_CHILDREN, path) + this.#count(COUNT_BETWEEN, `${path}/`, `${path}0`);
  }

  ephemeralsOf(session: SessionId): string[] {
    return this.#db.all(SELECT_EPHEMERALS, session).map((row) => getText(row, "path"));
  }

  /** Reap dates at or before `nowMs`, the earliest first. */
  reapable(nowMs: number, limit: number): ReapDate[] {
    return this.#db.all(SELECT_REAP, nowMs, limit).map(toReapDate);
  }

  /** The earliest reap dates. */
  reapDates(limit: number): ReapDate[] {
    return this.#db.all(SELECT_REAP_DATES, limit).map(toReapDate);
  }

  /** The root, if there is one; in key order it is the first. */
  root(): StoredEntry[] {
    return this.#db.all(SELECT_ROOT).map((row) => this.#toStoredEntry(row));
  }

  /** Nodes behind a place in key order, about `bytesMax` of them, at least one if there is any. */
  entriesBehind(parent: string, name: string, bytesMax: number): StoredEntry[] {
    let bytes = 0;
    let count = 0;
    for (const row of this.#db.all(SELECT_SIZES, parent, name, PAGE_MAX)) {
      bytes += NODE_BYTES + (row["bytes"] === null ? 0 : getNumber(row, "bytes"));
      if (count > 0 && bytes > bytesMax) break;
      count++;
    }
    const rows = this.#db.all(SELECT_ROWS, parent, name, count);
    return rows.map((row) => this.#toStoredEntry(row));
  }

  /** Makes the rows of one node what it is now. */
  write(path: string, dirty: DirtyNode, zxid: Zxid): void {
    this.#writeNode(path, dirty, zxid);
    const { node, stored } = dirty;
    const owner = node?.ephemeralOwner ?? 0;
    const storedOwner = stored?.ephemeralOwner ?? 0;
    if (owner !== storedOwner) {
      if (storedOwner !== 0) this.#db.run(DELETE_EPHEMERAL, storedOwner, path);
      if (owner !== 0) this.#db.run(INSERT_EPHEMERAL, owner, path);
    }
    if (dirty.dueMs === stored?.dueMs) return;
    if (stored?.dueMs !== undefined) this.#db.run(DELETE_REAP, stored.dueMs, path);
    if (dirty.dueMs !== undefined) this.#db.run(INSERT_REAP, dirty.dueMs, path);
  }

  #writeNode(path: string, { node, dueMs, stored }: DirtyNode, zxid: Zxid): void {
    if (stored !== undefined) this.#acls.removeRef(stored.acl);
    if (node === undefined) {
      this.#db.run(DELETE, keyOf(path), nameOf(path));
      return;
    }
    this.#db.run(
      UPSERT,
      keyOf(path),
      nameOf(path),
      node.data,
      this.#acls.addRef(node.acl),
      node.kind,
      node.ephemeralOwner,
      node.ttlMs,
      node.czxid,
      node.mzxid,
      node.pzxid,
      node.ctime,
      node.mtime,
      node.version,
      node.createCounter,
      node.aversion,
      node.numChildren,
      dueMs ?? null,
      zxid,
    );
  }

  #toStoredEntry(row: SqlRow): StoredEntry {
    const parent = getText(row, "parent");
    const path = parent === "" ? "/" : childPath(parent, getText(row, "name"));
    return { ...this.#toEntry(path, row), zxid: getNumber(row, "zxid") };
  }

  #toEntry(path: string, row: SqlRow): NodeEntry {
    const node: DataNode = {
      data: row["data"] === null ? null : getBlob(row, "data"),
      acl: this.#acls.get(getNumber(row, "acl")),
      kind: getNumber(row, "kind") as NodeKind,
      ephemeralOwner: getNumber(row, "ephemeral_owner"),
      ttlMs: getNumber(row, "ttl_ms"),
      czxid: getNumber(row, "czxid"),
      mzxid: getNumber(row, "mzxid"),
      pzxid: getNumber(row, "pzxid"),
      ctime: getNumber(row, "ctime"),
      mtime: getNumber(row, "mtime"),
      version: getNumber(row, "version"),
      createCounter: getNumber(row, "create_counter"),
      aversion: getNumber(row, "aversion"),
      numChildren: getNumber(row, "num_children"),
    };
    return { path, node, dueMs: row["reap_ms"] === null ? undefined : getNumber(row, "reap_ms") };
  }

  #count(sql: string, ...values: readonly string[]): number {
    const [row] = this.#db.all(sql, ...values);
    assert(row !== undefined, "a count has a row");
    return getNumber(row, "nodes");
  }
}

function toReapDate(row: SqlRow): ReapDate {
  return { path: getText(row, "path"), dueMs: getNumber(row, "due_ms") };
}

/** The `parent` column: empty for the root, so that the root is no child of its own. */
function keyOf(path: string): string {
  return path === "/" ? "" : parentOf(path);
}
