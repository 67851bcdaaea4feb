import assert from "node:assert/strict";
import { isKeeperError, type WatchEvent, type ZooKeeper } from "../../../src/client/index.ts";
import { Code } from "../../../src/core/keeper-error.ts";

/** Two clients of one server, below a znode of the case's own. */
export interface Scene {
  readonly zk: ZooKeeper;
  readonly other: ZooKeeper;
}

/** What must hold on any server. */
export type Case = (scene: Scene) => Promise<void>;

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "OK",
    (error: unknown) => (isKeeperError(error) ? error.codeName : String(error)),
  );
}

/** What the client promises of any server, by name; each fails by throwing. */
export const CASES: Readonly<Record<string, Case>> = {
  "create, get, set, delete with versions": async ({ zk }) => {
    const { path, stat } = await zk.create("/a", "one");
    assert.equal(path, "/a");
    assert.equal(stat.version, 0);
    assert.equal((await zk.set("/a", "two", 0)).version, 1);
    assert.equal((await zk.get("/a")).text, "two");
    assert.equal(await codeOf(zk.set("/a", "three", 0)), "BADVERSION");
    assert.equal(await codeOf(zk.create("/a")), "NODEEXISTS");
    assert.equal(await codeOf(zk.delete("/a", 0)), "BADVERSION");
    await zk.delete("/a", 1);
    assert.equal(await zk.exists("/a"), undefined);
    assert.equal(await codeOf(zk.get("/a")), "NONODE");
  },
  "null and empty data differ, bytes come back as they went": async ({ zk }) => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    await zk.create("/null", null);
    await zk.create("/empty", "");
    await zk.create("/bytes", bytes);
    assert.equal((await zk.get("/null")).data, null);
    assert.deepEqual((await zk.get("/empty")).data, new Uint8Array(0));
    assert.deepEqual((await zk.get("/bytes")).data, bytes);
  },
  "every create mode": async ({ zk }) => {
    await zk.create("/c", "", { mode: "CONTAINER" });
    await zk.create("/ttl", "", { ttlMs: 60_000 });
    const paths = await Promise.all([
      zk.create("/s-", "", { sequential: true }),
      zk.create("/s-", "", { sequential: true, ephemeral: true }),
    ]);
    const [first, second] = paths.map(({ path }) => Number(path.slice(-10)));
    assert.equal(second, (first ?? 0) + 1);
    assert.equal(paths[1]?.stat.ephemeralOwner, zk.sessionId);
    assert.deepEqual(await zk.ephemerals(), [paths[1]?.path]);
  },
  "a transaction happens whole or not at all": async ({ zk }) => {
    const done = await zk.transaction().create("/t", "1").set("/t", "2", 0).check("/t", 1).commit();
    assert.deepEqual(
      done.map(({ op, path }) => `${op} ${path}`),
      ["create /t", "set /t", "check /t"],
    );
    const failed = zk.transaction().delete("/t").check("/nowhere").commit();
    await assert.rejects(failed, { code: Code.NONODE, path: "/nowhere", failedAt: 1 });
    assert.equal((await zk.get("/t")).text, "2");
  },
  "many reads at once": async ({ zk }) => {
    await zk.create("/r", "x");
    const [znode, children, missing] = await zk.read([
      { get: "/r" },
      { children: "/" },
      { get: "/nowhere" },
    ]);
    assert.equal(znode !== undefined && "znode" in znode ? znode.znode.text : "", "x");
    assert.deepEqual(children, { path: "/", children: ["r"] });
    assert.equal(missing !== undefined && "error" in missing ? missing.error.code : 0, Code.NONODE);
  },
  "children come in pages": async ({ zk }) => {
    await Promise.all(["c", "a", "d", "b"].map((name) => zk.create(`/${name}`, name)));
    const first = await zk.childrenPage("/", { limit: 3 });
    assert.deepEqual(first.children, [{ name: "a" }, { name: "b" }, { name: "c" }]);
    assert.equal(first.more, true);
    assert.equal(first.stat.numChildren, 4);
    const { children, more } = await zk.childrenPage("/", { after: "c", stat: true, data: true });
    assert.equal(more, false);
    const [last] = children;
    assert.deepEqual(last?.data, new TextEncoder().encode("d"));
    assert.equal(last?.stat?.dataLength, 1);
  },
  "the configuration of a server that stands alone": async ({ zk }) => {
    assert.equal((await zk.getConfig()).text, "");
    assert.equal(await codeOf(zk.reconfig({ leaving: [1] })), "RECONFIGDISABLED");
    assert.equal(await codeOf(zk.reconfig({ members: ["server.1=a:1:2;3"] })), "RECONFIGDISABLED");
  },
  "a request that is too long harms no other one": async ({ zk }) => {
    await zk.create("/l");
    const tooLong = codeOf(zk.set("/l", new Uint8Array(2_000_000)));
    assert.equal((await zk.set("/l", "x")).version, 1);
    assert.equal(await tooLong, "BADARGUMENTS");
    assert.equal(zk.state, "connected");
  },
  "a watch comes before the answer that shows its change": async ({ zk }) => {
    await zk.create("/w");
    const heard: string[] = [];
    await zk.get("/w", { watch: ({ type, path }) => heard.push(`${type} ${path}`) });
    await zk.set("/w", "1").then(() => heard.push("answer"));
    assert.deepEqual(heard, ["NodeDataChanged /w", "answer"]);
  },
  "watches that stay hear what others do": async ({ zk, other }) => {
    const heard: string[] = [];
    const hear = ({ type, path }: WatchEvent): void => void heard.push(`${type} ${path}`);
    const stop = await zk.addWatch("/p", hear, { recursive: true });
    await other.create("/p");
    await other.create("/p/q");
    await other.set("/p/q", "1");
    await other.delete("/p/q");
    await zk.sync();
    assert.deepEqual(heard, [
      "NodeCreated /p",
      "NodeCreated /p/q",
      "NodeDataChanged /p/q",
      "NodeDeleted /p/q",
    ]);
    await stop();
    await other.delete("/p");
    await zk.sync();
    assert.equal(heard.length, 4);
  },
  "identities and ACLs": async ({ zk, other }) => {
    await zk.addAuth("digest", "bob:secret");
    const acl = [{ perms: 31, id: { scheme: "auth", id: "" } }];
    await zk.create("/mine", "x", { acl });
    assert.equal(await codeOf(other.get("/mine")), "NOAUTH");
    assert.equal((await zk.getACL("/mine")).acl[0]?.id.scheme, "digest");
    const open = [{ perms: 31, id: { scheme: "world", id: "anyone" } }];
    assert.equal((await zk.setACL("/mine", open, 0)).aversion, 1);
    assert.equal((await other.get("/mine")).text, "x");
    assert.ok((await zk.whoAmI()).some(({ scheme }) => scheme === "digest"));
  },
  "pipelined operations are answered in order": async ({ zk }) => {
    await zk.create("/n");
    const versions = await Promise.all(
      Array.from({ length: 3_000 }, async () => (await zk.set("/n", "x")).version),
    );
    assert.deepEqual(
      versions,
      Array.from({ length: 3_000 }, (_, index) => index + 1),
    );
  },
  "a session's ephemerals go with it": async ({ zk, other }) => {
    await other.create("/e", "", { ephemeral: true });
    const gone = zk.waitFor("/e", (stat) => stat === undefined);
    await other.close();
    assert.equal(await gone, undefined);
  },
};
