import { describe, expect, it } from "vitest";
import { connect } from "../../src/client/worker.ts";
import { bindKeeper, failureOf, openKeeper } from "./keeper.ts";

describe("the props of a binding", () => {
  it("[WB14] without props a binding writes in every namespace, the default one if it names none", async () => {
    const { namespace } = await openKeeper();
    const keeper = bindKeeper();
    const path = `/${crypto.randomUUID()}`;

    await keeper.create(path);
    await keeper.with({ namespace }).create("/a");

    expect(await keeper.with({ namespace: "default" }).exists(path)).toBeDefined();
    expect(await keeper.with({ namespace }).exists("/a")).toBeDefined();
  });

  it("[WB14] with the role read a binding reads, and neither writes nor has sessions", async () => {
    const { namespace, keeper } = await openKeeper();
    await keeper.create("/a", "1");
    const reader = bindKeeper({ namespaces: [namespace], role: "read" });

    expect((await reader.get("/a")).text).toBe("1");
    expect(await failureOf(reader.set("/a", "2"))).toMatchObject({ codeName: "NOAUTH" });
    expect(await failureOf(reader.session())).toMatchObject({ codeName: "NOAUTH" });
    expect((await keeper.get("/a")).text).toBe("1");
  });

  it("[WB14] the first namespace is the one of calls, sessions and clients that name none", async () => {
    const { namespace, shard } = await openKeeper();
    const keeper = bindKeeper({ namespaces: [namespace, "other"] });

    await keeper.create("/call");
    using session = await keeper.session();
    await session.create("/session");
    await using zk = connect(keeper);
    await zk.create("/client");

    expect((await bindKeeper().with({ namespace }).children("/")).children.toSorted()).toEqual([
      "call",
      "client",
      "session",
      "zookeeper",
    ]);
    expect(await shard.api.status()).toMatchObject({ sessions: 2 });
  });

  it("[WB14] a namespace that the props do not name is refused, and nothing is done there", async () => {
    const { namespace } = await openKeeper();
    const keeper = bindKeeper({ namespaces: ["mine"], name: "checkout" });
    const message = `checkout does not open the namespace ${namespace}`;

    const called = await failureOf(keeper.with({ namespace }).create("/a"));
    const opened = await failureOf(keeper.session({ namespace }));

    expect(called).toMatchObject({ codeName: "NOAUTH", message: expect.stringContaining(message) });
    expect(opened).toMatchObject({ codeName: "NOAUTH", message: expect.stringContaining(message) });
    expect((await bindKeeper().with({ namespace }).children("/")).children).toEqual(["zookeeper"]);
  });

  it("[WB14] ids are identities that ACLs are held against", async () => {
    const { namespace, keeper } = await openKeeper();
    const acl = [{ perms: 31, id: { scheme: "digest", id: "bob:hash" } }];
    await keeper.create("/bobs", "1", { acl });
    const bob = bindKeeper({
      namespaces: [namespace],
      ids: [{ scheme: "digest", id: "bob:hash" }],
    });

    expect(await failureOf(keeper.get("/bobs"))).toMatchObject({ codeName: "NOAUTH" });
    expect((await bob.get("/bobs")).text).toBe("1");
    using session = await bob.session();
    expect((await session.get("/bobs")).text).toBe("1");
  });

  it.each([
    { role: "owner" },
    { namespaces: "mine" },
    { namespaces: [] },
    { namespaces: ["Upper"] },
    { roles: ["read"] },
    { ids: [{ scheme: "digest" }] },
  ])("[WB15] %j lets nobody in, and the error names the field", async (props) => {
    const keeper = bindKeeper(props);
    const [field] = Object.keys(props);

    const error = await failureOf(keeper.get("/"));

    expect(error).toMatchObject({ codeName: "SYSTEMERROR" });
    expect(String(error)).toContain(field === "roles" ? "found something else" : `at ${field}`);
    expect(await failureOf(keeper.session())).toMatchObject({ codeName: "SYSTEMERROR" });
    expect((await keeper.fetch("https://keeper/ws", UPGRADE)).status).toBe(500);
  });

  it("[WB16] a client whose binding does not open the door is closed, and says with which code", async () => {
    const keeper = bindKeeper({ namespaces: ["mine"] });
    const states: string[] = [];
    const zk = connect(keeper, { namespace: "other" });
    zk.onState((state) => states.push(state));

    expect(await failureOf(zk.get("/"))).toMatchObject({ codeName: "NOAUTH", path: "/" });
    expect(zk.state).toBe("closed");
    expect(states).toEqual(["closed"]);
    expect(await failureOf(zk.get("/"))).toMatchObject({ codeName: "SESSIONEXPIRED" });
  });
});

const UPGRADE = { headers: { Upgrade: "websocket", "Sec-WebSocket-Protocol": "zookeeper" } };
