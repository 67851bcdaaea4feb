import { DatabaseSync } from "node:sqlite";
import { NodeSql } from "../../src/storage/node-sql.ts";

/** Opens a database, in memory unless a file is named. It closes with its last reference. */
export function openNodeSql(path = ":memory:"): NodeSql {
  return new NodeSql(new DatabaseSync(path));
}

/**
 * Opens a file for a test that writes a lot and never crashes: without journal and without sync, a
 * transaction can't be taken back, and with a page cache of 16 MiB.
 */
export function openQuickNodeSql(path: string): NodeSql {
  const db = new DatabaseSync(path);
  for (const pragma of ["journal_mode = OFF", "synchronous = OFF", "cache_size = -16384"]) {
    db.exec(`PRAGMA ${pragma}`);
  }
  return new NodeSql(db);
}
