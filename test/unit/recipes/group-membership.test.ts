import { describe, expect, test } from "vitest";
import { GroupMembership, PersistentEphemeral } from "../../../src/recipes/index.ts";
import { type FaultyClient, Stage } from "./faulty-client.ts";

describe("PersistentEphemeral", () => {
  async function start() {
    const stage = new Stage();
    const [owner, other] = [await stage.client(), await stage.client()];
    return { stage, owner, other };
  }
  const ownerOf = async ({ zk }: FaultyClient) => (await zk.exists("/p/me"))?.ephemeralOwner;

  test("[RP45] it is made again in the next session, and when somebody deletes it", async () => {
    const { stage, owner, other } = await start();
    const znode = new PersistentEphemeral(owner.zk, "/p/me", "1");
    await stage.until(znode.ready);
    await other.zk.delete("/p/me");
    await stage.pass(100);
    expect(await ownerOf(other)).toBe(owner.zk.sessionId);
    await stage.until(znode.set("2"));
    await stage.expire(owner);

    expect(await ownerOf(other)).toBe(owner.zk.sessionId);
    expect((await other.zk.get("/p/me")).text).toBe("2");
    await stage.until(znode.close());
    expect(await ownerOf(other)).toBeUndefined();
  });

  for (const fault of ["request", "answer"] as const) {
    test(`[RP45] it exists in the present session when any ${fault} is lost on the way`, async () => {
      for (let step = 0, didFail = true; didFail; step += 1) {
        const { stage, owner, other } = await start();
        didFail = false;
        owner.failAt((_op, index) => {
          if (index !== step) return undefined;
          didFail = true;
          return fault;
        });
        const znode = new PersistentEphemeral(owner.zk, "/p/me");
        await stage.until(znode.ready);
        expect(await ownerOf(other)).toBe(owner.zk.sessionId);
        expect(step).toBeLessThan(20);
      }
    });
  }

  test("[RP46] one of our own last session is replaced before the server deletes it", async () => {
    const { stage, owner } = await start();
    const znode = new PersistentEphemeral(owner.zk, "/p/me");
    await stage.until(znode.ready);
    owner.offline();
    // The client gives its session up; the server is not told the time.
    await stage.clock.advance(7_000);
    owner.online();
    await stage.clock.advance(6_000);

    expect(owner.states).toContain("lost");
    expect(await ownerOf(owner)).toBe(owner.zk.sessionId);
  });

  test("[RP46] somebody else's is waited for", async () => {
    const { stage, owner, other } = await start();
    await other.zk.create("/p");
    await other.zk.create("/p/me", "", { ephemeral: true });
    const znode = new PersistentEphemeral(owner.zk, "/p/me");
    await stage.pass(1_000);
    await stage.until(znode.set("mine"));
    expect((await other.zk.get("/p/me")).text).toBe("");
    expect(await ownerOf(other)).toBe(other.zk.sessionId);
    await other.zk.delete("/p/me");
    await stage.until(znode.ready);

    expect(await ownerOf(other)).toBe(owner.zk.sessionId);
    expect((await other.zk.get("/p/me")).text).toBe("mine");
  });

  test("[RP46] giving up a znode that is somebody else's leaves it", async () => {
    const { stage, owner, other } = await start();
    await other.zk.create("/p");
    await other.zk.create("/p/me", "", { ephemeral: true });
    const znode = new PersistentEphemeral(owner.zk, "/p/me");
    await stage.pass(100);
    await stage.until(znode.close());
    await stage.pass(100);

    expect(await ownerOf(other)).toBe(other.zk.sessionId);
  });

  test("[RP45] data that change while it is made are not lost", async () => {
    const { stage, owner, other } = await start();
    const znode = new PersistentEphemeral(owner.zk, "/p/me", "old");
    for (let turn = 0; turn < 12; turn += 1) await Promise.resolve();
    await stage.until(znode.set("new"));
    await stage.until(znode.ready);
    await stage.pass(100);

    expect((await other.zk.get("/p/me")).text).toBe("new");
  });
});

describe("GroupMembership", () => {
  test("[RP47] members are seen while their sessions last, and come back with the next", async () => {
    const stage = new Stage();
    const [one, two, watcher] = [await stage.client(), await stage.client(), await stage.client()];
    const changes: string[] = [];
    const group = new GroupMembership(watcher.zk, "/group", undefined, (members) =>
      changes.push([...members.keys()].join(" ")),
    );
    const first = new GroupMembership(one.zk, "/group", { id: "one", data: "host:1" });
    await stage.until(first.ready);
    const second = new GroupMembership(two.zk, "/group", { id: "two" });
    await stage.until(Promise.all([second.ready, group.ready]));
    await stage.pass(100);
    expect([...group.members]).toEqual([
      ["one", "host:1"],
      ["two", ""],
    ]);
    two.offline();
    await stage.pass(3_000);
    expect([...group.members.keys()]).toEqual(["one", "two"]);
    await stage.pass(10_000);
    expect([...group.members.keys()]).toEqual(["one"]);
    two.online();
    await stage.pass(6_000);
    expect([...group.members.keys()]).toEqual(["one", "two"]);
    await stage.until(first.setData("host:2"));
    await stage.until(second.close());
    await stage.pass(100);

    expect([...group.members]).toEqual([["one", "host:2"]]);
    expect(changes).toEqual(["one", "one two", "one", "one two", "one two", "one"]);
  });
});
