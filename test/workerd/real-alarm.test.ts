import { evictDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import { TICK_MS } from "../../src/core/session.ts";
import { ADMIN, Client, eventually, openShard } from "./client.ts";
import { observe } from "./worker.ts";

// The one test that waits for real time: nothing else shows that the platform wakes the object.
it("[DO7] an evicted object is woken by its alarm and ends the session within a tick", async () => {
  const shard = openShard();
  const client = await Client.connect(shard, { timeout: 4_000 });
  await client.must({ op: "create", path: "/a", mode: "EPHEMERAL" });
  const heardMs = Date.now();
  await evictDurableObject(shard.stub, { webSockets: "hibernate" });
  expect(observe(shard.name)).toMatchObject({ starts: 1, alarms: 0 });

  await eventually(() => expect(client.close?.code).toBe(4112), 15_000);

  expect(Date.now() - heardMs).toBeGreaterThanOrEqual(4_000);
  expect(Date.now() - heardMs).toBeLessThan(4_000 + TICK_MS + 1_000);
  expect(observe(shard.name).starts).toBe(2);
  const request = { op: "exists", path: "/a", watch: false } as const;
  const { outcome } = await shard.api.call({ identity: ADMIN, request });
  expect(outcome).toMatchObject({ code: -101 });
}, 20_000);
