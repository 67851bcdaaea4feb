import { nameOf, parentOf } from "../core/path.ts";
import type { DataNode } from "../core/data-node.ts";
import type { Zxid } from "../core/zxid.ts";
import { ByteWriter } from "./byte-writer.ts";
import type { SqlDatabase } from "./sql-database.ts";
import { writeStat } from "./stat-codec.ts";

/** Bytes from which on rows are written without waiting for more: the statement is not the cost. */
const ROWS_BYTES_MAX = 262_144;
/** What {@link placeOf} has room for: longer rows are written by themselves. */
const TEXT_BYTES_MAX = 0xff;
const NODE_BYTES_MAX = 0xffff;

const ON_CONFLICT =
  "ON CONFLICT (parent, name) DO UPDATE SET node = excluded.node, zxid = excluded.zxid";
const UPSERT = `INSERT INTO znode (parent, name, node, zxid) VALUES (?, ?, ?, ?) ${ON_CONFLICT}`;
/**
 * Writes all rows that `?1` holds, one behind the other, at the places that `?2` lists.
 *
 * Three values are bound, however many rows: the platform takes longer to bind five values than
 * SQLite to write the row that they make. For the same reason everything but the key is one value.
 */
const UPSERT_ALL =
  "INSERT INTO znode (parent, name, node, zxid) SELECT " +
  "CAST(substr(?1, start, parentBytes) AS TEXT), " +
  "CAST(substr(?1, start + parentBytes, nameBytes) AS TEXT), " +
  "substr(?1, start + parentBytes + nameBytes, nodeBytes), ?3 " +
  "FROM (SELECT (value >> 32) + 1 AS start, (value >> 24) & 0xff AS parentBytes, " +
  "(value >> 16) & 0xff AS nameBytes, value & 0xffff AS nodeBytes FROM json_each(?2)) " +
  `WHERE TRUE ${ON_CONFLICT}`;

/** A node on its way into its row. */
export interface NodeToWrite {
  readonly path: string;
  readonly node: DataNode;
  readonly aclId: number;
  readonly dueMs: number | undefined;
}

/**
 * Writes rows of `znode`, many with one statement. A row is only there after {@link flush}; until
 * then no other row with its path may be added.
 */
export class NodeRowWriter {
  readonly #db: SqlDatabase;
  readonly #rows = new ByteWriter();
  #places: number[] = [];

  constructor(db: SqlDatabase) {
    this.#db = db;
  }

  add({ path, node, aclId, dueMs }: NodeToWrite, zxid: Zxid): void {
    const rows = this.#rows;
    const start = rows.length;
    const parentBytes = rows.text(keyOf(path));
    const nameBytes = rows.text(nameOf(path));
    const nodeStart = rows.length;
    rows.unsigned(aclId);
    rows.bytes(node.data);
    writeStat(rows, node, dueMs);
    const nodeBytes = rows.length - nodeStart;
    if (Math.max(parentBytes, nameBytes) > TEXT_BYTES_MAX || nodeBytes > NODE_BYTES_MAX) {
      this.#db.run(UPSERT, keyOf(path), nameOf(path), rows.takeFrom(nodeStart), zxid);
      rows.takeFrom(start);
      return;
    }
    this.#places.push(placeOf(start, parentBytes, nameBytes, nodeBytes));
    if (rows.length > ROWS_BYTES_MAX) this.flush(zxid);
  }

  /** Writes what was added. */
  flush(zxid: Zxid): void {
    if (this.#places.length === 0) return;
    const places = JSON.stringify(this.#places);
    this.#db.run(UPSERT_ALL, this.#rows.view(), places, zxid);
    this.clear();
  }

  /** Forgets what was added. */
  clear(): void {
    this.#rows.clear();
    this.#places = [];
  }
}

/** Where a row starts and how long its parts are, in the 53 bits that a number holds exactly. */
function placeOf(start: number, parentBytes: number, nameBytes: number, nodeBytes: number): number {
  return start * 2 ** 32 + parentBytes * 2 ** 24 + nameBytes * 2 ** 16 + nodeBytes;
}

/** The `parent` column: empty for the root, so that the root is no child of its own. */
export function keyOf(path: string): string {
  return path === "/" ? "" : parentOf(path);
}
