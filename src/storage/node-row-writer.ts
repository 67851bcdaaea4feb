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
const INSERT = "INTO znode (parent, name, data, stat, zxid) VALUES";
const UPSERT =
  `INSERT ${INSERT} ${ROW} ON CONFLICT (parent, name) DO UPDATE SET ` +
  "data = excluded.data, stat = excluded.stat, zxid = excluded.zxid";
/**
 * OR FAIL, because a failure takes back the whole checkpoint anyhow: otherwise SQLite prepares to take
 * back the statement alone, and writes every page that it touches to a journal first.
 */
const INSERT_MANY = `INSERT OR FAIL ${INSERT} ${Array(ROWS_OF_STATEMENT).fill(ROW).join(", ")}`;

/** A node on its way into its row. */
export interface NodeToWrite {
  readonly path: string;
  readonly node: DataNode;
  readonly aclId: number;
  readonly dueMs: number | undefined;
  /** Whether it has no row yet. */
  readonly isNew: boolean;
}

/**
 * Writes rows of `znode`, several new ones with one statement. A row is only there after
 * {@link flush}; until then no other row with its path may be added.
 */
export class NodeRowWriter {
  readonly #db: SqlDatabase;
  readonly #stat = new ByteWriter();
  #rows: SqlValue[][] = [];
  #dataBytes = 0;

  constructor(db: SqlDatabase) {
    this.#db = db;
  }

  add({ path, node, aclId, dueMs, isNew }: NodeToWrite, zxid: Zxid): void {
    const stat = this.#stat;
    stat.clear();
    stat.unsigned(aclId);
    writeStat(stat, node, dueMs);
    const row = [keyOf(path), nameOf(path), node.data, stat.take(), zxid];
    if (!isNew) {
      this.#db.run(UPSERT, ...row);
      return;
    }
    this.#rows.push(row);
    this.#dataBytes += node.data?.length ?? 0;
    if (this.#rows.length === ROWS_OF_STATEMENT || this.#dataBytes > DATA_BYTES_MAX) this.flush();
  }

  /** Writes what was added. */
  flush(): void {
    const rows = this.#rows;
    const isFull = rows.length === ROWS_OF_STATEMENT && this.#dataBytes <= DATA_BYTES_MAX;
    this.#rows = [];
    this.#dataBytes = 0;
    if (isFull) this.#db.run(INSERT_MANY, ...rows.flat());
    else for (const row of rows) this.#db.run(UPSERT, ...row);
  }
}

/** The `parent` column: empty for the root, so that the root is no child of its own. */
export function keyOf(path: string): string {
  return path === "/" ? "" : parentOf(path);
}
