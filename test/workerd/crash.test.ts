import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { DataTree } from "../../src/core/data-tree.ts";
import { formatZxid } from "../../src/core/zxid.ts";
import { digestOf } from "../../src/core/tree-digest.ts";
import { DurableObjectSql } from "../../src/storage/durable-object-sql.ts";
import { recover } from "../../src/storage/recover.ts";
import { SqlStore } from "../../src/storage/sql-store.ts";
import { ADMIN, Client, eventually, openShard, type ShardUnderTest } from "./client.ts";
import { observe } from "./worker.ts";

/** Resets the object as a crash of its host would: what was not committed is lost. */
async function crash(shard: ShardUnderTest): Promise<ShardUnderTest> {
  await runInDurableObject(shard.stub, (_, ctx) => ctx.abort("planned crash")).catch(() => {
    // The caller of an object that is reset gets an error; here it is expected.
  });
  return openShard(shard.name);
}

async function zxidOf(shard: ShardUnderTest): Promise<number> {
  return (await shard.api.status()).zxid;
}

describe("a crash", () => {
  it("[DO13] drops sockets; a client resumes with id and password and finds its ephemerals", async () => {
    const shard = openShard();
    const client = await Client.connect(shard, { timeout: 30_000 });
    await client.must({ op: "create", path: "/a", mode: "EPHEMERAL" });

    const restarted = await crash(shard);
    await eventually(() => expect(client.close).toBeDefined());
    const resumed = await Client.connect(restarted, { session: client.token });

    const { stat } = await resumed.must({ op: "exists", path: "/a" });
    expect(`${stat?.ephemeralOwner}`).toBe(client.token.split(".")[0]);
    await resumed.must({ op: "delete", path: "/a" });
  });

  it("[DO14] an exception inside a turn resets the object, and nothing of that turn is kept", async () => {
    const shard = openShard();
    const client = await Client.connect(shard);
    await client.must({ op: "create", path: "/a" });
    const before = await zxidOf(shard);
    observe(shard.name).failAt = 1;

    await expect(client.request({ op: "create", path: "/b" })).rejects.toThrow("closed: 1006");

    const restarted = openShard(shard.name);
    expect(await zxidOf(restarted)).toBe(before);
    expect(observe(shard.name).starts).toBe(2);
    const request = { op: "exists", path: "/b", watch: false } as const;
    const { outcome } = await restarted.api.call({ identity: ADMIN, request });
    expect(outcome).toMatchObject({ code: -101 });
  });
});

describe("a shard that can't recover", () => {
  it("[DO18] answers 503 with zxid and reason, exports its log, and changes nothing", async () => {
    const healthy = openShard();
    const client = await Client.open(healthy);
    await client.must({ op: "create", path: "/a" });
    const { zxid } = await client.must({ op: "create", path: "/b" });
    // The last batch is no longer what was written; it is not in the tables yet.
    await runInDurableObject(healthy.stub, async (_, ctx) => {
      ctx.storage.sql.exec("UPDATE log SET txns = x'00' WHERE zxid = 2");
      await ctx.storage.sync();
      ctx.abort("planned crash");
    }).catch(() => {});
    const before = observe(healthy.name).statements.length;

    const shard = openShard(healthy.name);
    const request = { op: "exists", path: "/a", watch: false } as const;
    const { outcome, ...answer } = await shard.api.call({ identity: ADMIN, request });

    expect(formatZxid(answer.zxid)).toBe(zxid);
    expect(outcome).toMatchObject({ code: -4, message: expect.stringContaining(`zxid ${zxid}: `) });
    await expect(Client.open(shard)).rejects.toThrow("no WebSocket: 503");
    expect((await shard.api.exportLog(0)).map((row) => row.lastZxid)).toEqual([1, 2]);
    expect(observe(shard.name).statements.slice(before)).toEqual([]);
  });
});

/** Recovers a tree of its own from what the object has on disk, and takes its fingerprint. */
function digestOnDisk(shard: ShardUnderTest): Promise<string> {
  return runInDurableObject(shard.stub, (_, ctx) => {
    const store = new SqlStore(new DurableObjectSql(ctx.storage));
    const tree = new DataTree(store.tables, store.checkpointZxid);
    recover(store, (logged) => tree.apply(logged));
    return digestOf(store.tables);
  });
}

const SCRIPT = [
  { op: "create", path: "/a", data: "1" },
  { op: "create", path: "/e", mode: "EPHEMERAL" },
  { op: "create", path: "/c", mode: "CONTAINER" },
  { op: "create", path: "/c/s-", mode: "PERSISTENT_SEQUENTIAL" },
  { op: "setData", path: "/a", data: "2" },
  {
    op: "multi",
    ops: [
      { op: "create", path: "/m" },
      { op: "setData", path: "/a", data: "3" },
      { op: "delete", path: "/m" },
    ],
  },
  { op: "setACL", path: "/a", acl: [{ scheme: "world", id: "anyone", perms: "r" }] },
  { op: "closeSession" },
];

/** Does everything that writes: appends, a checkpoint, changes behind it, a second one, a trim. */
async function runScript(shard: ShardUnderTest, acknowledged: (digest: string) => void) {
  for (const steps of [
    SCRIPT,
    [{ op: "delete", path: "/c/s-0000000000" }, { op: "closeSession" }],
  ]) {
    const client = await Client.connect(shard);
    acknowledged(await digestOnDisk(shard));
    for (const step of steps) {
      await client.must(step);
      acknowledged(await digestOnDisk(shard));
    }
    await eventually(async () => {
      const { zxid, checkpointZxid } = await shard.api.status();
      expect(checkpointZxid).toBe(zxid);
    });
  }
}

describe("an abort at any statement", () => {
  it("[DO23] of append, apply, checkpoint and trim leaves what was acknowledged, and no more", async () => {
    let failed = 0;
    const crashAt = async (statement: number): Promise<void> => {
      const shard = openShard();
      const record = observe(shard.name);
      record.logWindow = { bytesMax: 0, ageMsMax: 0 };
      record.failAt = statement;
      let expected = await digestOnDisk(shard);
      await runScript(shard, (digest) => (expected = digest)).catch(() => (failed += 1));

      const restarted = openShard(shard.name);
      expect(await digestOnDisk(restarted), `statement ${statement}`).toBe(expected);
      await restarted.api.status();
      expect(await digestOnDisk(restarted), `statement ${statement}, again`).toBe(expected);
    };
    const dry = openShard();
    observe(dry.name).logWindow = { bytesMax: 0, ageMsMax: 0 };
    await runScript(dry, () => {});
    const statements = observe(dry.name).statements.length;

    await Promise.all(Array.from({ length: statements }, (_, index) => crashAt(index + 1)));

    expect(failed).toBe(statements);
  }, 120_000);
});
