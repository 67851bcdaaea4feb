import { describe, expect, it } from "vitest";
import { DataTree } from "../../src/core/data-tree.ts";
import { digestOf } from "../../src/core/tree-digest.ts";
import type { LoggedTxn } from "../../src/core/txn.ts";
import { encodeBatch } from "../../src/storage/log-batch.ts";
import { recover } from "../../src/storage/recover.ts";
import { SqlStore } from "../../src/storage/sql-store.ts";
import { CutDatabase, type Durability, PowerCut } from "./cut-database.ts";
import { walk } from "./walk.ts";
import { replay, Workload } from "./workload.ts";

const TURNS = 14;
const WINDOW = { bytesMax: 4_000, ageMsMax: Number.MAX_SAFE_INTEGER };

/** A server's turns over a database that may lose power in any of them. */
class Server {
  readonly db: CutDatabase;
  readonly workload: Workload;
  /** What was given to the log and not cut off again. */
  readonly logged: LoggedTxn[] = [];
  /** Txns up to this zxid were acknowledged: their turn ended. */
  acknowledged = 0;
  #store!: SqlStore;
  #tree!: DataTree;

  constructor(durability: Durability, seed: number) {
    this.db = new CutDatabase(durability);
    this.workload = new Workload(seed);
    this.start();
  }

  get tree(): DataTree {
    return this.#tree;
  }

  get store(): SqlStore {
    return this.#store;
  }

  start(): void {
    this.db.restore();
    this.#store = new SqlStore(this.db, { logWindow: WINDOW });
    this.#tree = new DataTree(this.#store.tables, this.#store.checkpointZxid);
    recover(this.#store, (logged) => this.#tree.apply(logged));
  }

  /** Runs turns until they are done or the power goes. @returns whether they were done. */
  run(): boolean {
    try {
      for (let turn = 0; turn < TURNS; turn++) this.#turn(turn);
      return true;
    } catch (error) {
      if (error instanceof PowerCut) return false;
      throw error;
    }
  }

  #turn(turn: number): void {
    const txns = this.workload.next(4 + turn);
    this.db.turn(() => {
      if (turn % 5 === 2) this.#discardTail();
      this.#append(txns);
      for (const logged of txns) this.#tree.apply(logged);
      if (turn % 4 === 1) this.#store.checkpoint(this.#tree.lastZxid);
      if (turn % 4 === 3) this.#store.log.trim(this.workload.nowMs);
      this.#store.saveSessionSeen(turn + 1, { seenMs: turn, isBound: true });
    });
    this.acknowledged = this.#tree.lastZxid;
  }

  /** Appends what a deposed leader would have, and cuts it off again. */
  #discardTail(): void {
    const zxid = this.#tree.lastZxid;
    const header = { sessionId: 0, cxid: 0, zxid: zxid + 1, timeMs: 0 };
    const txn = { type: "error", code: -4 } as const;
    this.#append([{ header, txn }]);
    this.#store.log.truncateAfter(zxid);
    this.logged.pop();
  }

  #append(txns: readonly LoggedTxn[]): void {
    this.logged.push(...txns);
    this.#store.log.append(encodeBatch(txns));
  }
}

/** Counts the writes of a whole run, and so the places where the power may go. */
function writesOf(durability: Durability, seed: number): number {
  const server = new Server(durability, seed);
  server.run();
  return server.db.writes;
}

function checkCut(durability: Durability, seed: number, at: number): void {
  const server = new Server(durability, seed);
  server.db.cutAt(at);
  expect(server.run()).toBe(false);
  server.start();
  const zxid = server.tree.lastZxid;
  expect(zxid).toBeGreaterThanOrEqual(server.acknowledged);
  const survived = server.logged.filter(({ header }) => header.zxid <= zxid);
  const expected = replay(survived);
  expect(digestOf(server.store.tables)).toBe(digestOf(expected));
  expect(walk(server.store.tables)).toEqual(walk(expected));
  server.store.checkpoint(zxid);
  server.start();
  expect(digestOf(server.store.tables)).toBe(digestOf(expected));
}

describe.each(["statement", "turn"] as const)("power cut, durable by %s", (durability) => {
  it.each([1, 2])(
    "[ST17] at every write of seed %i leaves the tree of a prefix",
    { timeout: 60_000 },
    (seed) => {
      const writes = writesOf(durability, seed);
      expect(writes).toBeGreaterThan(60);
      for (let write = 1; write <= writes; write++) {
        checkCut(durability, seed, write);
        checkCut(durability, seed, write + 0.5);
      }
    },
  );
});

it("[ST17] a turn that was cut in a Durable Object leaves nothing behind", () => {
  const server = new Server("turn", 3);
  const writes = writesOf("turn", 3);
  server.db.cutAt(writes);
  server.run();
  server.start();
  expect(server.tree.lastZxid).toBe(server.acknowledged);
});
