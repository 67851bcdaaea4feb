import { describe, expect, it } from "vitest";
import { isFailure } from "../../src/core/keeper-error.ts";
import type { MemberPort } from "../../src/shard/shard-api.ts";
import { eventually } from "./client.ts";
import { Ensemble } from "./ensemble.ts";

const LOCAL = { type: "any", near: [] } as const;
const at = (sid: number) => ({ type: "member", sid }) as const;

describe.each(["3", "5"])("an ensemble of %s", (size) => {
  it("[EM6] elects a leader when it is first asked, and all others follow", async () => {
    const ensemble = new Ensemble(size);

    expect((await ensemble.create("/a")).outcome).toMatchObject({ op: "create", path: "/a" });

    const leader = await ensemble.leader();
    await eventually(async () => {
      const states = await Promise.all(ensemble.sids.map((sid) => ensemble.quorumOf(sid)));
      expect(states.map((quorum) => quorum.leader)).toEqual(ensemble.sids.map(() => leader));
      expect(new Set(states.map(({ committedZxid }) => committedZxid))).toEqual(
        new Set([0x1_0000_0001]),
      );
    });
  });

  it("[EM7] takes writes at any member, which all members have then", async () => {
    const ensemble = new Ensemble(size);
    await ensemble.leader();

    const answers = await Promise.all(
      ensemble.sids.map((sid) => ensemble.create(`/by-${sid}`, at(sid))),
    );

    expect(answers.map(({ outcome }) => outcome)).toMatchObject(
      ensemble.sids.map((sid) => ({ op: "create", path: `/by-${sid}` })),
    );
    expect(new Set(answers.map(({ zxid }) => zxid)).size).toBe(ensemble.sids.length);
    for (const sid of ensemble.sids) {
      expect(await ensemble.exists("/by-1", at(sid)), `linearizable, at ${sid}`).toBe(true);
    }
  });

  it("[EM8] has another leader when the leader stops, and what was written before", async () => {
    const ensemble = new Ensemble(size);
    await ensemble.create("/before");
    const first = await ensemble.leader();
    await ensemble.stop(first);

    const second = await ensemble.leader();

    expect(second).not.toBe(first);
    expect((await ensemble.create("/after")).outcome).toMatchObject({ path: "/after" });
    expect(await ensemble.exists("/before")).toBe(true);
    expect(await ensemble.exists("/before", LOCAL)).toBe(true);
  });

  it("[EM9] refuses everything without a majority, and goes on when it has one again", async () => {
    const ensemble = new Ensemble(size);
    await ensemble.create("/before");
    const lost = ensemble.sids.slice(0, (ensemble.sids.length + 1) / 2);
    for (const sid of lost) await ensemble.stop(sid);

    await expect(ensemble.exists("/before")).rejects.toMatchObject({ status: 503 });
    await expect(ensemble.create("/during")).rejects.toThrow("no leader: expected a majority");

    await ensemble.start(lost[0] ?? 0);
    expect((await ensemble.create("/after")).outcome).toMatchObject({ path: "/after" });
    expect(await ensemble.exists("/during")).toBe(false);
    expect(await ensemble.exists("/before")).toBe(true);
  }, 20_000);

  it("[EM8] a member that comes back follows, with all that it missed", async () => {
    const ensemble = new Ensemble(size);
    await ensemble.create("/before");
    const leader = await ensemble.leader();
    const absent = ensemble.sids.find((sid) => sid !== leader) ?? 0;
    await ensemble.stop(absent);
    for (let index = 0; index < 10; index += 1) await ensemble.create(`/during-${index}`);

    await ensemble.start(absent);

    await eventually(async () => {
      const { state, committedZxid } = await ensemble.quorumOf(absent);
      expect(state).toBe("FOLLOWING");
      expect(committedZxid).toBe((await ensemble.quorumOf(leader)).committedZxid);
    });
    expect(await ensemble.exists("/during-9", at(absent))).toBe(true);
  });
});

describe("an observer", () => {
  it("[EM7] serves reads and forwards writes, but is no part of a majority", async () => {
    const ensemble = new Ensemble({ members: "1 2 3", observers: "4" });
    await ensemble.create("/a");

    const { outcome } = await ensemble.create("/b", at(4));
    expect(outcome).toMatchObject({ path: "/b" });
    expect(await ensemble.exists("/b", at(4))).toBe(true);
    expect((await ensemble.quorumOf(4)).state).toBe("OBSERVING");

    await ensemble.stop(1);
    await ensemble.stop(2);
    await expect(ensemble.exists("/c")).rejects.toMatchObject({ status: 503 });
  }, 20_000);
});

describe("a session", () => {
  it("[EM15] outlives its leader, with its ephemerals", async () => {
    const ensemble = new Ensemble("3");
    const identity = { role: "admin", ids: [] } as const;
    const { id, password } = await ensemble.openSession(30_000);
    await ensemble.createEphemeral("/e", { id, password });
    await ensemble.stop(await ensemble.leader());

    const kept = await ensemble.client().keepSession({ identity, id, password });

    expect(kept.outcome).toMatchObject({ id, ephemerals: 1 });
    expect(await ensemble.exists("/e")).toBe(true);
  });
});

/** Creates a znode; false if that failed, or what became of it is unknown. */
function isWritten(ensemble: Ensemble, path: string): Promise<boolean> {
  return ensemble.create(path).then(
    ({ outcome }) => !isFailure(outcome),
    () => false,
  );
}

/** Writes so many znodes one after the other, whatever happens. @returns those acknowledged. */
async function write(ensemble: Ensemble, name: string, count: number): Promise<string[]> {
  const acknowledged: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const path = `/${name}-${index}`;
    if (await isWritten(ensemble, path)) acknowledged.push(path);
  }
  return acknowledged;
}

describe("a leader that is reset under 16 writing clients, ten times", () => {
  it("[EM16] loses nothing that was acknowledged, and serves the next request within 2 s", async () => {
    const ensemble = new Ensemble("3");
    const identity = { role: "admin", ids: [] } as const;
    const { id, password } = await ensemble.openSession(60_000);
    await ensemble.createEphemeral("/e", { id, password });
    const acknowledged: string[] = [];
    const backAfterMs: number[] = [];
    for (let round = 0; round < 10; round += 1) {
      const leader = await ensemble.leader();
      // They end by themselves: while they run in this one thread, timers hardly do.
      const writers = Array.from({ length: 16 }, (_, index) =>
        write(ensemble, `w${round}-${index}`, 8),
      );
      expect(await isWritten(ensemble, `/before-${round}`)).toBe(true);
      await ensemble.crash(leader);
      const startedMs = Date.now();
      await eventually(async () => {
        expect(await isWritten(ensemble, `/after-${round}-${Date.now()}`)).toBe(true);
      });
      backAfterMs.push(Date.now() - startedMs);
      acknowledged.push(...(await Promise.all(writers)).flat());
    }

    expect(backAfterMs.filter((ms) => ms >= 2_000)).toEqual([]);
    expect(acknowledged.length).toBeGreaterThan(500);
    const found = await Promise.all(acknowledged.map((path) => ensemble.exists(path)));
    expect(acknowledged.filter((_, index) => found[index] !== true)).toEqual([]);
    const kept = await ensemble.client().keepSession({ identity, id, password });
    expect(kept.outcome).toMatchObject({ id, ephemerals: 1 });
  }, 60_000);
});

describe("a call of a stranger", () => {
  it.each([
    { what: "another ensemble", ensemble: "other:/", to: 1 },
    { what: "for another member", ensemble: undefined, to: 2 },
  ])("[EM25] $what is refused, with what was expected", async ({ ensemble: name, to }) => {
    const ensemble = new Ensemble("3");
    await ensemble.create("/a");
    const own = `${ensemble.namespace}:/`;
    const envelope = { ensemble: name ?? own, from: 3, to, packets: [] };

    const member = ensemble.member(1).api as unknown as MemberPort;
    const exchanged = await member.exchange(envelope);

    expect(exchanged).toEqual({
      refused: `expected packets for member 1 of ${own}, saw ${to} of ${envelope.ensemble}`,
    });
    expect((await ensemble.create("/b")).outcome).toMatchObject({ path: "/b" });
  });
});

describe("storage", () => {
  it("[EM4] of another ensemble is refused, and the others go on", async () => {
    const [ensemble, other] = [new Ensemble("3"), new Ensemble("3")];
    await ensemble.create("/a");
    await other.create("/b");
    const leader = await ensemble.leader();
    const sid = ensemble.sids.find((one) => one !== leader) ?? 0;
    await ensemble.takeOwner(sid, other);

    await expect(ensemble.quorumOf(sid)).rejects.toThrow(
      `expected the storage of member ${sid} of ensemble ${ensemble.namespace}:/, ` +
        `saw the one of member ${sid} of ensemble ${other.namespace}:/`,
    );
    expect((await ensemble.create("/c")).outcome).toMatchObject({ path: "/c" });
  });
});
