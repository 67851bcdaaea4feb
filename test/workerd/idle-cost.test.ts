import { evictDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ADMIN, Client, eventually, openShard, type ShardUnderTest } from "./client.ts";
import { advance, alarmAt, shiftClock, restoreClock, sleepUntilAlarm } from "./clock.ts";
import { observe } from "./worker.ts";

beforeEach(shiftClock);
afterEach(restoreClock);

const SESSIONS = 1_000;
const TIMEOUT_MS = 30_000;
const MINUTES = 5;

async function rowsWritten(shard: ShardUnderTest): Promise<number> {
  return (await shard.api.status()).counters["rowsWritten"] ?? 0;
}

interface Cost {
  readonly wakes: number;
  readonly rows: number;
}

/**
 * Lets time pass from alarm to alarm, as a sleeping object would see it. An alarm that is set again
 * counts as a row, as the platform bills it.
 */
async function sleepFor(shard: ShardUnderTest, ms: number): Promise<Cost> {
  const record = observe(shard.name);
  const alarmsBefore = record.alarms;
  const rowsBefore = await rowsWritten(shard);
  const endMs = Date.now() + ms;
  let alarmRows = 0;
  while (await sleepUntilAlarm(shard, endMs - Date.now())) {
    if ((await alarmAt(shard)) !== null) alarmRows += 1;
  }
  advance(Math.max(0, endMs - Date.now()));
  const rows = (await rowsWritten(shard)) - rowsBefore + alarmRows;
  return { wakes: record.alarms - alarmsBefore, rows };
}

it("[DO15] 1,000 idle sessions cost at most 4 wake-ups and 4 rows a minute", async () => {
  const shard = openShard();
  const clients: Client[] = [];
  for (let index = 0; index < SESSIONS; index += 1) {
    clients.push(await Client.connect(shard, { timeout: TIMEOUT_MS }));
    // Spread over a heartbeat's interval, as real ones are.
    advance(10);
  }
  await eventually(async () => expect((await shard.api.status()).dirtyNodes).toBe(0));
  await evictDurableObject(shard.stub, { webSockets: "hibernate" });
  const startMs = Date.now();
  const record = observe(shard.name);
  // Client n sends its heartbeats a third of the timeout apart, n · 10 ms after client 0.
  record.lastHeartbeatMs = (index) => {
    const offset = (index % SESSIONS) * 10;
    const interval = TIMEOUT_MS / 3;
    return startMs + Math.floor((Date.now() - startMs - offset) / interval) * interval + offset;
  };

  const { wakes, rows } = await sleepFor(shard, MINUTES * 60_000);

  expect(wakes / MINUTES).toBeLessThanOrEqual(4);
  expect(rows / MINUTES).toBeLessThanOrEqual(4);
  expect((await shard.api.status()).sessions).toBe(SESSIONS);
}, 60_000);

it("[DO15] a shard without sessions is never woken", async () => {
  const shard = openShard();
  const client = await Client.connect(shard, { timeout: TIMEOUT_MS });
  await client.must({ op: "create", path: "/a" });
  await client.must({ op: "closeSession" });
  await sleepFor(shard, TIMEOUT_MS * 2);

  expect(await alarmAt(shard)).toBeNull();
  expect(await sleepFor(shard, MINUTES * 60_000)).toEqual({ wakes: 0, rows: 0 });
});

it("[DO19] reading an empty namespace writes nothing", async () => {
  const shard = openShard();
  const request = { op: "getChildren2", path: "/", watch: false } as const;
  const { outcome } = await shard.api.call({ identity: ADMIN, request });

  expect(outcome).toMatchObject({ op: "getChildren", children: [{ name: "zookeeper" }] });
  expect(observe(shard.name).statements).toEqual([]);
  expect(await alarmAt(shard)).toBeNull();
});
