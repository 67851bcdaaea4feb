import { assert } from "../core/assert.ts";
import type { SessionId } from "../core/data-node.ts";
import { childPath, nameOf } from "../core/path.ts";
import type { Zxid } from "../core/zxid.ts";
import type { AclTable } from "./acl-table.ts";
import { ByteReader } from "./byte-reader.ts";
import { NODE_BYTES } from "./cache-governor.ts";
import type { DirtyNode } from "./dirty-nodes.ts";
import { keyOf, NodeRowWriter } from "./node-row-writer.ts";
import type { NodeEntry } from "./snapshot-row.ts";
import type { SqlDatabase, SqlRow } from "./sql-database.ts";
import { getBlob, getNumber, getText } from "./sql-row.ts";
import { readDueMs, readNode } from "./stat-codec.ts";

/** The row itself or else the next one, of which only the name is wanted. */
const SELECT_FROM =
  "SELECT name, CASE WHEN name = ? THEN node END AS node FROM znode " +
  "WHERE parent = ? AND name >= ? ORDER BY name LIMIT 1";
const SELECT_NAMES = "SELECT name FROM znode WHERE parent = ? AND name > ? ORDER BY name LIMIT ?";
const SELECT_SIZES =
  "SELECT parent, name, LENGTH(node) AS bytes FROM znode " +
  "WHERE (parent, name) > (?, ?) ORDER BY parent, name LIMIT ?";
const SELECT_ROWS =
  "SELECT parent, name, node FROM znode " +
  "WHERE (parent, name) > (?, ?) ORDER BY parent, name LIMIT ?";
const SELECT_ROOT = "SELECT parent, name, node FROM znode WHERE parent = '' AND name = ''";
const COUNT_CHILDREN = "SELECT COUNT(*) AS nodes FROM znode WHERE parent = ?";
const COUNT_BETWEEN = "SELECT COUNT(*) AS nodes FROM znode WHERE parent >= ? AND parent < ?";
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

/**
 * The rows of `znode`, `ephemeral` and `reap` as the last checkpoint left them. Knows nothing of
 * what is dirty; may only be asked once the schema exists.
 */
export class NodeRows {
  readonly #db: SqlDatabase;
  readonly #acls: AclTable;
  readonly #writer: NodeRowWriter;

  constructor(db: SqlDatabase, acls: AclTable) {
    this.#db = db;
    this.#acls = acls;
    this.#writer = new NodeRowWriter(db);
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
  root(): NodeEntry[] {
    return this.#db.all(SELECT_ROOT).map((row) => this.#toPlacedEntry(row));
  }

  /** Nodes behind a place in key order, about `bytesMax` of them, at least one if there is any. */
  entriesBehind(parent: string, name: string, bytesMax: number): NodeEntry[] {
    let bytes = 0;
    let count = 0;
    for (const row of this.#db.all(SELECT_SIZES, parent, name, PAGE_MAX)) {
      bytes += NODE_BYTES + getNumber(row, "bytes");
      if (count > 0 && bytes > bytesMax) break;
      count++;
    }
    const rows = this.#db.all(SELECT_ROWS, parent, name, count);
    return rows.map((row) => this.#toPlacedEntry(row));
  }

  /** Makes the rows of these nodes what they are now. */
  write(nodes: Iterable<[path: string, dirty: DirtyNode]>, zxid: Zxid): void {
    // An earlier checkpoint may have failed.
    this.#writer.clear();
    for (const [path, dirty] of nodes) this.#write(path, dirty, zxid);
    this.#writer.flush(zxid);
  }

  #write(path: string, dirty: DirtyNode, zxid: Zxid): void {
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
    const aclId = this.#acls.addRef(node.acl);
    this.#writer.add({ path, node, aclId, dueMs }, zxid);
  }

  #toPlacedEntry(row: SqlRow): NodeEntry {
    const parent = getText(row, "parent");
    return this.#toEntry(parent === "" ? "/" : childPath(parent, getText(row, "name")), row);
  }

  #toEntry(path: string, row: SqlRow): NodeEntry {
    const reader = new ByteReader(getBlob(row, "node"));
    const acl = this.#acls.get(reader.unsigned());
    const node = readNode(reader, reader.bytes(), acl);
    return { path, node, dueMs: readDueMs(reader) };
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
