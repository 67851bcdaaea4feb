import { describe, expect, it } from "vitest";
import { digestOf } from "../../../src/core/tree-digest.ts";
import { ask } from "./describe-effect.ts";
import { ServerHarness } from "./server-harness.ts";

describe("the queue of a connection", () => {
  it("[OR1] replies come in the order of the requests, reads and failures included", () => {
    const harness = new ServerHarness({ isImmediate: false });
    const client = harness.open();
    client.send(ask.create("/a", { data: "1" }));
    client.send(ask.get("/a"));
    client.send(ask.create("/a"));
    client.send({ op: "reap", path: "/a" });
    client.send(ask.set("/a", "2"));
    client.send(ask.get("/a"));
    expect(client.take()).toEqual([]);

    harness.commit();

    expect(client.take()).toEqual([
      "1 create /a @1",
      "2 getData 1 @1",
      "3 NODEEXISTS @2",
      "4 UNIMPLEMENTED @2",
      "5 setData /a @3",
      "6 getData 2 @3",
    ]);
  });

  it("[OR3] a read waits for the uncommitted writes of its own connection only", () => {
    const harness = new ServerHarness({ isImmediate: false });
    const [writer, reader] = [harness.open(), harness.open()];
    writer.send(ask.create("/a", { data: "1" }));
    writer.send(ask.get("/a"));
    reader.send(ask.get("/a"));
    expect(reader.take()).toEqual(["1 NONODE @0"]);

    harness.commit();

    expect(writer.take()).toEqual(["1 create /a @1", "2 getData 1 @1"]);
    reader.send(ask.get("/a"));
    expect(reader.take()).toEqual(["2 getData 1 @1"]);
  });

  it("[OR4] a read behind a write sees that txn and none after it, though committed together", () => {
    const harness = new ServerHarness({ isImmediate: false });
    const [client, other] = [harness.open(), harness.open()];
    client.send(ask.create("/a", { data: "1" }));
    client.send(ask.get("/a"));
    other.send(ask.set("/a", "2"));
    client.send(ask.get("/a"));
    client.send(ask.set("/a", "3"));
    client.send(ask.get("/a"));

    harness.commit();

    expect(client.take()).toEqual([
      "1 create /a @1",
      "2 getData 1 @1",
      "3 getData 1 @1",
      "4 setData /a @3",
      "5 getData 3 @3",
    ]);
  });

  it("[OR14] what a lost connection had prepared is done, and nobody is told", () => {
    const harness = new ServerHarness({ isImmediate: false });
    const client = harness.open();
    client.send(ask.create("/a"));
    client.send(ask.get("/a"));
    client.drop();

    harness.commit();

    expect(client.take()).toEqual([]);
    expect(harness.store.tables.get("/a")).toBeDefined();
  });

  it("[OR12] a client with too many unanswered requests is closed by the limit's name", () => {
    const limits = { OUTSTANDING_REQUESTS_MAX: 3 };
    const harness = new ServerHarness({ isImmediate: false, limits });
    const client = harness.open();
    for (const name of ["a", "b", "c"]) client.send(ask.create(`/${name}`));
    expect(client.take()).toEqual([]);

    client.send(ask.create("/d"));

    expect(client.take()).toEqual(["close THROTTLEDOP"]);
    const close = client.outputs.at(-1);
    expect(close).toMatchObject({ reason: expect.stringContaining("OUTSTANDING_REQUESTS_MAX") });
    harness.commit();
    expect(harness.store.tables.get("/c")).toBeDefined();
    expect(harness.store.tables.get("/d")).toBeUndefined();
  });

  it("[OR6] auth answers at its place, and its ids count for what comes after it", () => {
    const harness = new ServerHarness({ isImmediate: false });
    const client = harness.open();
    client.send(ask.create("/a"));
    client.send(ask.whoAmI);
    client.send(ask.auth("digest", "bob:secret"));
    client.send(ask.whoAmI);
    expect(client.take()).toEqual([]);

    harness.commit();

    expect(client.take()).toEqual([
      "1 create /a @1",
      "2 whoAmI ip:192.0.2.1 @1",
      "3 auth @1",
      "4 whoAmI ip:192.0.2.1,digest:bob @1",
    ]);
  });

  it("[OR6] a refused auth closes behind its answer and everything before it", () => {
    const harness = new ServerHarness({ isImmediate: false });
    const client = harness.open();
    client.send(ask.create("/a"));
    client.send(ask.auth("kerberos", "bob"));
    client.send(ask.create("/b"));

    harness.commit();

    expect(client.take()).toEqual(["1 create /a @1", "2 AUTHFAILED @1", "close AUTHFAILED"]);
    expect(harness.store.tables.get("/b")).toBeUndefined();
  });
});

describe("events and replies", () => {
  it("[OR2] an event comes before the reply of the write that caused it", () => {
    const harness = new ServerHarness();
    const client = harness.open();
    client.send(ask.exists("/a", true));
    client.send(ask.create("/a"));
    expect(client.take()).toEqual(["1 NONODE @0", "NodeCreated /a @1", "2 create /a @1"]);
  });

  it("[OR2] an event comes before a read that shows the change", () => {
    const harness = new ServerHarness({ isImmediate: false });
    const [watcher, writer] = [harness.open(), harness.open()];
    watcher.send(ask.addWatch("/", 1));
    writer.send(ask.create("/a"));
    writer.send(ask.create("/b"));
    watcher.send(ask.get("/a"), { minZxid: 1 });

    harness.commit();

    expect(watcher.take()).toEqual([
      "1 addWatch @0",
      "NodeCreated /a @1",
      "2 getData  @1",
      "NodeCreated /b @2",
    ]);
  });

  it("[OR2] a watcher without READ hears nothing", () => {
    const harness = new ServerHarness();
    const [watcher, owner] = [harness.open(), harness.open()];
    owner.send(ask.auth("digest", "bob:secret"));
    watcher.send(ask.addWatch("/", 1));
    watcher.take();
    owner.send(ask.create("/a", { acl: [{ perms: 31, id: { scheme: "auth", id: "" } }] }));
    expect(watcher.take()).toEqual([]);
  });

  it("[OR5] setWatches sends what was missed before its reply", () => {
    const harness = new ServerHarness();
    const client = harness.open();
    client.send(ask.create("/a"));
    client.send({
      op: "setWatches",
      relativeZxid: 0,
      dataWatches: ["/a", "/gone"],
      existWatches: ["/later"],
      childWatches: ["/"],
      persistentWatches: [],
      persistentRecursiveWatches: [],
    });
    client.send(ask.create("/later"));
    expect(client.take()).toEqual([
      "1 create /a @1",
      "NodeDataChanged /a @-1",
      "NodeDeleted /gone @-1",
      "NodeChildrenChanged / @-1",
      "2 setWatches @1",
      "NodeCreated /later @2",
      "3 create /later @2",
    ]);
  });

  it("[OR5] addWatch with since sends what was missed before its reply, then goes on live", () => {
    const harness = new ServerHarness();
    const client = harness.open();
    client.send(ask.create("/a"));
    client.send(ask.create("/a/b"));
    client.send(ask.create("/c"));
    client.take();
    const late = harness.open();

    late.send(ask.addWatch("/a", 1, 1));
    client.send(ask.set("/a/b", "2"));

    expect(late.take()).toEqual([
      "NodeCreated /a/b @2",
      "1 addWatch @3",
      "NodeDataChanged /a/b @4",
    ]);
  });

  it("[OR5] addWatch catches up with applied txns only, not with those that are merely logged", () => {
    const harness = new ServerHarness({ isImmediate: false });
    const [writer, watcher] = [harness.open(), harness.open()];
    writer.send(ask.create("/a"));
    harness.commit();
    writer.send(ask.create("/b"));

    watcher.send(ask.addWatch("/", 1, 0));
    expect(watcher.take()).toEqual(["NodeCreated /a @1", "1 addWatch @1"]);

    harness.commit();
    expect(watcher.take()).toEqual(["NodeCreated /b @2"]);
  });

  it("[OR17] addWatch since a zxid that the log has trimmed is refused with both zxids", () => {
    const harness = new ServerHarness();
    const client = harness.open();
    for (const name of ["a", "b", "c"]) client.send(ask.create(`/${name}`));
    harness.nowMs += 48 * 3_600_000;
    harness.server.checkpoint(harness.nowMs);
    expect(harness.store.log.trimmedZxid).toBeGreaterThan(0);
    client.take();

    client.send(ask.addWatch("/", 1, 0));

    expect(client.take()).toEqual(["4 BADARGUMENTS @3"]);
    expect(client.outputs.at(-1)).toMatchObject({ outcome: { expected: "0x3", seen: "0x0" } });
  });

  it("[OR16] a read that fails leaves no watch, but exists waits for a znode that is missing", () => {
    const harness = new ServerHarness();
    const client = harness.open();
    client.send(ask.get("/a", true));
    client.send(ask.children("/a", true));
    client.send(ask.create("/a"));
    expect(client.take()).toEqual(["1 NONODE @0", "2 NONODE @0", "3 create /a @1"]);

    client.send(ask.exists("/b", true));
    client.send(ask.create("/b"));
    expect(client.take()).toEqual(["4 NONODE @1", "NodeCreated /b @2", "5 create /b @2"]);
  });

  it("[OR16] a read whose watch is one too many fails by the limit's name", () => {
    const harness = new ServerHarness({ limits: { CONNECTION_WATCHES_MAX: 1 } });
    const client = harness.open();
    client.send(ask.exists("/a", true));
    client.send(ask.exists("/b", true));
    expect(client.take()).toEqual(["1 NONODE @0", "2 THROTTLEDOP @0"]);
  });

  it("[OR16] removeWatches and checkWatches find what is there, and NOWATCHER otherwise", () => {
    const harness = new ServerHarness();
    const client = harness.open();
    client.send(ask.exists("/a", true));
    client.send({ op: "checkWatches", path: "/a", type: 2 });
    client.send({ op: "removeWatches", path: "/a", type: 3 });
    client.send({ op: "checkWatches", path: "/a", type: 2 });
    client.send({ op: "removeWatches", path: "/a", type: 9 });
    client.send({ op: "addWatch", path: "/a", mode: 2 });
    expect(client.take()).toEqual([
      "1 NONODE @0",
      "2 checkWatches @0",
      "3 removeWatches @0",
      "4 NOWATCHER @0",
      "5 MARSHALLINGERROR @0",
      "6 MARSHALLINGERROR @0",
    ]);
  });
});

describe("a watch on the empty path", () => {
  it("[WA18] hears nothing, and can be removed", () => {
    const harness = new ServerHarness();
    const client = harness.open();
    client.send(ask.children("", true));
    client.send(ask.get("", true));
    client.send({ op: "addWatch", path: "", mode: 1 });
    client.send(ask.create("/a"));
    client.send(ask.set("/", "x"));
    client.send({ op: "removeWatches", path: "", type: 3 });
    client.send({ op: "checkWatches", path: "", type: 3 });
    expect(client.take()).toEqual([
      "1 getChildren zookeeper @0",
      "2 getData  @0",
      "3 addWatch @0",
      "4 create /a @1",
      "5 setData / @2",
      "6 removeWatches @2",
      "7 NOWATCHER @2",
    ]);
  });
});

describe("persisted and committed", () => {
  it("[OR10] a txn is applied when it is both persisted and committed, whichever comes first", () => {
    for (const [first, second] of [
      ["persisted", "committed"],
      ["committed", "persisted"],
    ] as const) {
      const harness = new ServerHarness({ isImmediate: false });
      const client = harness.open();
      client.send(ask.create("/a"));
      harness.run({ type: first, zxid: 1 });
      expect(client.take()).toEqual([]);

      harness.run({ type: second, zxid: 1 });

      expect(client.take()).toEqual(["1 create /a @1"]);
    }
  });

  it("[OR10] an older commit than the one already heard of takes nothing back", () => {
    const harness = new ServerHarness({ isImmediate: false });
    const client = harness.open();
    client.send(ask.create("/a"));
    client.send(ask.create("/b"));
    harness.run({ type: "committed", zxid: 2 });
    harness.run({ type: "committed", zxid: 1 });

    harness.run({ type: "persisted", zxid: 2 });

    expect(client.take()).toEqual(["1 create /a @1", "2 create /b @2"]);
  });

  it("[OR11] the txns of one turn are one batch", () => {
    const harness = new ServerHarness();
    const [one, other] = [harness.open(), harness.open()];
    one.post(ask.create("/a"));
    other.post(ask.create("/b"));
    one.post(ask.create("/c"));
    harness.flush();
    expect(harness.appended).toEqual([3]);
    expect(harness.server.wantsFlush).toBe(false);
  });

  it("[OR13] a failed write takes a zxid and is logged, its details reach the asker alone", () => {
    const harness = new ServerHarness();
    const client = harness.open();
    client.send(ask.set("/missing", "1"));
    client.send(ask.create("/a"));

    expect(client.take()).toEqual(["1 NONODE @1", "2 create /a @2"]);
    expect(client.outputs[0]).toMatchObject({ outcome: { path: "/missing" } });
    expect(harness.appended).toEqual([1, 2]);
  });

  it("[OR13] a failed multi names its failing part", () => {
    const harness = new ServerHarness();
    const client = harness.open();
    client.send({ op: "multi", ops: [ask.create("/a"), ask.delete("/missing")] });
    expect(client.outputs[0]).toMatchObject({ outcome: { failedAt: 1 } });
    expect(harness.store.tables.get("/a")).toBeUndefined();
  });

  it("[OR15] time never goes back, not even behind what was logged before a restart", () => {
    const harness = new ServerHarness();
    const client = harness.open();
    harness.nowMs += 5_000;
    client.send(ask.create("/a"));
    harness.nowMs -= 60_000;
    client.send(ask.create("/b"));
    harness.restart({ sockets: false });
    harness.open().send(ask.create("/c"));

    const ctimes = ["/a", "/b", "/c"].map((path) => harness.store.tables.get(path)?.ctime);
    expect(new Set(ctimes).size).toBe(1);
  });

  it("[OR15] nor behind what a checkpoint covers", () => {
    const harness = new ServerHarness();
    harness.nowMs += 5_000;
    harness.open().send(ask.create("/a"));
    harness.server.checkpoint(harness.nowMs);
    harness.nowMs -= 60_000;
    harness.restart({ sockets: false });
    harness.open().send(ask.create("/b"));

    const [a, b] = ["/a", "/b"].map((path) => harness.store.tables.get(path)?.ctime);
    expect(b).toBe(a);
  });

  it("[OR18] a restart finds the same tree, from the log alone or behind a checkpoint", () => {
    const harness = new ServerHarness();
    const client = harness.openSession();
    client.send(ask.create("/a", { data: "1" }));
    client.send(ask.ephemeral("/a/e"));
    harness.server.checkpoint(harness.nowMs);
    client.send(ask.set("/a", "2"));
    const before = digestOf(harness.store.tables);

    harness.restart({ sockets: false });

    expect(digestOf(harness.store.tables)).toBe(before);
    const next = harness.open();
    next.send(ask.create("/b"));
    expect(next.take()).toEqual(["1 create /b @5"]);
  });

  it("[OR18] a checkpoint is due a second after the last write, at once when much is dirty", () => {
    const harness = new ServerHarness();
    const client = harness.open();
    expect(harness.server.checkpointDueMs()).toBeUndefined();
    client.send(ask.create("/a"));
    expect(harness.server.checkpointDueMs()).toBe(harness.nowMs + 1_000);
    for (let count = 0; count < 3_999; count += 1) client.send(ask.create(`/a/${count}`));
    expect(harness.server.checkpointDueMs()).toBe(0);

    harness.server.checkpoint(harness.nowMs);

    expect(harness.server.checkpointDueMs()).toBeUndefined();
    expect(harness.store.checkpointZxid).toBe(4_000);
  });

  it("[OR18] a checkpoint is due when a restart would replay much, however little is dirty", () => {
    const harness = new ServerHarness();
    const client = harness.open();
    const data = "x".repeat(1_000_000);
    client.send(ask.create("/a", { data }));
    for (let count = 0; count < 3; count += 1) client.send(ask.set("/a", data));
    expect(harness.server.checkpointDueMs()).toBe(harness.nowMs + 1_000);

    client.send(ask.set("/a", data));

    expect(harness.server.checkpointDueMs()).toBe(0);
  });

  it("[OR18] a checkpoint never holds what is not committed", () => {
    const harness = new ServerHarness({ isImmediate: false });
    const client = harness.open();
    client.send(ask.create("/a"));
    harness.commit();
    client.send(ask.create("/b"));
    harness.server.checkpoint(harness.nowMs);
    expect(harness.store.checkpointZxid).toBe(1);
  });
});

describe("a deposed leader", () => {
  it("[OR9] the requests of a discarded txn fail with CONNECTIONLOSS and their connection closes", () => {
    const harness = new ServerHarness({ isImmediate: false });
    const [client, other] = [harness.open(), harness.open()];
    client.send(ask.create("/a"));
    client.send(ask.create("/b"));
    client.send(ask.get("/b"));
    other.send(ask.get("/b"));
    harness.commit(1);
    client.take();

    harness.discard(1);

    expect(client.take()).toEqual([
      "2 CONNECTIONLOSS @1",
      "3 CONNECTIONLOSS @1",
      "close CONNECTIONLOSS",
    ]);
    expect(other.take()).toEqual(["1 NONODE @0"]);
  });

  it("[OR9] prep forgets the tail: the next write is judged by the tree, with the next zxid", () => {
    const harness = new ServerHarness({ isImmediate: false });
    harness.open().send(ask.create("/a"));
    harness.discard(0);
    const client = harness.open();
    client.send(ask.create("/a"));
    harness.commit();
    expect(client.take()).toEqual(["1 create /a @1"]);
  });

  it("[OR9] a session made in the tail never was, one closed in it lives on", () => {
    const harness = new ServerHarness({ isImmediate: false });
    const [old, fresh] = [harness.open(), harness.open()];
    old.connect();
    harness.commit();
    const token = old.session;
    old.send(ask.close);
    fresh.connect();

    harness.discard(1);

    expect(old.take()).toEqual(["1 connected @1", "2 CONNECTIONLOSS @1", "close CONNECTIONLOSS"]);
    expect(fresh.take()).toEqual(["1 CONNECTIONLOSS @1", "close CONNECTIONLOSS"]);
    const again = harness.open();
    again.connect({ resume: token });
    expect(again.take()).toEqual(["1 connected @1"]);
    expect(harness.server.status().sessions).toBe(1);
  });

  it("[OR9] txns that were prepared and not flushed are discarded too", () => {
    const harness = new ServerHarness({ isImmediate: false });
    const client = harness.open();
    client.post(ask.create("/a"));
    harness.step({ type: "discarded", zxid: 0 });
    harness.flush();
    expect(client.take()).toEqual(["1 CONNECTIONLOSS @0", "close CONNECTIONLOSS"]);
    expect(harness.appended).toEqual([]);
  });
});

describe("strict reads and Min-Zxid", () => {
  it("[OR7] strict reads of a turn share one confirm, which is ahead of their replies", () => {
    const harness = new ServerHarness();
    const [one, other] = [harness.open(), harness.open()];
    one.post(ask.get("/zookeeper"), { isStrict: true });
    other.post(ask.get("/zookeeper"), { isStrict: true });
    one.post(ask.get("/zookeeper"));
    harness.flush();
    expect(harness.effects.map(({ type }) => type)).toEqual(["confirm", "reply", "reply", "reply"]);

    one.send(ask.get("/zookeeper"), { isStrict: true });
    expect(harness.effects.map(({ type }) => type).slice(4)).toEqual(["confirm", "reply"]);
  });

  it("[OR8] a read with minZxid waits until that is applied, and is answered before any later txn", () => {
    const harness = new ServerHarness({ isImmediate: false });
    const [writer, reader] = [harness.open(), harness.open()];
    writer.send(ask.create("/a", { data: "1" }));
    writer.send(ask.set("/a", "2"));
    reader.send(ask.get("/a"), { minZxid: 1 });
    reader.send(ask.set("/a", "3"));
    reader.send(ask.get("/a"));
    expect(reader.take()).toEqual([]);

    harness.commit(1);
    expect(reader.take()).toEqual(["1 getData 1 @1"]);

    harness.commit();
    expect(reader.take()).toEqual(["2 setData /a @3", "3 getData 3 @3"]);
  });

  it("[OR8] a zxid that was discarded is not taken for the one that comes again", () => {
    const harness = new ServerHarness({ isImmediate: false });
    const [writer, reader] = [harness.open(), harness.open()];
    reader.send(ask.create("/a"));
    writer.send(ask.create("/b"));
    reader.send(ask.get("/a"), { minZxid: 2 });
    harness.discard(1);
    reader.send(ask.create("/c"));
    harness.open().send(ask.create("/d"));

    harness.commit();

    expect(reader.take()).toEqual(["1 create /a @1", "2 OPERATIONTIMEOUT @1", "3 create /c @2"]);
  });

  it("[OR20] sync waits for everything prepared before it, also by others", () => {
    const harness = new ServerHarness({ isImmediate: false });
    const [writer, reader] = [harness.open(), harness.open()];
    writer.send(ask.create("/a"));
    writer.send(ask.create("/b"));
    reader.send(ask.sync);
    reader.send(ask.exists("/b"));
    writer.send(ask.create("/c"));

    harness.commit(1);
    expect(reader.take()).toEqual([]);
    harness.commit();

    expect(reader.take()).toEqual(["1 sync / @2", "2 exists /b @2"]);
  });

  it("[OR8] a minZxid ahead of everything prepared fails with both zxids", () => {
    const harness = new ServerHarness();
    const client = harness.open();
    client.send(ask.get("/"), { minZxid: 255 });
    client.send(ask.create("/a"), { minZxid: 255 });
    expect(client.take()).toEqual(["1 OPERATIONTIMEOUT @0", "2 OPERATIONTIMEOUT @0"]);
    expect(client.outputs[0]).toMatchObject({ outcome: { expected: "0xff", seen: "0x0" } });
    expect(harness.store.tables.get("/a")).toBeUndefined();
  });

  it("[OR8] a read that waits for a zxid that is then discarded fails", () => {
    const harness = new ServerHarness({ isImmediate: false });
    const [writer, reader] = [harness.open(), harness.open()];
    writer.send(ask.create("/a"));
    reader.send(ask.get("/a"), { minZxid: 1 });
    harness.discard(0);
    expect(reader.take()).toEqual(["1 OPERATIONTIMEOUT @0"]);
  });
});
