import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import { OPEN_ACL_UNSAFE } from "../../src/core/acl.ts";
import { NodeKind } from "../../src/core/data-node.ts";
import { DataTree } from "../../src/core/data-tree.ts";
import type { LoggedTxn } from "../../src/core/txn.ts";
import { CACHE_BYTES_MAX } from "../../src/storage/cache-governor.ts";
import { DurableObjectSql } from "../../src/storage/durable-object-sql.ts";
import { encodeBatch } from "../../src/storage/log-batch.ts";
import { recover } from "../../src/storage/recover.ts";
import { SqlStore } from "../../src/storage/sql-store.ts";
import { Client, openShard, type ShardUnderTest } from "./client.ts";

const ZNODES = 200_000;
const PARENTS = 20;
const BATCH = 1_000;
/** Znodes that one turn of an object fills in. */
const TURN = 20_000;
const THROUGH_SERVER = 20_000;
const TIME_MS = 1_700_000_000_000;
const DATA = "x".repeat(1_024);
const BYTES = new TextEncoder().encode(DATA);

/** The n-th znode; names are as long as those of sequential znodes. */
function pathOf(n: number): string {
  return `/p${n % PARENTS}/n${String(Math.floor(n / PARENTS)).padStart(10, "0")}`;
}

/** Fills most of a shard below its server, which is not awake: the same log, apply and checkpoint. */
async function fillStore(shard: ShardUnderTest, count: number): Promise<void> {
  for (let made = 0; made < count; made += TURN) {
    await runInDurableObject(shard.stub, (_, ctx) => {
      const store = new SqlStore(new DurableObjectSql(ctx.storage));
      const tree = new DataTree(store.tables, store.checkpointZxid);
      recover(store, (logged) => tree.apply(logged));
      const paths = made === 0 ? Array.from({ length: PARENTS }, (_value, n) => `/p${n}`) : [];
      for (let n = made; n < made + TURN; n += 1) paths.push(pathOf(n));
      for (let at = 0; at < paths.length; at += BATCH) {
        const first = store.log.lastZxid + 1;
        const txns = paths.slice(at, at + BATCH).map((path, n) => create(first + n, path));
        store.log.append(encodeBatch(txns));
        for (const logged of txns) tree.apply(logged);
        store.checkpoint(tree.lastZxid);
        store.log.trim(TIME_MS);
      }
    });
  }
  await evictDurableObject(shard.stub);
}

function create(zxid: number, path: string): LoggedTxn {
  const header = { sessionId: 0, cxid: 0, zxid, timeMs: TIME_MS };
  const slash = path.lastIndexOf("/");
  // Parents come first and children in the order of their names, so both numbers count creates.
  const isParent = slash === 0;
  const creates = isParent ? zxid : Number(path.slice(slash + 2)) + 1;
  const acl = OPEN_ACL_UNSAFE;
  return {
    header,
    txn: {
      type: "create",
      path,
      data: isParent ? null : BYTES,
      acl,
      parentAcl: acl,
      kind: NodeKind.PERSISTENT,
      ephemeralOwner: 0,
      ttlMs: 0,
      parentCreateCounter: creates,
    },
  };
}

async function fillThroughServer(shard: ShardUnderTest, from: number): Promise<void> {
  const client = await Client.open(shard);
  for (let made = from; made < ZNODES; made += BATCH) {
    const paths = Array.from({ length: BATCH }, (_, n) => pathOf(made + n));
    const answers = await client.batch(paths.map((path) => ({ op: "create", path, data: DATA })));
    expect(answers.filter(({ error }) => error !== undefined)).toEqual([]);
  }
  client.socket.close();
}

describe("three shards of 200,000 znodes of 1 KiB in one runtime", { timeout: 180_000 }, () => {
  const shards = [openShard(), openShard(), openShard()] as const;

  beforeAll(async () => {
    await Promise.all(shards.map((shard) => fillStore(shard, ZNODES - THROUGH_SERVER)));
  }, 180_000);

  it("[DO24] creates through the server stay inside of the shared budget", async () => {
    await Promise.all(shards.map((shard) => fillThroughServer(shard, ZNODES - THROUGH_SERVER)));

    for (const shard of shards) {
      const { znodes, cacheBytes } = await shard.api.status();
      expect(znodes).toBe(ZNODES + PARENTS + 4);
      expect(cacheBytes).toBeLessThanOrEqual(CACHE_BYTES_MAX);
    }
  });

  it("[DO24] reads all over the trees find what was created, inside of the budget", async () => {
    for (const shard of shards) {
      const client = await Client.open(shard);
      for (let round = 0; round < 10; round += 1) {
        const reads = Array.from({ length: 500 }, (_, n) => ({
          op: "getData",
          path: pathOf(((round * 500 + n) * 7_919) % ZNODES),
        }));
        const answers = await client.batch(reads);
        expect(answers.filter(({ data }) => data === DATA)).toHaveLength(500);
      }
      client.socket.close();
      expect((await shard.api.status()).cacheBytes).toBeLessThanOrEqual(CACHE_BYTES_MAX);
    }
  });

  it("[DO24] a list is read in pages, complete and in order, also behind a restart", async () => {
    for (const shard of shards) {
      await evictDurableObject(shard.stub);
      const client = await Client.open(shard);
      const seen: string[] = [];
      let after = "";
      for (let more = true; more;) {
        const page = await client.must({ op: "getChildren", path: "/p7", after, limit: 3_000 });
        seen.push(...(page.children ?? []));
        after = seen.at(-1) ?? "";
        more = page.more === true;
      }
      expect(seen).toHaveLength(ZNODES / PARENTS);
      expect(seen).toEqual(seen.toSorted());
      expect((await shard.api.status()).cacheBytes).toBeLessThanOrEqual(CACHE_BYTES_MAX);
      client.socket.close();
    }
  });
});
