import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { Client, eventually, openShard, type ShardUnderTest } from "./client.ts";
import { observe } from "./worker.ts";

/** Sends the socket of the only client to sleep and the object out of memory. */
async function hibernate(shard: ShardUnderTest): Promise<void> {
  await evictDurableObject(shard.stub, { webSockets: "hibernate" });
}

/** Reads the attachments of all sockets. */
function attachments(shard: ShardUnderTest): Promise<{ watches: Uint8Array | null }[]> {
  return runInDurableObject(shard.stub, (_, ctx) =>
    ctx
      .getWebSockets()
      .map((socket) => socket.deserializeAttachment() as { watches: Uint8Array | null }),
  );
}

function metaRows(shard: ShardUnderTest): Promise<number> {
  return runInDurableObject(shard.stub, (_, ctx) => {
    const [row] = ctx.storage.sql.exec("SELECT COUNT(*) AS rows FROM meta").toArray();
    return Number(row?.["rows"]);
  });
}

const LONG_PATH = `/${"x".repeat(40)}-`;

async function watchMany(client: Client, count: number): Promise<void> {
  const paths = Array.from({ length: count }, (_, index) => `${LONG_PATH}${index}`);
  await Promise.all(paths.map((path) => client.request({ op: "exists", path, watch: true })));
}

describe("watches of hibernated sockets", () => {
  it.each([
    ["data", { op: "exists", path: "/a", watch: true }, "NodeCreated", "/a"],
    ["child", { op: "getChildren", path: "/", watch: true }, "NodeChildrenChanged", "/"],
    ["persistent", { op: "addWatch", path: "/a", mode: "PERSISTENT" }, "NodeCreated", "/a"],
    ["recursive", { op: "addWatch", path: "/", mode: "PERSISTENT_RECURSIVE" }, "NodeCreated", "/a"],
  ])("[DO11] an eviction keeps a %s watch", async (_, watch, event, path) => {
    const shard = openShard();
    const watching = await Client.connect(shard);
    await watching.request(watch);
    await hibernate(shard);

    const writing = await Client.connect(shard);
    await writing.must({ op: "create", path: "/a" });

    await eventually(() => expect(watching.events).toMatchObject([{ event, path }]));
  });

  it("[DO11] a watch that fired before the eviction does not fire again behind it", async () => {
    const shard = openShard();
    const watching = await Client.connect(shard);
    await watching.request({ op: "exists", path: "/a", watch: true });
    const writing = await Client.connect(shard);
    await writing.must({ op: "create", path: "/a" });
    await hibernate(shard);

    await writing.must({ op: "delete", path: "/a" });
    await watching.must({ op: "exists", path: "/" });

    expect(watching.events).toHaveLength(1);
  });

  it("[DO12] watches that are too many for the attachment survive in the store", async () => {
    const shard = openShard();
    const watching = await Client.connect(shard);
    await watchMany(watching, 600);
    await eventually(async () => expect((await attachments(shard))[0]?.watches).toBeNull());
    await eventually(() => runInDurableObject(shard.stub, () => undefined));
    await hibernate(shard);

    const writing = await Client.connect(shard);
    await writing.must({ op: "create", path: `${LONG_PATH}0` });

    await eventually(() => expect(watching.events).toHaveLength(1));
  });

  it("[DO12] the row of such watches is rewritten at most once a second", async () => {
    const shard = openShard();
    const watching = await Client.connect(shard);
    await watchMany(watching, 600);
    const record = observe(shard.name);
    const before = record.statements.filter((sql) => sql.includes("meta")).length;

    for (let round = 0; round < 20; round += 1) {
      await watching.request({ op: "exists", path: `/${round}`, watch: true });
    }

    const after = record.statements.filter((sql) => sql.includes("meta")).length;
    expect(after - before).toBeLessThanOrEqual(1);
  });

  it("[DO12] the row goes with its connection, also when a crash took the socket", async () => {
    const shard = openShard();
    const watching = await Client.connect(shard);
    await watchMany(watching, 600);
    await eventually(async () => expect(await metaRows(shard)).toBe(2));
    await evictDurableObject(shard.stub, { webSockets: "close" });

    await openShard(shard.name).api.status();

    expect(await metaRows(shard)).toBe(0);
  });
});
