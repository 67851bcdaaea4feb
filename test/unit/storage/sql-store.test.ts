import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { type ACL, OPEN_ACL_UNSAFE } from "../../../src/core/acl.ts";
import { DataTree } from "../../../src/core/data-tree.ts";
import type { CreateTxn, LoggedTxn } from "../../../src/core/txn.ts";
import { CacheGovernor } from "../../../src/storage/cache-governor.ts";
import { DurableObjectSql } from "../../../src/storage/durable-object-sql.ts";
import { encodeBatch } from "../../../src/storage/log-batch.ts";
import { NodeSql } from "../../../src/storage/node-sql.ts";
import { recover } from "../../../src/storage/recover.ts";
import type { SqlDatabase, SqlRow, SqlValue } from "../../../src/storage/sql-database.ts";
import { SqlStore } from "../../../src/storage/sql-store.ts";

/** Counts what a store asks of its database. */
class CountingSql implements SqlDatabase {
  readonly handle = new DatabaseSync(":memory:");
  readonly #sql = new NodeSql(this.handle);
  /** Rows written, by the table they go to. */
  writes: Record<string, number> = {};
  reads = 0;
  /** Statements that start like this fail. */
  failsAt: string | undefined;

  all(sql: string, ...values: readonly SqlValue[]): SqlRow[] {
    this.reads++;
    return this.#sql.all(sql, ...values);
  }

  run(sql: string, ...values: readonly SqlValue[]): void {
    if (this.failsAt !== undefined && sql.startsWith(this.failsAt)) throw new Error("full disk");
    const table = /(?:INTO|FROM|UPDATE) (\w+)/.exec(sql)?.[1] ?? "schema";
    const before = this.#changes();
    this.#sql.run(sql, ...values);
    this.writes[table] = (this.writes[table] ?? 0) + this.#changes() - before;
  }

  transaction<T>(body: () => T): T {
    return this.#sql.transaction(body);
  }

  rows(sql: string): unknown[] {
    return this.handle.prepare(sql).all();
  }

  #changes(): number {
    return Number(this.handle.prepare("SELECT total_changes() AS rows").get()?.["rows"]);
  }
}

/** A tree over a store, with every txn logged and applied. */
class Harness {
  readonly db = new CountingSql();
  readonly governor = new CacheGovernor();
  store = new SqlStore(this.db, { governor: this.governor });
  tree = new DataTree(this.store.tables);

  constructor() {
    this.write({ type: "error", code: 0 });
    this.checkpoint();
  }

  write(txn: LoggedTxn["txn"], sessionId = 0): void {
    const zxid = this.store.log.lastZxid + 1;
    const logged = { header: { sessionId, cxid: 0, zxid, timeMs: zxid }, txn };
    this.store.log.append(encodeBatch([logged]));
    this.tree.apply(logged);
  }

  create(path: string, own: Partial<CreateTxn> = {}): void {
    this.write({ ...CREATE, path, ...own });
  }

  delete(path: string): void {
    this.write({ type: "delete", path, acl: OPEN_ACL_UNSAFE, parentAcl: OPEN_ACL_UNSAFE });
  }

  checkpoint(): void {
    this.store.checkpoint(this.tree.lastZxid);
    this.db.writes = {};
    this.db.reads = 0;
  }

  /** Checkpoints and returns what that wrote, by table. */
  writesOfCheckpoint(): Record<string, number> {
    this.db.writes = {};
    this.store.checkpoint(this.tree.lastZxid);
    return this.db.writes;
  }

  reopen(): void {
    this.store = new SqlStore(this.db, { governor: this.governor });
    this.tree = new DataTree(this.store.tables, this.store.checkpointZxid);
    recover(this.store, (logged) => this.tree.apply(logged));
  }
}

const CREATE: CreateTxn = {
  type: "create",
  path: "/a",
  data: new Uint8Array([1]),
  acl: OPEN_ACL_UNSAFE,
  parentAcl: OPEN_ACL_UNSAFE,
  kind: 0,
  ephemeralOwner: 0,
  ttlMs: 0,
  parentCreateCounter: 1,
};
const BOB: readonly ACL[] = [{ perms: 31, id: { scheme: "digest", id: "bob:x" } }];
const ALL = { after: "", limit: Number.MAX_SAFE_INTEGER };

describe("what is written", () => {
  it("[ST5] reading an empty namespace creates nothing", () => {
    const db = new CountingSql();
    const store = new SqlStore(db);
    const tree = new DataTree(store.tables);
    recover(store, (logged) => tree.apply(logged));
    store.tables.get("/a/b");
    store.tables.children("/", ALL);
    store.tables.countDescendants("/");
    store.tables.ephemeralsOf(1);
    store.tables.reapable(1, 1);
    store.tables.nextReapMs();
    store.tables.getSession(1);
    store.tables.getOutcome("key");
    store.sessionSeen();
    store.getMeta("alarm");
    store.setMeta("alarm", undefined);
    store.readRowsAfter("", 1);
    store.hardState();
    store.log.read(0, 1);
    store.log.trim(1);
    store.log.truncateAfter(0);
    store.checkpoint(0);
    expect([db.writes, db.rows("SELECT * FROM sqlite_master")]).toEqual([{}, []]);
  });

  it("[ST20] an append is one row", () => {
    const { db, store } = new Harness();
    const txns = [2, 3, 4].map((zxid) => ({
      header: { sessionId: 0, cxid: 0, zxid, timeMs: zxid },
      txn: { ...CREATE, path: `/n${zxid}` },
    }));
    store.log.append(encodeBatch(txns));
    expect(db.writes).toEqual({ log: 1 });
  });

  it("[ST20] a hundred creates under one parent write the parent once", () => {
    const harness = new Harness();
    harness.create("/p");
    harness.checkpoint();
    for (let i = 1; i <= 100; i++) harness.create(`/p/${i}`, { parentCreateCounter: i });
    expect(harness.writesOfCheckpoint()).toEqual({ znode: 101, state: 1 });
  });

  it("[ST20] a znode that was created and deleted in between never touches the tables", () => {
    const harness = new Harness();
    const session = { ephemeralOwner: 5, kind: 1 } as const;
    for (let i = 0; i < 50; i++) {
      harness.create(`/lock${i}`, session);
      harness.create(`/ttl${i}`, { kind: 3, ttlMs: 5 });
      harness.delete(`/ttl${i}`);
      harness.delete(`/lock${i}`);
    }
    expect(harness.store.dirty.nodes).toBe(1);
    expect(harness.writesOfCheckpoint()).toEqual({ znode: 1, state: 1 });
    expect(harness.store.tables.ephemeralsOf(5)).toEqual([]);
  });

  it("[ST20] a checkpoint with nothing new writes nothing", () => {
    const harness = new Harness();
    expect(harness.writesOfCheckpoint()).toEqual({});
  });

  it("[ST20] confirm writes one row", () => {
    const { db, store } = new Harness();
    store.confirm();
    expect(db.writes).toEqual({ state: 1 });
  });
});

describe("rows written together", () => {
  // Lengths are packed into a number, and a statement takes a limited number of bytes.
  const NAMES = ["a", "n".repeat(255), "n".repeat(256), "\u00e9".repeat(127), "\u2603".repeat(86)];
  const SIZES = [0, 100, 65_400, 65_535, 65_536, 200_000];

  it("[ST9] znodes with names and data of any length come back from their rows", () => {
    const harness = new Harness();
    const paths: string[] = [];
    const create = (path: string, data: Uint8Array | null): void => {
      harness.create(path, { data });
      paths.push(path);
    };
    for (const parent of NAMES) {
      create(`/${parent}`, null);
      for (const name of NAMES) create(`/${parent}/${name}`, new Uint8Array([1, 0, 255]));
    }
    for (const size of SIZES) create(`/size${size}`, new Uint8Array(size).fill(size % 251));
    const before = paths.map((path) => harness.store.tables.get(path));
    harness.checkpoint();
    harness.reopen();
    expect(paths.map((path) => harness.store.tables.get(path))).toEqual(before);
    expect(harness.db.rows("SELECT 1 FROM znode")).toHaveLength(paths.length + 4);
  });

  it("[ST9] a checkpoint that failed leaves nothing for the next one", () => {
    const harness = new Harness();
    harness.create("/gone");
    harness.create("/ephemeral", { ephemeralOwner: 5, kind: 1 });
    harness.db.failsAt = "INSERT INTO ephemeral";
    expect(() => harness.checkpoint()).toThrow("full disk");
    harness.db.failsAt = undefined;
    harness.delete("/gone");
    harness.checkpoint();
    harness.reopen();
    expect(harness.store.tables.get("/gone")).toBeUndefined();
  });
});

describe("what is read", () => {
  it("[ST20] a read of a znode that was read or written lately asks nobody", () => {
    const harness = new Harness();
    harness.create("/a");
    harness.checkpoint();
    harness.store.tables.get("/a");
    expect(harness.db.reads).toBe(0);
    harness.reopen();
    harness.store.tables.get("/a");
    harness.db.reads = 0;
    harness.store.tables.get("/a");
    expect(harness.db.reads).toBe(0);
  });

  it("[ST20] all znodes are counted once, and kept count of from then on", () => {
    const harness = new Harness();
    const { tables } = harness.store;
    const before = tables.countDescendants("/");
    harness.create("/a");
    harness.create("/b");
    harness.checkpoint();
    harness.delete("/a");
    harness.checkpoint();
    harness.create("/c");
    harness.db.reads = 0;

    expect(tables.countDescendants("/")).toBe(before + 2);
    expect(harness.db.reads).toBe(0);
  });

  it("[ST20] creates of ascending names look for their neighbours once", () => {
    const harness = new Harness();
    harness.create("/p");
    harness.checkpoint();
    for (let i = 1; i <= 100; i++) {
      harness.create(`/p/${String(i).padStart(4, "0")}`, { parentCreateCounter: i });
    }
    expect(harness.db.reads).toBeLessThanOrEqual(5);
  });

  it("[ST20] a restart does not depend on the size of the tree or of the log", () => {
    const harness = new Harness();
    for (let i = 1; i <= 2_000; i++) harness.create(`/n${i}`, { parentCreateCounter: i });
    harness.checkpoint();
    harness.reopen();
    expect(harness.db.reads).toBeLessThanOrEqual(10);
  });
});

describe("delete and re-create", () => {
  it("[ST9] between checkpoints replaces the row, its owner and its reap date", () => {
    const harness = new Harness();
    harness.create("/a", { kind: 1, ephemeralOwner: 5 });
    harness.create("/t", { kind: 3, ttlMs: 100 });
    harness.checkpoint();
    harness.delete("/a");
    harness.delete("/t");
    const { tables } = harness.store;
    expect([tables.ephemeralsOf(5), tables.reapable(1e9, 9), tables.nextReapMs()]).toEqual([
      [],
      [],
      undefined,
    ]);
    harness.create("/a", { kind: 1, ephemeralOwner: 6 });
    harness.create("/t", { kind: 0 });
    const lists = () => {
      const now = harness.store.tables;
      return [now.ephemeralsOf(5), now.ephemeralsOf(6), now.reapable(1e9, 9), now.nextReapMs()];
    };
    const expected = [[], ["/a"], [], undefined];
    expect(lists()).toEqual(expected);
    harness.checkpoint();
    harness.reopen();
    expect(lists()).toEqual(expected);
    expect(harness.store.tables.children("/", ALL)).toEqual(["a", "t", "zookeeper"]);
  });

  it("[ST9] of a session between checkpoints leaves neither row nor last-seen time", () => {
    const harness = new Harness();
    const password = new Uint8Array(16);
    harness.write({ type: "createSession", id: 9, password, timeoutMs: 4_000, member: 0 }, 9);
    harness.store.saveSessionSeen(9, { seenMs: 1, isBound: true });
    harness.write({ type: "closeSession", deletes: [] }, 9);
    harness.checkpoint();
    expect(harness.db.rows("SELECT session FROM seen")).toEqual([]);
    expect(harness.store.tables.getSession(9)).toBeUndefined();
  });
});

describe("a log", () => {
  it("[ST8] is not cut where its txns were applied", () => {
    const harness = new Harness();
    harness.create("/a");
    harness.create("/b");
    const { log } = harness.store;
    expect(() => log.truncateAfter(2)).toThrow("what was applied cannot be taken back");
    log.truncateAfter(3);
    expect(log.lastZxid).toBe(3);
  });
});

describe("interned ACLs", () => {
  it("[ST21] equal ACLs share a row and an object, and the last znode takes the row along", () => {
    const harness = new Harness();
    const others = harness.db.rows("SELECT id FROM acl").length;
    const copy = BOB.map((entry) => ({ ...entry }));
    harness.create("/a", { acl: BOB });
    harness.create("/b", { acl: copy });
    harness.checkpoint();
    expect(harness.db.rows("SELECT refs FROM acl").length).toBe(others + 1);
    harness.reopen();
    const { tables } = harness.store;
    expect(tables.get("/a")?.acl).toEqual(BOB);
    expect(tables.get("/a")?.acl).toBe(tables.get("/b")?.acl);
    harness.delete("/a");
    harness.checkpoint();
    expect(harness.db.rows("SELECT refs FROM acl").length).toBe(others + 1);
    harness.write({ type: "setACL", path: "/b", acl: OPEN_ACL_UNSAFE, aversion: 1 });
    harness.checkpoint();
    expect(harness.db.rows("SELECT refs FROM acl").length).toBe(others);
    harness.reopen();
    expect(harness.store.tables.get("/b")?.acl).toBe(OPEN_ACL_UNSAFE);
  });
});

describe("the drivers", () => {
  it("[ST22] refuse a row that production would refuse", () => {
    const storage = {
      sql: { exec: () => ({ toArray: () => [], rowsWritten: 0 }), databaseSize: 0 },
      transactionSync: <T>(body: () => T) => body(),
    };
    const large = new Uint8Array(1_900_001);
    for (const db of [new CountingSql(), new DurableObjectSql(storage)]) {
      expect(() => db.run("CREATE TABLE t (a)", large)).toThrow("not larger than what production");
    }
  });

  it("[ST22] roll back a transaction that throws, inner ones alone", () => {
    const db = new CountingSql();
    const insert = (value: number) => db.run("INSERT INTO t VALUES (?)", value);
    db.run("CREATE TABLE t (a)");
    const fail = (body: () => void) => () =>
      db.transaction(() => {
        body();
        throw new Error("no");
      });
    expect(fail(() => insert(1))).toThrow("no");
    db.transaction(() => {
      insert(2);
      expect(fail(() => insert(3))).toThrow("no");
    });
    expect(db.rows("SELECT a FROM t")).toEqual([{ a: 2 }]);
  });

  it("[ST22] a failed checkpoint leaves everything dirty, and the next one succeeds", () => {
    const harness = new Harness();
    harness.create("/a", { acl: BOB });
    const { dirty } = harness.store;
    harness.db.handle.exec("ALTER TABLE state RENAME TO elsewhere");
    expect(() => harness.store.checkpoint(harness.tree.lastZxid)).toThrow("no such table");
    harness.db.handle.exec("ALTER TABLE elsewhere RENAME TO state");
    expect(harness.store.dirty).toEqual(dirty);
    harness.checkpoint();
    harness.reopen();
    expect(harness.store.tables.get("/a")?.acl).toEqual(BOB);
    expect(harness.db.rows("SELECT refs FROM acl ORDER BY refs")).toContainEqual({ refs: 1 });
  });

  it.each([
    { version: 1, advice: "start with an empty one" },
    { version: 3, advice: "deploy newer code" },
  ])("[ST2] a store of version $version is refused", ({ version, advice }) => {
    const { db } = new Harness();
    db.handle.exec(`UPDATE state SET version = ${version}`);
    expect(() => new SqlStore(db)).toThrow(
      new RegExp(`expected storage version 2, saw ${version}: .*${advice}`),
    );
  });
});
