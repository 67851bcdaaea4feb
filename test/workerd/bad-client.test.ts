import { evictDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { ADMIN, Client, eventually, openShard } from "./client.ts";
import { observe } from "./worker.ts";

it("[DO16] a client that sends and never reads is closed at SEND_BUFFER_BYTES_MAX", async () => {
  const shard = openShard();
  observe(shard.name).limits = { ...LIMITS, SEND_BUFFER_BYTES_MAX: 100_000 };
  const other = await Client.open(shard);
  await other.must({ op: "create", path: "/a", data: "x".repeat(10_000) });
  const deaf = await Client.open(shard);
  deaf.isAcknowledging = false;

  for (let n = 0; n < 40 && deaf.close === undefined; n += 1) {
    deaf.request({ op: "getData", path: "/a" }).catch(() => {
      // It is closed before it is answered.
    });
    await other.must({ op: "exists", path: "/a" });
  }

  await eventually(() => expect(deaf.close?.code).toBe(4127));
  expect(deaf.close?.reason).toContain("SEND_BUFFER_BYTES_MAX");
  expect(deaf.messages.join("").length).toBeLessThan(120_000);
  await other.must({ op: "exists", path: "/a" });
});

it("[DO16] a client that acknowledges may be sent any amount", async () => {
  const shard = openShard();
  observe(shard.name).limits = { ...LIMITS, SEND_BUFFER_BYTES_MAX: 100_000 };
  const client = await Client.open(shard);
  await client.must({ op: "create", path: "/a", data: "x".repeat(10_000) });

  for (let n = 0; n < 60; n += 1) await client.must({ op: "getData", path: "/a" });

  expect(client.acks.length).toBeGreaterThan(5);
  expect(client.close).toBeUndefined();
});

it.each(["{", "[]", "7", '{"id":1,"op":"nonsense"}', '{"op":"create"}', "ack x", "\u0000"])(
  "[DO20] the malformed message %s is answered, and hurts nobody else",
  async (message) => {
    const shard = openShard();
    const bad = await Client.open(shard);
    const good = await Client.open(shard);

    bad.socket.send(message);
    await good.must({ op: "create", path: "/a" });

    await eventually(() => expect(bad.messages).toHaveLength(1));
    expect(JSON.parse(bad.messages[0] ?? "")).toMatchObject({ error: {} });
    await bad.must({ op: "exists", path: "/a" });
    expect(observe(shard.name).starts).toBe(1);
  },
);

it("[DO20] answers keep the order of requests when one in between is malformed", async () => {
  const shard = openShard();
  const client = await Client.open(shard);

  client.socket.send(
    JSON.stringify([
      { id: 11, op: "create", path: "/a" },
      { id: 12, op: "create", path: 7 },
      { id: 13, op: "create", path: "/b" },
    ]),
  );
  await client.must({ op: "sync", path: "/" });

  const answers = client.messages.flatMap((text) => JSON.parse(text) as { id: number }[]);
  expect(answers.map(({ id }) => id).slice(0, 3)).toEqual([11, 12, 13]);
});

it.each([
  [1000, "bye"],
  [4001, ""],
])("[DO26] a close with %i %j is answered with the same", async (code, reason) => {
  const shard = openShard();
  const client = await Client.connect(shard);
  client.socket.close(code, reason);
  await eventually(() => expect(client.close).toEqual({ code, reason }));
});

it("[DO26] a close without a code is answered as a normal one", async () => {
  const shard = openShard();
  const client = await Client.connect(shard);
  client.socket.close();
  await eventually(() => expect(client.close?.code).toBe(1000));
});

it("[DO21] a connection that another one took over stays closed behind an eviction", async () => {
  const shard = openShard();
  // Its client does not answer the close frame, so the socket outlives the object.
  const first = await Client.connect(shard, {}, true);
  const second = await Client.connect(shard, { session: first.token });
  await eventually(() => expect(first.close?.code).toBe(4118));
  await evictDurableObject(shard.stub, { webSockets: "hibernate" });

  await second.must({ op: "create", path: "/a", mode: "EPHEMERAL" });

  expect((await shard.api.status()).connections).toBe(1);
});

it("[DO22] a call whose session is refused does nothing", async () => {
  const shard = openShard();
  const session = { id: 77, password: new Uint8Array(16) };
  const acl = [{ perms: 31, id: { scheme: "world", id: "anyone" } }];
  const request = { op: "create2", path: "/a", data: null, acl, flags: 0, ttlMs: 0 } as const;

  const { outcome } = await shard.api.call({ identity: ADMIN, session, request });

  expect(outcome).toMatchObject({ code: -112 });
  const look = { op: "exists", path: "/a", watch: false } as const;
  const { outcome: found } = await shard.api.call({ identity: ADMIN, request: look });
  expect(found).toMatchObject({ code: -101 });
});

it("[SE29] identities that are too many to be kept with the socket are refused by name", async () => {
  const shard = openShard();
  const client = await Client.open(shard);
  await client.must({ op: "auth", scheme: "digest", auth: `${"ü".repeat(3_900)}:secret` });

  const answer = await client.request({
    op: "auth",
    scheme: "digest",
    auth: `${"b".repeat(200)}:x`,
  });

  expect(answer.error?.code).toBe("THROTTLEDOP");
  expect(answer.error?.message).toContain("CONNECTION_IDS_LENGTH_MAX");
  await evictDurableObject(shard.stub, { webSockets: "hibernate" });
  const { ids } = await client.must({ op: "whoAmI" });
  expect(ids).toHaveLength(2);
  expect(observe(shard.name).starts).toBe(2);
});
