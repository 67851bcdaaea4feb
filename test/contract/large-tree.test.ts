import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OPEN_ACL_UNSAFE } from "../../src/core/acl.ts";
import { DataTree } from "../../src/core/data-tree.ts";
import type { LoggedTxn } from "../../src/core/txn.ts";
import { CacheGovernor } from "../../src/storage/cache-governor.ts";
import { encodeBatch } from "../../src/storage/log-batch.ts";
import type { NodeSql } from "../../src/storage/node-sql.ts";
import { recover } from "../../src/storage/recover.ts";
import { SqlStore } from "../../src/storage/sql-store.ts";
import { openQuickNodeSql } from "./node-database.ts";

/** Znodes of 1 KiB in each of three shards that share one isolate's budget. */
const ZNODES = 200_000;
/** How many of them are created with all three shards at work. */
const ZNODES_TOGETHER = 10_000;
const PARENTS = 20;
const BATCH = 500;

/** A shard as the server drives its store: append, apply, and a checkpoint when enough is dirty. */
class LargeShard {
  readonly #db: NodeSql;
  readonly #governor: CacheGovernor;
  #store!: SqlStore;
  #tree!: DataTree;

  constructor(path: string, governor: CacheGovernor) {
    this.#db = openQuickNodeSql(path);
    this.#governor = governor;
    this.open();
  }

  get store(): SqlStore {
    return this.#store;
  }

  open(): void {
    const logWindow = { bytesMax: 16 * 1_048_576, ageMsMax: Number.MAX_SAFE_INTEGER };
    this.#store = new SqlStore(this.#db, { governor: this.#governor, logWindow });
    this.#tree = new DataTree(this.#store.tables, this.#store.checkpointZxid);
    recover(this.#store, (logged) => this.#tree.apply(logged));
  }

  makeParents(): void {
    this.#write(Array.from({ length: PARENTS }, (_, i) => [`/p${i}`, i + 1]));
  }

  /** Creates the znodes from one number up to another. */
  fill(from: number, to: number): void {
    for (let made = from; made < to; made += BATCH) {
      this.#write(
        Array.from({ length: BATCH }, (_, i) => {
          const place = Math.floor((made + i) / PARENTS);
          return [pathOf((made + i) % PARENTS, place), place + 1];
        }),
      );
    }
  }

  checkpoint(): void {
    this.#store.checkpoint(this.#tree.lastZxid);
    this.#store.log.trim(0);
  }

  #write(creates: (readonly [path: string, parentCreateCounter: number])[]): void {
    const first = this.#store.log.lastZxid + 1;
    const txns = creates.map(([path, counter], i) => create(first + i, path, counter));
    this.#store.log.append(encodeBatch(txns));
    for (const logged of txns) this.#tree.apply(logged);
    if (this.#store.dirty.nodes < 1_000 && this.#store.dirty.bytes < 2 * 1_048_576) return;
    this.checkpoint();
  }
}

function pathOf(parent: number, place: number): string {
  return `/p${parent}/n${String(place).padStart(10, "0")}`;
}

function create(zxid: number, path: string, parentCreateCounter: number): LoggedTxn {
  const data = new Uint8Array(1_024);
  data[0] = zxid % 251;
  return {
    header: { sessionId: 0, cxid: 0, zxid, timeMs: 1_700_000_000_000 },
    txn: {
      type: "create",
      path,
      data,
      acl: OPEN_ACL_UNSAFE,
      parentAcl: OPEN_ACL_UNSAFE,
      kind: 0,
      ephemeralOwner: 0,
      ttlMs: 0,
      parentCreateCounter,
    },
  };
}

describe("three shards of 200,000 znodes of 1 KiB in one isolate", { timeout: 120_000 }, () => {
  const directory = mkdtempSync(join(tmpdir(), "edgekeeper-"));
  const governor = new CacheGovernor();
  let shards: LargeShard[] = [];

  beforeAll(() => {
    const files = [0, 1, 2].map((i) => join(directory, `shard${i}.sqlite`));
    const [first = "", ...others] = files;
    const shard = new LargeShard(first, governor);
    shard.makeParents();
    shard.fill(0, ZNODES - ZNODES_TOGETHER);
    shard.checkpoint();
    for (const file of others) copyFileSync(first, file);
    shards = files.map((file) => new LargeShard(file, governor));
  }, 120_000);

  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it("[ST19] creates stay inside of the shared budget", () => {
    for (let made = ZNODES - ZNODES_TOGETHER; made < ZNODES; made += 2_000) {
      for (const shard of shards) shard.fill(made, made + 2_000);
    }
    expect(governor.bytes).toBeLessThanOrEqual(governor.budgetBytes);
    expect(governor.bytes).toBeGreaterThan(governor.budgetBytes / 2);
    const counts = shards.map(({ store }) => store.tables.countDescendants("/"));
    expect(counts).toEqual([0, 1, 2].map(() => ZNODES + PARENTS + 3));
  });

  it("[ST19] reads all over the trees find every znode, inside of the budget", () => {
    let missing = 0;
    for (let i = 0; i < 45_000; i++) {
      const place = (i * 7_919) % (ZNODES / PARENTS);
      const node = shards[i % 3]?.store.tables.get(pathOf(i % PARENTS, place));
      if (node?.data?.length !== 1_024) missing++;
    }
    expect(missing).toBe(0);
    expect(governor.bytes).toBeLessThanOrEqual(governor.budgetBytes);
  });

  it("[ST19] a list is read in pages, complete and in order", () => {
    for (const { store } of shards) {
      let after = "";
      let seen = 0;
      for (;;) {
        const page = store.tables.children("/p7", { after, limit: 1_000 });
        if (page.length === 0) break;
        expect(page[0]).toBe(`n${String(seen).padStart(10, "0")}`);
        seen += page.length;
        after = page.at(-1) ?? "";
      }
      expect(seen).toBe(ZNODES / PARENTS);
      expect(store.tables.get("/p7")?.numChildren).toBe(seen);
    }
  });

  it("[ST19] a restart reads what it needs, not the tree", () => {
    for (const shard of shards) shard.open();
    for (const { store } of shards) {
      expect(store.log.lastZxid).toBe(ZNODES + PARENTS);
      expect(store.tables.get(pathOf(3, 77))?.data?.length).toBe(1_024);
    }
    expect(governor.bytes).toBeLessThanOrEqual(governor.budgetBytes);
  });
});
