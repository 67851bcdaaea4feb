import { evictDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Client, eventually } from "./client.ts";
import { advance, alarmAt, restoreClock, shiftClock, sleepUntilAlarm } from "./clock.ts";
import { Ensemble } from "./ensemble.ts";
import { observe } from "./worker.ts";

beforeEach(shiftClock);
afterEach(restoreClock);

const SESSIONS = 100;
const TIMEOUT_MS = 30_000;
const MINUTES = 5;

/** Rows that all members have written. */
async function rowsWritten(ensemble: Ensemble): Promise<number> {
  const counts = await Promise.all(
    ensemble.sids.map(async (sid) => {
      const { counters } = await ensemble.member(sid).api.status();
      return counters["rowsWritten"] ?? 0;
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

async function evictAll(ensemble: Ensemble): Promise<void> {
  for (const sid of ensemble.sids) await evictDurableObject(ensemble.member(sid).stub);
}

function follower(ensemble: Ensemble, leader: number): number {
  return ensemble.sids.find((sid) => sid !== leader) ?? 0;
}

describe("members that sleep", () => {
  it("[EM19] keep their roles: the leader goes on in the same epoch, without an election", async () => {
    const ensemble = new Ensemble("3");
    await ensemble.create("/a");
    const leader = await ensemble.leader();
    await evictAll(ensemble);

    const { zxid } = await ensemble.create("/b");

    expect(zxid).toBe(0x1_0000_0002);
    const states = await Promise.all(ensemble.sids.map((sid) => ensemble.quorumOf(sid)));
    expect(states.map((quorum) => [quorum.leader, quorum.acceptedEpoch])).toEqual(
      ensemble.sids.map(() => [leader, 1]),
    );
    expect(states.map(({ election }) => election)).toEqual([undefined, undefined, undefined]);
  });

  it("[EM19] are woken by nobody while there are no sessions", async () => {
    const ensemble = new Ensemble("3");
    await ensemble.create("/a");

    await evictAll(ensemble);

    for (const sid of ensemble.sids) expect(await alarmAt(ensemble.member(sid))).toBeNull();
  });

  it("[EM20] notice a dead leader by the alarm of a member that serves a session", async () => {
    const ensemble = new Ensemble("3");
    const leader = await ensemble.leader();
    const sid = follower(ensemble, leader);
    await Client.connect(ensemble.member(sid), { timeout: 10_000 });
    await ensemble.stop(leader);

    expect(await sleepUntilAlarm(ensemble.member(sid), 14_000)).toBe(true);

    await eventually(async () => {
      const quorum = await ensemble.quorumOf(sid);
      expect(quorum.leader).not.toBe(0);
      expect(quorum.leader).not.toBe(leader);
    });
  });
});

describe("an idle ensemble", () => {
  it("[EM24] with 100 sessions wakes its leader at most 4 times a minute, and nobody else", async () => {
    const ensemble = new Ensemble("3");
    const leader = await ensemble.leader();
    const shard = ensemble.member(leader);
    for (let index = 0; index < SESSIONS; index += 1) {
      await Client.connect(shard, { timeout: TIMEOUT_MS });
      advance(10);
    }
    await eventually(async () => expect((await shard.api.status()).dirtyNodes).toBe(0));
    for (const sid of ensemble.sids) {
      await evictDurableObject(ensemble.member(sid).stub, { webSockets: "hibernate" });
    }
    const startMs = Date.now();
    // Every client sends a heartbeat each third of the timeout.
    observe(shard.name).lastHeartbeatMs = () => {
      const interval = TIMEOUT_MS / 3;
      return startMs + Math.floor((Date.now() - startMs) / interval) * interval;
    };
    const before = ensemble.sids.map((sid) => observe(ensemble.nameOf(sid)).alarms);
    const rowsBefore = await rowsWritten(ensemble);
    const endMs = startMs + MINUTES * 60_000;
    while (await sleepUntilAlarm(shard, endMs - Date.now()));
    advance(Math.max(0, endMs - Date.now()));

    const wakes = ensemble.sids.map(
      (sid, index) => observe(ensemble.nameOf(sid)).alarms - (before[index] ?? 0),
    );
    const rows = (await rowsWritten(ensemble)) - rowsBefore;
    const others = wakes.filter((_, index) => ensemble.sids[index] !== leader);
    expect(wakes[ensemble.sids.indexOf(leader)]).toBeLessThanOrEqual(4 * MINUTES);
    expect(others).toEqual([0, 0]);
    expect(rows / MINUTES).toBeLessThanOrEqual(4);
    expect((await shard.api.status()).sessions).toBe(SESSIONS);
  }, 60_000);
});

describe("a connection to a follower", () => {
  it("[EM7] sees its own writes, and events of those made elsewhere, in their order", async () => {
    const ensemble = new Ensemble("3");
    const leader = await ensemble.leader();
    const client = await Client.connect(ensemble.member(follower(ensemble, leader)));

    const [made, seen] = await client.batch([
      { op: "create", path: "/own", data: "1" },
      { op: "getData", path: "/own" },
      { op: "addWatch", path: "/", mode: "PERSISTENT_RECURSIVE" },
    ]);
    await ensemble.create("/theirs");

    expect(made?.error).toBeUndefined();
    expect(seen).toMatchObject({ data: "1" });
    await eventually(() => expect(client.events).toHaveLength(1));
    expect(client.events).toMatchObject([{ event: "NodeCreated", path: "/theirs" }]);
  });

  it("[EM15] closes with its leader; the session goes on at another member", async () => {
    const ensemble = new Ensemble("3");
    const leader = await ensemble.leader();
    const client = await Client.connect(ensemble.member(leader), { timeout: 30_000 });
    await client.must({ op: "create", path: "/e", mode: "EPHEMERAL" });
    await ensemble.stop(leader);
    await eventually(() => expect(client.close).toBeDefined());

    const next = await ensemble.leader();
    const elsewhere = ensemble.sids.find((sid) => sid !== leader && sid !== next) ?? 0;
    const resumed = await Client.connect(ensemble.member(elsewhere), { session: client.token });
    const { stat } = await resumed.must({ op: "exists", path: "/e" });

    expect(`${stat?.ephemeralOwner}`).toBe(client.token.split(".")[0]);
  });
});
