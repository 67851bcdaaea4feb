import { evictDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseSessionToken } from "../../src/protocol/session-token.ts";
import { ADMIN, Client, eventually, openShard, type ShardUnderTest } from "./client.ts";
import { advance, alarmAt, fireAlarm, shiftClock, restoreClock, sleepUntilAlarm } from "./clock.ts";
import { observe } from "./worker.ts";

beforeEach(shiftClock);
afterEach(restoreClock);

const TIMEOUT_MS = 30_000;

async function openHttpSession(
  shard: ShardUnderTest,
): Promise<{ id: number; password: Uint8Array }> {
  const { outcome } = await shard.api.openSession({ identity: ADMIN, timeoutMs: TIMEOUT_MS });
  if (!("password" in outcome) || outcome.password === undefined) throw new Error("no session");
  return { id: outcome.id, password: outcome.password };
}

async function exists(shard: ShardUnderTest, path: string): Promise<boolean> {
  const request = { op: "exists", path, watch: false } as const;
  const { outcome } = await shard.api.call({ identity: ADMIN, request });
  return !("code" in outcome);
}

async function createEphemeral(
  shard: ShardUnderTest,
  session: { id: number; password: Uint8Array },
  path: string,
): Promise<void> {
  const { outcome } = await shard.api.call({
    identity: ADMIN,
    session,
    request: { op: "create2", path, data: null, acl: OPEN, flags: 1, ttlMs: 0 },
  });
  if ("code" in outcome) throw new Error(outcome.message);
}

const OPEN = [{ perms: 31, id: { scheme: "world", id: "anyone" } }];

describe("expiry", () => {
  it("[DO1] an alarm ends a silent session: its ephemerals go at one zxid, others hear of it", async () => {
    const shard = openShard();
    const silent = await Client.connect(shard, { timeout: 10_000 });
    const watching = await Client.connect(shard, { timeout: 600_000 });
    await silent.must({ op: "create", path: "/a", mode: "EPHEMERAL" });
    await silent.must({ op: "create", path: "/b", mode: "EPHEMERAL" });
    await watching.must({ op: "exists", path: "/a", watch: true });
    await watching.must({ op: "exists", path: "/b", watch: true });

    expect(await sleepUntilAlarm(shard, 12_000)).toBe(true);
    await eventually(() => expect(watching.events).toHaveLength(2));

    expect(watching.events.map(({ event, path }) => [event, path])).toEqual([
      ["NodeDeleted", "/a"],
      ["NodeDeleted", "/b"],
    ]);
    expect(new Set(watching.events.map(({ zxid }) => zxid)).size).toBe(1);
    await eventually(() => expect(silent.close?.code).toBe(4112));
  });

  it("[DO2] an alarm before its time ends nothing, and there is another one", async () => {
    const shard = openShard();
    const client = await Client.connect(shard, { timeout: 10_000 });
    await client.must({ op: "create", path: "/a", mode: "EPHEMERAL" });

    advance(9_000);
    expect(await fireAlarm(shard)).toBe(true);
    expect(await exists(shard, "/a")).toBe(true);

    expect(await sleepUntilAlarm(shard, 3_000)).toBe(true);
    expect(await exists(shard, "/a")).toBe(false);
  });

  it("[DO2] an alarm that fires twice ends the session once", async () => {
    const shard = openShard();
    const client = await Client.connect(shard, { timeout: 10_000 });
    const other = await Client.connect(shard, { timeout: 600_000 });
    await client.must({ op: "create", path: "/a", mode: "EPHEMERAL" });
    await other.must({ op: "exists", path: "/a", watch: true });

    await sleepUntilAlarm(shard, 12_000);
    const { zxid } = await shard.api.status();
    await fireAlarm(shard);

    expect((await shard.api.status()).zxid).toBe(zxid);
    expect(other.events).toHaveLength(1);
  });

  it("[DO25] an alarm that is too early by now stays where it is", async () => {
    const shard = openShard();
    const short = await Client.connect(shard, { timeout: 10_000 });
    const long = await Client.connect(shard, { timeout: 600_000 });
    const atMs = await alarmAt(shard);

    await short.must({ op: "closeSession" });
    await long.must({ op: "create", path: "/a" });

    expect(await alarmAt(shard)).toBe(atMs);
  });

  it("[DO3] an alarm that an outage delayed gives sessions one more timeout", async () => {
    const shard = openShard();
    const session = await openHttpSession(shard);
    await createEphemeral(shard, session, "/a");

    advance(TIMEOUT_MS * 10);
    await fireAlarm(shard);
    expect(await exists(shard, "/a")).toBe(true);

    await sleepUntilAlarm(shard, TIMEOUT_MS + 2_000);
    expect(await exists(shard, "/a")).toBe(false);
  });

  it("[DO3] an outage that the object itself did not survive is forgiven once", async () => {
    const shard = openShard();
    const session = await openHttpSession(shard);
    await createEphemeral(shard, session, "/a");
    await evictDurableObject(shard.stub);

    advance(TIMEOUT_MS * 10);
    expect(await exists(shard, "/a")).toBe(true);
    await fireAlarm(shard);
    expect(await exists(shard, "/a")).toBe(true);

    await sleepUntilAlarm(shard, TIMEOUT_MS + 2_000);
    expect(await exists(shard, "/a")).toBe(false);
  });

  it("[DO9] a client that vanished without closing its socket expires", async () => {
    const shard = openShard();
    const vanished = await Client.connect(shard, { timeout: 10_000 });
    await vanished.must({ op: "create", path: "/a", mode: "EPHEMERAL" });
    await vanished.ping();
    await evictDurableObject(shard.stub, { webSockets: "hibernate" });

    await sleepUntilAlarm(shard, 12_000);

    expect(await exists(shard, "/a")).toBe(false);
  });
});

describe("hibernation", () => {
  it("[DO4] an eviction keeps sessions and ephemerals of hibernated sockets", async () => {
    const shard = openShard();
    const client = await Client.connect(shard, { timeout: TIMEOUT_MS });
    await client.must({ op: "create", path: "/a", mode: "EPHEMERAL" });
    await evictDurableObject(shard.stub, { webSockets: "hibernate" });

    await client.must({ op: "create", path: "/b", mode: "EPHEMERAL" });

    const { ephemeralOwner } = (await client.must({ op: "getData", path: "/b" })).stat ?? {};
    expect(ephemeralOwner).toBe(parseSessionToken(client.token)?.id.toString(16));
    expect(await exists(shard, "/a")).toBe(true);
    expect(observe(shard.name).starts).toBe(2);
  });

  it("[DO8] a busy client that goes idle and hibernates is not expired early", async () => {
    const shard = openShard();
    const client = await Client.connect(shard, { timeout: 20_000 });
    await client.must({ op: "create", path: "/a", mode: "EPHEMERAL" });
    for (let second = 0; second < 8; second += 1) {
      advance(1_000);
      await client.must({ op: "exists", path: "/a" });
    }
    const endMs = Date.now() + 19_900;
    await evictDurableObject(shard.stub, { webSockets: "hibernate" });

    while (await sleepUntilAlarm(shard, endMs - Date.now())) {
      // Looks at the clock, finds nothing due.
    }
    advance(endMs - Date.now());
    expect(await exists(shard, "/a")).toBe(true);
  });

  it("[DO5] a heartbeat keeps a session alive, writes nothing and wakes nothing", async () => {
    const shard = openShard();
    // The runtime stamps heartbeats with real time: eight seconds after all else in this test.
    advance(-8_000);
    const client = await Client.connect(shard, { timeout: TIMEOUT_MS });
    await client.must({ op: "create", path: "/a", mode: "EPHEMERAL" });
    await evictDurableObject(shard.stub, { webSockets: "hibernate" });
    const record = observe(shard.name);
    const before = { ...record, statements: record.statements.length };

    await client.ping();
    expect({ ...record, statements: record.statements.length }).toEqual(before);

    advance(8_000 + TIMEOUT_MS - 4_000);
    await fireAlarm(shard);
    expect(await exists(shard, "/a")).toBe(true);
    await sleepUntilAlarm(shard, 7_000);
    expect(await exists(shard, "/a")).toBe(false);
  });
});

describe("HTTP sessions", () => {
  it("[DO6] one that nobody keeps alive expires, also when the object was evicted in between", async () => {
    const shard = openShard();
    const session = await openHttpSession(shard);
    await createEphemeral(shard, session, "/a");
    await evictDurableObject(shard.stub);

    await sleepUntilAlarm(shard, TIMEOUT_MS + 2_000);

    expect(await exists(shard, "/a")).toBe(false);
    const { outcome } = await shard.api.keepSession({ identity: ADMIN, ...session });
    expect(outcome).toMatchObject({ code: -112 });
  });

  it("[DO6] one that is kept alive lives on, also when the object was evicted in between", async () => {
    const shard = openShard();
    const session = await openHttpSession(shard);
    await createEphemeral(shard, session, "/a");
    for (let round = 0; round < 4; round += 1) {
      advance(TIMEOUT_MS - 5_000);
      const { outcome } = await shard.api.keepSession({ identity: ADMIN, ...session });
      expect(outcome).toMatchObject({ id: session.id });
      await evictDurableObject(shard.stub);
    }
    await fireAlarm(shard);

    expect(await exists(shard, "/a")).toBe(true);
  });
});

describe("znodes that go by themselves", () => {
  it("[DO10] TTL znodes and containers go in a sleeping shard", async () => {
    const shard = openShard();
    const client = await Client.connect(shard, { timeout: 600_000 });
    const ttl = { op: "create", path: "/t", mode: "PERSISTENT_WITH_TTL", ttl: 30_000 };
    await client.must(ttl);
    await client.must({ op: "create", path: "/c", mode: "CONTAINER" });
    await client.must({ op: "create", path: "/c/x" });
    await client.must({ op: "delete", path: "/c/x" });
    await evictDurableObject(shard.stub, { webSockets: "close" });

    advance(120_000);
    await fireAlarm(shard);

    expect(await exists(shard, "/t")).toBe(false);
    expect(await exists(shard, "/c")).toBe(false);
  });
});
