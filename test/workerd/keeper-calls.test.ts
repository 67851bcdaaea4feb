import { describe, expect, it } from "vitest";
import { Code, isKeeperError } from "../../src/client/index.ts";
import { Operations } from "../../src/client/operations.ts";
import type { ZnodeValue } from "../../src/client/worker.ts";
import { RemoteOperationsTarget } from "../../src/binding/remote-operations.ts";
import { Keeper } from "../../src/binding/keeper.ts";
import { bindKeeper, failureOf, openKeeper, reset } from "./keeper.ts";
import { observe } from "./worker.ts";

const BOB = { scheme: "digest", auth: "bob:secret" };
const BOBS_ONLY = [{ perms: 31, id: { scheme: "auth", id: "" } }];

/** A binding to somebody whose compiler says nothing. */
type Untyped = Readonly<Record<string, (...args: readonly unknown[]) => Promise<unknown>>>;

describe("calls without a session", () => {
  it("[WB1] create, get, exists, set and delete answer as the client's own", async () => {
    const { keeper } = await openKeeper();

    expect(await keeper.create("/a", "hello", { sequential: true })).toMatchObject({
      path: "/a0000000000",
      stat: { version: 0, dataLength: 5, ephemeralOwner: 0n },
    });
    expect(await keeper.get("/a0000000000")).toMatchObject({ text: "hello", stat: { version: 0 } });
    expect(await keeper.set("/a0000000000", new Uint8Array([1, 255]), 0)).toMatchObject({
      version: 1,
    });
    expect((await keeper.get("/a0000000000")).data).toEqual(new Uint8Array([1, 255]));
    expect(await keeper.exists("/a0000000000")).toMatchObject({ version: 1 });
    await keeper.delete("/a0000000000", 1);
    expect(await keeper.exists("/a0000000000")).toBeUndefined();
  });

  it("[WB1] children, ACLs, counts, sync and configuration answer as the client's own", async () => {
    const { keeper } = await openKeeper();
    await keeper.create("/a", null);
    await keeper.create("/a/b");

    expect(await keeper.children("/a")).toMatchObject({
      children: ["b"],
      stat: { numChildren: 1 },
    });
    expect((await keeper.get("/a")).data).toBeNull();
    const acl = [{ perms: 3, id: { scheme: "world", id: "anyone" } }];
    expect(await keeper.setACL("/a/b", acl, 0)).toMatchObject({ aversion: 1 });
    expect(await keeper.getACL("/a/b")).toMatchObject({ acl, stat: { aversion: 1 } });
    expect(await keeper.countDescendants("/a")).toBe(1);
    expect(await keeper.sync("/a")).toBeUndefined();
    expect(await keeper.whoAmI()).toEqual([]);
    expect((await keeper.getConfig()).text).toBe("");
    expect(await failureOf(keeper.reconfig({ leaving: [1] }))).toMatchObject({
      codeName: "RECONFIGDISABLED",
    });
  });

  it("[WB1] read answers many at one zxid, what failed beside what did not", async () => {
    const { keeper } = await openKeeper();
    await keeper.create("/a", "1");

    const [znode, children, missing] = await keeper.read([
      { get: "/a" },
      { children: "/a" },
      { get: "/none" },
    ]);

    expect(znode).toMatchObject({ path: "/a", znode: { text: "1" } });
    expect(children).toEqual({ path: "/a", children: [] });
    expect(missing).toMatchObject({ path: "/none", error: { name: "KeeperError", code: -101 } });
  });

  it("[WB2] every operation of the client is a method of both, by its name", () => {
    const isMethod = (name: string): boolean => name !== "constructor";
    const offered = Object.getOwnPropertyNames(Operations.prototype).filter(isMethod).toSorted();
    const methods = Object.getOwnPropertyNames(RemoteOperationsTarget.prototype);
    expect(methods.filter(isMethod).toSorted()).toEqual(offered);
    expect(Object.getOwnPropertyNames(Keeper.prototype).filter(isMethod).toSorted()).toEqual(
      [...offered, "fetch", "session", "with"].toSorted(),
    );
  });

  it("[WB3] a transaction is put together without waiting, and done all at once", async () => {
    const { keeper } = await openKeeper();
    await keeper.create("/a", "1");

    const results = await keeper
      .transaction()
      .check("/a", 0)
      .set("/a", "2")
      .create("/b")
      .delete("/b")
      .commit();

    expect(results.map(({ op, path }) => [op, path])).toEqual([
      ["check", "/a"],
      ["set", "/a"],
      ["create", "/b"],
      ["delete", "/b"],
    ]);
    expect((await keeper.get("/a")).text).toBe("2");
  });

  it("[WB3] of a transaction that fails nothing is done, and its error says which part failed", async () => {
    const { keeper } = await openKeeper();

    const failed = keeper.transaction().create("/a").delete("/none").create("/b").commit();

    expect(await failureOf(failed)).toMatchObject({
      codeName: "NONODE",
      path: "/none",
      failedAt: 1,
    });
    expect(await keeper.exists("/a")).toBeUndefined();
  });

  it("[WB3] what is wrong with a part of a transaction is told by commit", async () => {
    const { keeper } = await openKeeper();

    const both = { ephemeral: true, ttlMs: 1_000 };
    const failed = keeper.transaction().create("/a").create("/b", "", both).commit();

    expect(String(await failureOf(failed))).toContain("expected a TTL or an ephemeral, saw both");
    expect(await keeper.exists("/a")).toBeUndefined();
  });

  it("[WB4] childrenPage answers names in order, with data and Stats where they are asked for", async () => {
    const { keeper } = await openKeeper();
    for (const name of ["c", "a", "b"]) await keeper.create(`/${name}`, name);

    const first = await keeper.childrenPage("/", { limit: 2, data: true });
    const rest = await keeper.childrenPage("/", { after: "b", stat: true });

    const data = (text: string): Uint8Array => new TextEncoder().encode(text);
    expect(first).toMatchObject({ more: true, stat: { numChildren: 4 } });
    expect(first.children).toEqual([
      { name: "a", data: data("a") },
      { name: "b", data: data("b") },
    ]);
    expect(rest.more).toBe(false);
    expect(rest.children.map(({ name, stat }) => [name, stat?.ephemeralOwner])).toEqual([
      ["c", 0n],
      ["zookeeper", 0n],
    ]);
  });

  it.each([{ limit: 0 }, { limit: 10_001 }, { limit: 1.5 }, { after: 7 }, { behind: "a" }])(
    "[WB4] childrenPage refuses %j",
    async (ask) => {
      const { keeper } = await openKeeper();
      const page = keeper.childrenPage("/", ask as { limit: number });
      expect(await failureOf(page)).toMatchObject({ codeName: "BADARGUMENTS", path: "/" });
    },
  );

  it("[WB5] a failure arrives as a KeeperError, by name, code and path", async () => {
    const { keeper } = await openKeeper();
    await keeper.create("/a");

    const error = await failureOf(keeper.set("/a", "", 7));

    expect(isKeeperError(error)).toBe(true);
    expect(isKeeperError(error, Code.BADVERSION)).toBe(true);
    expect(isKeeperError(error, Code.NONODE)).toBe(false);
    expect(error).toMatchObject({ name: "KeeperError", code: -103, path: "/a" });
    expect(String(error)).toContain("BADVERSION for /a");
  });

  it("[WB6] what needs a session is refused without one, and nothing is done", async () => {
    const { keeper, shard } = await openKeeper();
    const before = (await shard.api.status()).zxid;

    const ephemeral = await failureOf(keeper.create("/a", "", { ephemeral: true }));
    const watch = { watch: () => undefined } as unknown as never;
    const watched = await failureOf(
      (keeper.get as (...args: string[]) => Promise<unknown>)("/", watch),
    );

    expect(ephemeral).toMatchObject({ codeName: "UNKNOWNSESSION", path: "/a" });
    expect(watched).toMatchObject({ codeName: "BADARGUMENTS", path: "/" });
    expect((await shard.api.status()).zxid).toBe(before);
  });

  it("[WB6] calls make no session", async () => {
    const { keeper, shard } = await openKeeper();
    await keeper.create("/a");
    expect(await shard.api.status()).toMatchObject({ sessions: 0 });
  });

  it.each([
    ["a path", (keeper: Untyped) => keeper["create"]?.(5)],
    ["text, a Uint8Array or null", (keeper: Untyped) => keeper["create"]?.("/a", 5)],
    ["a create mode", (keeper: Untyped) => keeper["create"]?.("/a", "", { mode: "FOREVER" })],
    ["a list of {perms", (keeper: Untyped) => keeper["create"]?.("/a", "", { acl: [{}] })],
    ["a version", (keeper: Untyped) => keeper["delete"]?.("/a", 1.5)],
    ["a path", (keeper: Untyped) => keeper["read"]?.([{ get: null }])],
  ])(
    "[WB7] a caller without types is told that %s was expected, the shard nothing",
    async (...[expected, call]) => {
      const { keeper, shard } = await openKeeper();
      const before = (await shard.api.status()).zxid;

      const error = await failureOf(call(keeper as unknown as Untyped) ?? Promise.resolve());

      expect(String(error)).toContain(`expected ${expected}`);
      expect((await shard.api.status()).zxid).toBe(before);
      expect(observe(shard.name).starts).toBe(1);
    },
  );

  it("[WB8] with: another namespace, or a subtree taken for the whole tree", async () => {
    const one = await openKeeper();
    const two = await openKeeper();
    const keeper = bindKeeper();
    await one.keeper.create("/app");

    await keeper.with({ namespace: one.namespace, chroot: "/app" }).create("/a", "1");
    await keeper.with({ namespace: two.namespace }).create("/a", "2");

    expect((await one.keeper.get("/app/a")).text).toBe("1");
    expect((await two.keeper.get("/a")).text).toBe("2");
    const inApp = one.keeper.with({ chroot: "/app" });
    const { path } = await inApp.create("/b");
    expect(path).toBe("/b");
    expect(await failureOf(inApp.create("/b"))).toMatchObject({ path: "/b" });
  });

  it("[WB9] with: identities, that ACLs are held against", async () => {
    const { keeper } = await openKeeper();
    const bob = keeper.with({ auth: [BOB] });
    await bob.create("/bobs", "", { acl: BOBS_ONLY });

    expect(await failureOf(keeper.get("/bobs"))).toMatchObject({ codeName: "NOAUTH" });
    expect((await bob.get("/bobs")).text).toBe("");
    expect(await bob.whoAmI()).toMatchObject([{ scheme: "digest", id: "bob" }]);
  });

  it("[WB10] with an idempotency key a write that comes again gets the first answer", async () => {
    const { keeper } = await openKeeper();
    const once = keeper.with({ idempotencyKey: "order-17" });

    const first = await once.create("/order-", "", { sequential: true });
    const again = await once.create("/order-", "", { sequential: true });

    expect(again).toEqual(first);
    expect((await keeper.children("/")).children).toEqual(["order-0000000000", "zookeeper"]);
  });

  it("[WB10] with consistency and minZxid a read says what it must see", async () => {
    const { keeper } = await openKeeper();
    const { stat } = await keeper.create("/a", "1");
    const strict = keeper.with({ consistency: "strict", minZxid: stat.czxid });
    expect((await strict.get("/a")).text).toBe("1");
  });

  it.each([
    { consistency: "sometimes" },
    { minZxid: -1 },
    { idempotencyKey: "ключ" },
    { namespace: "Upper" },
    { auth: "bob:secret" },
    { sessionTimeoutMs: 4_000 },
  ])("[WB10] with refuses %j", async (options) => {
    const { keeper } = await openKeeper();
    const calls = keeper.with(options as object);
    expect(await failureOf(calls.get("/"))).toMatchObject({ name: "KeeperError" });
  });

  it("[WB11] what one object asks is carried out in the order sent", async () => {
    const { keeper } = await openKeeper();
    const calls = await (keeper.with({}) as unknown as Promise<typeof keeper>);
    await calls.create("/a");

    const stats = await Promise.all(
      Array.from({ length: 20 }, (_, index) => calls.set("/a", `${index}`)),
    );

    expect(stats.map(({ version }) => version)).toEqual(stats.map((_, index) => index + 1));
    expect((await calls.get("/a")).text).toBe("19");
  });

  it("[WB12] calls go on behind a reset of the shard", async () => {
    const { keeper, shard } = await openKeeper();
    const calls = await (keeper.with({}) as unknown as Promise<typeof keeper>);
    await calls.create("/a", "1");
    await reset(shard);

    // The first one may be lost with the object: then it says so.
    const first = await calls.get("/a").catch((error: unknown) => error);
    const seen = isKeeperError(first) ? first.codeName : (first as ZnodeValue).text;
    expect(["CONNECTIONLOSS", "1"]).toContain(seen);
    expect((await calls.get("/a")).text).toBe("1");
    expect((await keeper.get("/a")).text).toBe("1");
  });

  it("[WB13] HTTP is not what it is for: fetch answers an upgrade and nothing else", async () => {
    const { keeper } = await openKeeper();
    for (const path of ["/znodes/a", "/ws"]) {
      const response = await keeper.fetch(`https://keeper${path}`);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ code: "BADARGUMENTS" });
    }
  });
});
