import { afterEach, describe, expect, it } from "vitest";
import { type ConnectionState, ZooKeeper } from "../../src/client/index.ts";
import { connect } from "../../src/client/worker.ts";
import { LeaderLatch, Lock } from "../../src/recipes/index.ts";
import { eventually } from "./client.ts";
import { Ensemble } from "./ensemble.ts";
import { bindKeeper, failureOf, openKeeper, reset } from "./keeper.ts";
import { keeperVariables, observe } from "./worker.ts";

const TEXT = "zookeeper";

describe("a client through the binding", () => {
  it("[WB22] is the same client: ephemerals, streams, signals, one frame for all of a turn", async () => {
    const { keeper } = await openKeeper();
    await using zk = connect(keeper);
    const abort = new AbortController();
    await zk.create("/a");
    const stream = zk.watch("/a", { signal: abort.signal });
    const first = stream.next();

    const [made, stat] = await Promise.all([
      zk.create("/e", TEXT, { ephemeral: true }),
      zk.set("/a", "1"),
    ]);

    expect(zk).toBeInstanceOf(ZooKeeper);
    expect(made.stat.ephemeralOwner).toBe(zk.sessionId);
    expect((await first).value).toMatchObject({ type: "NodeDataChanged", zxid: stat.mzxid });
    abort.abort(new Error("enough"));
    expect(String(await failureOf(stream.next()))).toContain("enough");
    expect((await keeper.get("/e")).text).toBe(TEXT);
    await zk.close();
    expect(await keeper.exists("/e")).toBeUndefined();
  });

  it("[WB22] sees a subtree or another namespace if it is told to, and proves who it is", async () => {
    const { namespace, keeper } = await openKeeper();
    await keeper.create("/app");
    const auth = [{ scheme: "digest", auth: "bob:secret" }];
    await using zk = connect(bindKeeper(), { namespace, chroot: "/app", auth });

    const acl = [{ perms: 31, id: { scheme: "auth", id: "" } }];
    await zk.create("/bobs", TEXT, { acl });

    expect((await zk.whoAmI()).map(({ id }) => id)).toEqual(["bob"]);
    expect(await failureOf(keeper.get("/app/bobs"))).toMatchObject({ codeName: "NOAUTH" });
  });

  it("[WB23] recipes run on it: of callers with one lock never two hold it", async () => {
    const { keeper } = await openKeeper();
    let holders = 0;
    let overlaps = 0;
    const tokens: number[] = [];
    const work = async (): Promise<void> => {
      await using zk = connect(keeper);
      const lock = new Lock(zk, "/locks/printer");
      for (let round = 0; round < 5; round += 1) {
        await lock.run(async ({ token }) => {
          holders += 1;
          if (holders > 1) overlaps += 1;
          tokens.push(token);
          await zk.sync();
          holders -= 1;
        });
      }
    };

    await Promise.all([work(), work(), work()]);

    expect(overlaps).toBe(0);
    expect(tokens).toHaveLength(15);
    expect(tokens).toEqual(tokens.toSorted((a, b) => a - b));
  });

  it("[WB23] recipes run on it: the next leader follows when the first one closes", async () => {
    const { keeper } = await openKeeper();
    await using first = connect(keeper);
    await using second = connect(keeper);
    const lead = new LeaderLatch(first, "/leader");
    await lead.waitForLeadership();
    const follow = new LeaderLatch(second, "/leader");
    await eventually(async () => expect(await follow.participants()).toHaveLength(2));

    expect(follow.isLeader).toBe(false);
    await first.close();
    await eventually(() => expect(follow.isLeader).toBe(true));
  });

  it("[WB24] its session outlives a reset of the shard, and it tells of it", async () => {
    const { keeper, shard } = await openKeeper();
    await using zk = connect(keeper);
    const states: ConnectionState[] = [];
    await zk.create("/a", "", { ephemeral: true });
    zk.onState((state) => void states.push(state));
    const id = zk.sessionId;

    await reset(shard);
    await eventually(() => expect(states).toEqual(["suspended", "connected"]));

    expect(zk.sessionId).toBe(id);
    expect((await keeper.exists("/a"))?.ephemeralOwner).toBe(id);
    expect(observe(shard.name).starts).toBe(2);
  });

  it("[WB24] it is told that its session was lost, and goes on with another", async () => {
    const { keeper, shard } = await openKeeper();
    await using zk = connect(keeper);
    const states: ConnectionState[] = [];
    await zk.create("/a", "", { ephemeral: true });
    zk.onState((state) => void states.push(state));
    const { sessionId = 0n } = zk;

    const identity = { role: "admin", ids: [] } as const;
    await shard.api.closeSession({ identity, id: Number(sessionId) });
    await eventually(() => expect(states).toEqual(["suspended", "lost", "connected"]));

    expect(await zk.exists("/a")).toBeUndefined();
    expect(zk.sessionId).not.toBe(sessionId);
  });
});

describe("the binding of an ensemble", () => {
  afterEach(() => {
    keeperVariables.ensemble = undefined;
  });

  it("[WB25] calls, sessions and clients find the member that serves them", async () => {
    const ensemble = new Ensemble("3");
    keeperVariables.ensemble = "3";
    await ensemble.create("/made-elsewhere");
    const keeper = bindKeeper({ namespaces: [ensemble.namespace] });

    await keeper.create("/call", "1");
    using session = await keeper.session();
    await session.create("/session", "", { ephemeral: true });
    await using zk = connect(keeper);
    await zk.create("/client", "", { ephemeral: true });

    expect((await keeper.children("/")).children).toEqual([
      "call",
      "client",
      "made-elsewhere",
      "session",
      "zookeeper",
    ]);
    expect((await keeper.with({ consistency: "local" }).get("/call")).text).toBe("1");
    expect((await keeper.getConfig()).text).toContain("server.1=");
  });

  it("[WB25] when the leader is lost, clients go on with another, their sessions alive", async () => {
    const ensemble = new Ensemble("3");
    keeperVariables.ensemble = "3";
    await ensemble.create("/a");
    const keeper = bindKeeper({ namespaces: [ensemble.namespace] });
    await using zk = connect(keeper);
    await zk.create("/e", "", { ephemeral: true });
    const id = zk.sessionId;

    const leader = await ensemble.leader();
    await ensemble.stop(leader);
    await keeper.with({ idempotencyKey: "once" }).create("/b");
    await eventually(() => expect(zk.state).toBe("connected"), 10_000);

    expect((await zk.exists("/e"))?.ephemeralOwner).toBe(id);
    expect(zk.sessionId).toBe(id);
    expect(await ensemble.leader()).not.toBe(leader);
  });

  it("[WB25] without a majority calls are refused, and say that nothing was done", async () => {
    const ensemble = new Ensemble("3");
    keeperVariables.ensemble = "3";
    await ensemble.create("/a");
    const keeper = bindKeeper({ namespaces: [ensemble.namespace] });
    for (const sid of [1, 2, 3]) observe(ensemble.nameOf(sid)).isStopped = true;

    const error = await failureOf(keeper.get("/a"));

    expect(error).toMatchObject({ codeName: "CONNECTIONLOSS", path: "/a" });
    expect(String(error)).toContain("nothing was done");
  });
});
