import { DatabaseSync } from "node:sqlite";
import { NodeSql } from "../../src/storage/node-sql.ts";

/** Opens a database, in memory unless a file is named. It closes with its last reference. */
export function openNodeSql(path = ":memory:"): NodeSql {
  const db = new DatabaseSync(path);
  db.exec("PRAGMA journal_mode = WAL");
  db.exec("PRAGMA synchronous = NORMAL");
  return new NodeSql(db);
}
