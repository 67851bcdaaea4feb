import { describe, expect, test } from "vitest";
import { type ConnectionState, isKeeperError, type ZooKeeper } from "../../../src/client/index.ts";
import {
  Barrier,
  Counter,
  GroupMembership,
  type Hold,
  type HoldOptions,
  IdGenerator,
  LeaderElection,
  LeaderLatch,
  Lock,
  MultiLock,
  PersistentEphemeral,
  ReadWriteLock,
  Semaphore,
  ServiceRegistry,
  SharedValue,
} from "../../../src/recipes/index.ts";
import { Stage, TIMEOUT_MS } from "./faulty-client.ts";

const PATH = "/recipe";

/** What all holds have. */
interface Held {
  readonly lost: AbortSignal;
  readonly token: number;
}

type Take = (zk: ZooKeeper, options?: HoldOptions) => Promise<Held>;

/** A leadership, while it lasts. */
async function elected(election: LeaderElection): Promise<Hold> {
  const leads = Promise.withResolvers<Hold>();
  const campaign = election.campaign((held) => {
    leads.resolve(held);
    return new Promise<never>(() => undefined);
  });
  return await Promise.race([leads.promise, campaign]);
}

/** Everything that one at a time holds, and how it is taken. */
const HOLDS: Readonly<Record<string, Take>> = {
  Lock: (zk, options) => new Lock(zk, PATH, options).acquire(),
  "Lock in the layout of kazoo": (zk, options) =>
    new Lock(zk, PATH, { ...options, layout: "kazoo" }).acquire(),
  "ReadWriteLock.write": (zk, options) => new ReadWriteLock(zk, PATH, options).write.acquire(),
  Semaphore: (zk, options) => new Semaphore(zk, PATH, 1, options).acquire(),
  MultiLock: async (zk, options) => {
    const held = await new MultiLock(zk, [PATH], options).acquire();
    return { lost: held.lost, token: held.token(PATH) ?? 0 };
  },
  LeaderLatch: (zk, options) => new LeaderLatch(zk, PATH, options).waitForLeadership(),
  LeaderElection: (zk, options) => elected(new LeaderElection(zk, PATH, options)),
};

async function start() {
  const stage = new Stage();
  const [one, two] = [await stage.client(), await stage.client()];
  return { stage, one, two };
}

const codeOf = (error: unknown): string => (isKeeperError(error) ? error.codeName : String(error));

describe("what is held", () => {
  test.for(Object.entries(HOLDS))("[RP97] is lost on suspension: %s", async ([, take]) => {
    const { stage, one } = await start();
    const { lost } = await stage.until(take(one.zk));
    expect(lost.aborted).toBe(false);
    one.cut();

    expect(codeOf(lost.reason)).toBe("CONNECTIONLOSS");
  });

  test.for(Object.entries(HOLDS))("[RP97] … or with the session: %s", async ([, take]) => {
    const { stage, one } = await start();
    const { lost } = await stage.until(take(one.zk, { onSuspension: "keep" }));
    one.cut();
    await stage.pass(1_000);
    expect(lost.aborted).toBe(false);
    one.offline();
    await stage.pass(TIMEOUT_MS);

    expect(codeOf(lost.reason)).toBe("SESSIONEXPIRED");
  });

  test.for(Object.entries(HOLDS))(
    "[RP98] outlives its holder by a session: %s",
    async ([, take]) => {
      const { stage, one, two } = await start();
      const dead = await stage.until(take(one.zk, { onSuspension: "keep" }));
      let isNext = false;
      const next = take(two.zk).then((held) => {
        isNext = true;
        return held;
      });
      await stage.pass(500);
      one.offline();
      await stage.pass(TIMEOUT_MS - 1_000);
      expect(isNext).toBe(false);

      expect((await stage.until(next)).token).toBeGreaterThan(dead.token);
    },
  );

  test("[RP99] writes in a transaction over a suspension, and not in the next session", async () => {
    const { stage, one, two } = await start();
    await two.zk.create("/data", "0");
    const held = await new Lock(one.zk, PATH, { onSuspension: "keep" }).acquire();
    one.cut();
    await stage.until(held.transaction().set("/data", "1").commit());
    one.failNext("multi", "answer");
    const unknown = held.transaction().set("/data", "2").commit().catch(codeOf);
    expect(await stage.until(unknown)).toBe("CONNECTIONLOSS");
    expect((await two.zk.get("/data")).text).toBe("2");
    await stage.expire(one);
    const late = held.transaction().set("/data", "3").commit().catch(codeOf);

    expect(await stage.until(late)).toBe("NONODE");
    expect((await two.zk.get("/data")).text).toBe("2");
  });
});

/** What is there as long as its maker, and where. */
const PRESENCES: Readonly<Record<string, (zk: ZooKeeper) => readonly [AsyncDisposable, string]>> = {
  PersistentEphemeral: (zk) => [new PersistentEphemeral(zk, PATH), PATH],
  GroupMembership: (zk) => [new GroupMembership(zk, PATH, { id: "me" }), `${PATH}/me`],
  "ServiceRegistry.register": (zk) => [
    new ServiceRegistry(zk, PATH).register("web", { id: "me", address: "localhost:1" }),
    `${PATH}/web/me`,
  ],
};

test.for(Object.entries(PRESENCES))(
  "[RP116] what is there stays over a suspension, and goes with the session: %s",
  async ([, make]) => {
    const { stage, one, two } = await start();
    const [, path] = make(one.zk);
    await stage.pass(500);
    const before = await two.zk.exists(path);
    expect(before?.ephemeralOwner).toBe(one.zk.sessionId);
    one.cut();
    await stage.pass(1_000);
    expect((await two.zk.exists(path))?.czxid).toBe(before?.czxid);
    one.offline();
    await stage.pass(TIMEOUT_MS - 1_000);
    expect((await two.zk.exists(path))?.czxid).toBe(before?.czxid);
    await stage.pass(TIMEOUT_MS);

    expect(await two.zk.exists(path)).toBeUndefined();
  },
);

describe("a change", () => {
  const changes: Readonly<Record<string, (zk: ZooKeeper) => Promise<unknown>>> = {
    SharedValue: (zk) => new SharedValue(zk, PATH).update(() => "1"),
    Counter: (zk) => new Counter(zk, PATH).add(1),
    IdGenerator: (zk) => new IdGenerator(zk, PATH, 1).next(),
  };

  test.for(Object.entries(changes))(
    "[RP117] whose session is lost fails, and is made once at most: %s",
    async ([, change]) => {
      const { stage, one, two } = await start();
      await two.zk.create(PATH, "0");
      one.failNext("setData", "request");
      one.offlineSoon();
      const ended = change(one.zk).then(String, codeOf);
      await stage.pass(TIMEOUT_MS * 2);
      expect(await ended).toBe("SESSIONEXPIRED");
      one.online();
      await stage.pass(10_000);
      expect(one.states.at(-1)).toBe("connected" satisfies ConnectionState);
      expect((await two.zk.get(PATH)).stat.version).toBe(0);
    },
  );
});

test("[RP118] a barrier stands when its maker is gone, and nobody passes by a lost answer", async () => {
  const { stage, one, two } = await start();
  one.failNext("create", "answer");
  await stage.until(new Barrier(one.zk, PATH).set());
  one.offline();
  await stage.pass(TIMEOUT_MS * 2);
  const barrier = new Barrier(two.zk, PATH);
  let isThrough = false;
  two.failNext("exists", "answer");
  const passing = barrier.wait().then(() => (isThrough = true));
  await stage.pass(1_000);
  expect(isThrough).toBe(false);
  two.failNext("delete", "answer");
  await stage.until(barrier.lift());
  await stage.until(passing);
});
