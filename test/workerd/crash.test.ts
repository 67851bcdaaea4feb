import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
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

    const answer = client.request({ op: "create", path: "/b" });
    await eventually(() => expect(client.close).toBeDefined());

    const restarted = openShard(shard.name);
    expect(await zxidOf(restarted)).toBe(before);
    expect(observe(shard.name).starts).toBe(2);
    const request = { op: "exists", path: "/b", watch: false } as const;
    const { outcome } = await restarted.api.call({ identity: ADMIN, request });
    expect(outcome).toMatchObject({ code: -101 });
    expect(await Promise.race([answer, "unanswered"])).toBe("unanswered");
  });
});
