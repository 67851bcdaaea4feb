import type { SqlDatabase } from "./sql-database.ts";
import { getNumber } from "./sql-row.ts";

/**
 * The layout below. A store of another one is refused, not guessed at: version 1 had a znode's data and
 * Stat apart, and was never released.
 */
export const SCHEMA_VERSION = 2;

/**
 * The tables. Hot ones are WITHOUT ROWID and have no second index: each index is one more row to
 * write, and to pay for, with every change.
 *
 * Text compares as UTF-8 bytes, which is the order of UTF-16 code units for every legal path:
 * surrogates are illegal [PA2].
 *
 * Source: Cloudflare Durable Objects limits and pricing, compatibility date 2026-11-01.
 */
const TABLES = [
  `CREATE TABLE state (
     one INTEGER PRIMARY KEY CHECK (one = 1), -- There is one row.
     version INTEGER NOT NULL,                -- SCHEMA_VERSION.
     checkpoint_zxid INTEGER NOT NULL,        -- The tables below are the tree at this zxid.
     trimmed_zxid INTEGER NOT NULL,           -- The log starts behind this zxid.
     log_bytes INTEGER NOT NULL,              -- Of log rows that the checkpoint covers.
     outcomes_dropped_ms INTEGER NOT NULL,    -- Outcomes due until then are gone, there or not.
     accepted_epoch INTEGER NOT NULL,         -- Hard state; 0 standalone.
     current_epoch INTEGER NOT NULL,          -- Hard state; 0 standalone.
     committed_zxid INTEGER NOT NULL,         -- Hard state; 0 standalone.
     confirms INTEGER NOT NULL                -- Counts confirm(); means nothing.
   )`,
  `CREATE TABLE log (
     zxid INTEGER NOT NULL,                   -- Of the first txn of the batch.
     part INTEGER NOT NULL,                   -- 0, 1, …: the rows of one batch.
     last_zxid INTEGER NOT NULL,              -- Of the last txn of the batch.
     time_ms INTEGER NOT NULL,                -- The leader's clock at the last txn.
     txns BLOB NOT NULL,                      -- A slice of the encoded txns.
     PRIMARY KEY (zxid, part)
   ) WITHOUT ROWID`,
  `CREATE TABLE znode (
     parent TEXT NOT NULL,                    -- Path; empty for the root.
     name TEXT NOT NULL,                      -- Last component; empty for the root.
     node BLOB NOT NULL,                      -- 0 = OPEN_ACL_UNSAFE or acl.id, data, Stat.
     zxid INTEGER NOT NULL,                   -- The checkpoint that wrote it; 0 = a snapshot.
     PRIMARY KEY (parent, name)
   ) WITHOUT ROWID`,
  `CREATE TABLE ephemeral (
     session INTEGER NOT NULL,
     path TEXT NOT NULL,
     PRIMARY KEY (session, path)
   ) WITHOUT ROWID`,
  `CREATE TABLE reap (
     due_ms INTEGER NOT NULL,                 -- When a TTL znode or a container may go.
     path TEXT NOT NULL,
     PRIMARY KEY (due_ms, path)
   ) WITHOUT ROWID`,
  `CREATE TABLE acl (
     id INTEGER PRIMARY KEY,                  -- A hash of the encoding, or the next free number.
     refs INTEGER NOT NULL,                   -- How many znode rows name it.
     encoding BLOB NOT NULL
   )`,
  `CREATE TABLE session (
     id INTEGER PRIMARY KEY,
     password BLOB NOT NULL,
     timeout_ms INTEGER NOT NULL,
     member INTEGER NOT NULL,                 -- The ensemble member with its connection.
     zxid INTEGER NOT NULL                    -- The checkpoint that wrote this row.
   )`,
  `CREATE TABLE outcome (
     key TEXT NOT NULL,                       -- Idempotency key.
     part INTEGER NOT NULL,                   -- 0, 1, …: an outcome may be larger than a row.
     due_ms INTEGER NOT NULL,                 -- When it is forgotten.
     zxid INTEGER NOT NULL,                   -- The checkpoint that wrote this row.
     encoding BLOB NOT NULL,
     PRIMARY KEY (key, part)
   ) WITHOUT ROWID`,
  `CREATE TABLE seen (
     session INTEGER PRIMARY KEY,
     seen_ms INTEGER NOT NULL,
     bound INTEGER NOT NULL                   -- 1 while a socket serves it.
   )`,
  `CREATE TABLE meta (
     key TEXT NOT NULL PRIMARY KEY,
     value BLOB NOT NULL
   ) WITHOUT ROWID`,
] as const;

/** The tables that are the tree: together exactly as of the checkpoint. */
export const TREE_TABLE_NAMES: readonly string[] = [
  "znode",
  "ephemeral",
  "reap",
  "acl",
  "session",
  "outcome",
];

/** All tables. */
export const TABLE_NAMES: readonly string[] = ["state", "log", ...TREE_TABLE_NAMES, "seen", "meta"];

/** Tells whether the database was ever written. Reading an empty one leaves it empty. */
export function hasSchema(db: SqlDatabase): boolean {
  const sql =
    "SELECT COUNT(*) AS tables FROM sqlite_master WHERE type = 'table' AND name = 'state'";
  return db.all(sql).some((row) => getNumber(row, "tables") > 0);
}

/** Creates the tables, inside of the transaction of the first write. */
export function createSchema(db: SqlDatabase): void {
  for (const sql of TABLES) db.run(sql);
  db.run("INSERT INTO state VALUES (1, ?, 0, 0, 0, 0, 0, 0, 0, 0)", SCHEMA_VERSION);
}
