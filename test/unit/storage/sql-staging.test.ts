import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { NodeSql } from "../../../src/storage/node-sql.ts";
import { TABLE_NAMES } from "../../../src/storage/schema.ts";
import type { SqlDatabase, SqlRow, SqlValue } from "../../../src/storage/sql-database.ts";
import { SqlStore } from "../../../src/storage/sql-store.ts";
import { StagedNames } from "../../../src/storage/staged-names.ts";
import { copy, Member, slicesOf } from "../../contract/copying.ts";

/** Refuses every statement that names a table by its own name. */
class StagedOnly implements SqlDatabase {
  readonly #sql: SqlDatabase;

  constructor(sql: SqlDatabase) {
    this.#sql = sql;
  }

  all(sql: string, ...values: readonly SqlValue[]): SqlRow[] {
    check(sql);
    return this.#sql.all(sql, ...values);
  }

  run(sql: string, ...values: readonly SqlValue[]): void {
    check(sql);
    this.#sql.run(sql, ...values);
  }

  transaction<T>(body: () => T): T {
    return this.#sql.transaction(body);
  }
}

function check(sql: string): void {
  const own = new RegExp(`(FROM|INTO|UPDATE|TABLE|JOIN) (${TABLE_NAMES.join("|")})\\b`);
  if (own.test(sql)) throw new Error(`a statement that is not staged: ${sql}`);
}

it("[ST32] every statement of a store can go to staged tables", () => {
  const db = new StagedNames(new StagedOnly(new NodeSql(new DatabaseSync(":memory:"))));
  const member = new Member(() => new SqlStore(db, { logWindow: { bytesMax: 0, ageMsMax: 0 } }), 1);
  for (let turn = 0; turn < 10; turn++) {
    member.write(30);
    member.checkpoint();
    member.store.log.trim(member.workload.nowMs);
    member.restart();
  }
  member.store.saveSessionSeen(1, { seenMs: 1, isBound: true });
  expect(member.store.sessionSeen().size).toBe(1);
  expect(slicesOf(member.store, 1_000).length).toBeGreaterThan(3);
});

it("[ST31] after an installation the database is as if its member had written it", () => {
  const senderDb = new DatabaseSync(":memory:");
  const sender = new Member(() => new SqlStore(new NodeSql(senderDb)), 2);
  sender.write(200);
  sender.checkpoint();
  const handle = new DatabaseSync(":memory:");
  const past = new Member(() => new SqlStore(new NodeSql(handle)), 3);
  past.write(100);
  past.checkpoint();
  const { store } = past;
  const zxid = copy(
    sender,
    1_500,
    (slice) => store.stageSnapshot(slice),
    (round) => {
      if (round > 20) return;
      sender.write(10);
      sender.checkpoint();
    },
  );
  store.installSnapshot(zxid);
  const read = (db: DatabaseSync, sql: string) => db.prepare(sql).all();
  const queries = [
    "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name",
    "SELECT parent, name, node FROM znode ORDER BY parent, name",
    "SELECT * FROM ephemeral ORDER BY session, path",
    "SELECT * FROM reap ORDER BY due_ms, path",
    "SELECT * FROM acl ORDER BY id",
    "SELECT id, password, timeout_ms, member FROM session ORDER BY id",
    "SELECT key, part, due_ms, encoding FROM outcome ORDER BY key, part",
  ];
  for (const sql of queries) expect(read(handle, sql)).toEqual(read(senderDb, sql));
  expect(read(handle, "SELECT zxid FROM log")).toEqual([]);
});
