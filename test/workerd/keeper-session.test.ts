import { describe, expect, it } from "vitest";
import type { ConnectionState, WatchEvent } from "../../src/client/index.ts";
import { ZooKeeper } from "../../src/client/zookeeper.ts";
import { RemoteOperationsTarget } from "../../src/binding/remote-operations.ts";
import { RemoteSessionTarget } from "../../src/binding/remote-session.ts";
import { eventually } from "./client.ts";
import { failureOf, openKeeper, reset } from "./keeper.ts";

describe("a session through the binding", () => {
  it("[WB17] has every method of the client but the clock and what takes functions that answer", () => {
    const mine = [RemoteOperationsTarget, RemoteSessionTarget].flatMap((target) =>
      Object.getOwnPropertyNames(target.prototype),
    );
    const [operations, own] = [Object.getPrototypeOf(ZooKeeper.prototype), ZooKeeper.prototype];
    const all = [operations, own].flatMap((one) => Object.getOwnPropertyNames(one));
    expect(all.filter((name) => !mine.includes(name))).toEqual(["watch", "waitFor"]);
  });

  it("[WB17] holds ephemerals, which go at once when it is closed", async () => {
    const { keeper } = await openKeeper();
    const session = await keeper.session({ sessionTimeoutMs: 10_000 });

    const { stat } = await session.create("/a", "", { ephemeral: true });

    expect(stat.ephemeralOwner).toBe(await session.sessionId);
    expect(await session.ephemerals()).toEqual(["/a"]);
    expect(await session.sessionTimeoutMs).toBe(10_000);
    expect(await session.lastZxid).toBe(stat.czxid);
    await session.close();
    expect(await session.state).toBe("closed");
    expect(await keeper.exists("/a")).toBeUndefined();
    session[Symbol.dispose]();
  });

  it("[WB18] is closed when it is disposed of", async () => {
    const { keeper, shard } = await openKeeper();
    {
      using session = await keeper.session();
      await session.create("/a", "", { ephemeral: true });
    }
    await eventually(async () => expect(await keeper.exists("/a")).toBeUndefined());
    expect(await shard.api.status()).toMatchObject({ sessions: 0 });
  });

  it("[WB19] calls a one-shot watcher back once, of data, children and existence", async () => {
    const { keeper } = await openKeeper();
    await keeper.create("/a");
    using session = await keeper.session();
    const events: string[] = [];
    const watch = ({ type, path }: WatchEvent): void => void events.push(`${type} ${path}`);

    await session.get("/a", { watch });
    await session.children("/a", { watch });
    await session.exists("/b", { watch });
    await keeper.set("/a", "1");
    await keeper.set("/a", "2");
    await keeper.create("/a/c");
    await keeper.create("/a/d");
    await keeper.create("/b");

    await eventually(() =>
      expect(events).toEqual(["NodeDataChanged /a", "NodeChildrenChanged /a", "NodeCreated /b"]),
    );
  });

  it("[WB19] calls a watcher back at every change until it is stopped", async () => {
    const { keeper } = await openKeeper();
    await keeper.create("/a");
    using session = await keeper.session();
    const events: WatchEvent[] = [];

    const stop = await session.addWatch("/a", (event) => void events.push(event), {
      recursive: true,
    });
    const { stat } = await keeper.create("/a/b");
    await keeper.set("/a/b", "1");
    await keeper.delete("/a/b");
    await eventually(() => expect(events).toHaveLength(3));
    await stop();
    await keeper.create("/a/c");
    await session.sync("/");

    expect(events.map(({ type, path }) => `${type} ${path}`)).toEqual([
      "NodeCreated /a/b",
      "NodeDataChanged /a/b",
      "NodeDeleted /a/b",
    ]);
    expect(events[0]?.zxid).toBe(stat.czxid);
  });

  it("[WB19] a watcher that throws takes nothing with it", async () => {
    const { keeper } = await openKeeper();
    await keeper.create("/a");
    using session = await keeper.session();
    let calls = 0;
    await session.addWatch("/a", () => {
      calls += 1;
      throw new Error("planned");
    });

    await keeper.set("/a", "1");
    await keeper.set("/a", "2");

    await eventually(() => expect(calls).toBe(2));
    expect((await session.get("/a")).text).toBe("2");
  });

  it("[WB19] removeWatches ends the watches of a path", async () => {
    const { keeper } = await openKeeper();
    await keeper.create("/a");
    using session = await keeper.session();
    const events: WatchEvent[] = [];
    await session.addWatch("/a", (event) => void events.push(event));

    expect(await session.removeWatches("/a", "Persistent")).toEqual(["persistent"]);
    await keeper.set("/a", "1");
    await session.sync("/");

    expect(events).toEqual([]);
    expect(await failureOf(session.removeWatches("/a"))).toMatchObject({ codeName: "NOWATCHER" });
  });

  it("[WB20] outlives a reset of the shard, with ephemerals and watches, and tells of it", async () => {
    const { keeper, shard } = await openKeeper();
    using session = await keeper.session();
    const states: ConnectionState[] = [];
    const events: string[] = [];
    await session.onState((state) => void states.push(state));
    await session.create("/a", "", { ephemeral: true });
    await session.get("/a", { watch: ({ type }) => void events.push(type) });
    const id = await session.sessionId;

    await reset(shard);
    await eventually(() => expect(states.slice(-2)).toEqual(["suspended", "connected"]));

    expect(await session.sessionId).toBe(id);
    expect((await keeper.exists("/a"))?.ephemeralOwner).toBe(id);
    await keeper.set("/a", "1");
    await eventually(() => expect(events).toEqual(["NodeDataChanged"]));
  });

  it("[WB21] commits transactions with ephemerals, and proves who it is", async () => {
    const { keeper } = await openKeeper();
    using session = await keeper.session({
      chroot: "/app",
      auth: [{ scheme: "digest", auth: "a:b" }],
    });
    await keeper.create("/app");
    await session.addAuth("digest", "c:d");

    await session.transaction().create("/a").create("/a/b", "", { mode: "PERSISTENT" }).commit();
    await session.transaction().create("/e", "", { ephemeral: true }).commit();

    expect(await session.ephemerals()).toEqual(["/e"]);
    expect((await keeper.children("/app")).children.toSorted()).toEqual(["a", "e"]);
    expect((await session.whoAmI()).map(({ id }) => id)).toEqual(["a", "c"]);
    expect(await failureOf(session.transaction().delete("/a").commit())).toMatchObject({
      codeName: "NOTEMPTY",
      path: "/a",
      failedAt: 0,
    });
  });

  it.each([{ sessionTimeoutMs: "long" }, { idempotencyKey: "a" }, { chroot: "app" }])(
    "[WB10] is refused with %j",
    async (options) => {
      const { keeper, shard } = await openKeeper();
      const error = await failureOf(keeper.session(options as object));
      expect(String(error)).toMatch(/expected|options/);
      expect(await shard.api.status()).toMatchObject({ sessions: 0 });
    },
  );
});
