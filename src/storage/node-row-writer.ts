import { nameOf, parentOf } from "../core/path.ts";
import type { DataNode } from "../core/data-node.ts";
import type { Zxid } from "../core/zxid.ts";
import { ByteWriter } from "./byte-writer.ts";
import type { SqlDatabase, SqlValue } from "./sql-database.ts";
import { writeStat } from "./stat-codec.ts";

/** Rows of one statement: a Durable Object binds at most 100 values. */
const ROWS_OF_STATEMENT = 20;
/** Data from which on rows are written without waiting for more: the statement is not the cost. */
const DATA_BYTES_MAX = 65_536;

const ROW = "(?, ?, ?, ?, ?)";
const UPSERT_ONE = upsertOf(1);
const UPSERT_MANY = upsertOf(ROWS_OF_STATEMENT);

function upsertOf(rowsCount: number): string {
  const rows = Array.from({ length: rowsCount }, () => ROW).join(", ");
  return (
    `INSERT INTO znode (parent, name, data, stat, zxid) VALUES ${rows} ` +
    "ON CONFLICT (parent, name) DO UPDATE SET " +
    "data = excluded.data, stat = excluded.stat, zxid = excluded.zxid"
  );
}

/** A node on its way into its row. */
export interface NodeToWrite {
  readonly path: string;
  readonly node: DataNode;
  readonly aclId: number;
  readonly dueMs: number | undefined;
}

/**
 * Writes rows of `znode`, several with one statement. A row is only there after {@link flush}; until
 * then no other row with its path may be added.
 */
export class NodeRowWriter {
  readonly #db: SqlDatabase;
  readonly #stat = new ByteWriter();
  #rows: SqlValue[][] = [];
  #dataBytes = 0;

  constructor(db: SqlDatabase) {
    this.#db = db;
  }

  add({ path, node, aclId, dueMs }: NodeToWrite, zxid: Zxid): void {
    const stat = this.#stat;
    stat.clear();
    stat.unsigned(aclId);
    writeStat(stat, node, dueMs);
    this.#rows.push([keyOf(path), nameOf(path), node.data, stat.take(), zxid]);
    this.#dataBytes += node.data?.length ?? 0;
    if (this.#rows.length === ROWS_OF_STATEMENT || this.#dataBytes > DATA_BYTES_MAX) this.flush();
  }

  /** Writes what was added. */
  flush(): void {
    const rows = this.#rows;
    this.#rows = [];
    const isFull = rows.length === ROWS_OF_STATEMENT && this.#dataBytes <= DATA_BYTES_MAX;
    this.#dataBytes = 0;
    if (isFull) this.#db.run(UPSERT_MANY, ...rows.flat());
    else for (const row of rows) this.#db.run(UPSERT_ONE, ...row);
  }
}

/** The `parent` column: empty for the root, so that the root is no child of its own. */
export function keyOf(path: string): string {
  return path === "/" ? "" : parentOf(path);
}
