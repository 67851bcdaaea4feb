import { describe, expect, it } from "vitest";
import { CreateMode } from "../../../src/core/create-mode.ts";
import { JSON_TIMEOUT_BOUNDS } from "../../../src/core/session.ts";
import { ask } from "./describe-effect.ts";
import { ServerHarness, START_MS } from "./server-harness.ts";

describe("connect", () => {
  it("[SE1] a new session goes through the log, and is answered when it is applied", () => {
    const harness = new ServerHarness({ isImmediate: false });
    const client = harness.open();
    client.connect();
    expect(client.take()).toEqual([]);
    harness.commit();
    expect(client.take()).toEqual(["1 connected @1"]);
    expect(client.session.password).toHaveLength(16);
    expect(harness.store.tables.getSession(client.session.id)).toEqual(client.session);
  });

  it("[SE1] requests behind a connect are the session's, and answered behind it", () => {
    const harness = new ServerHarness({ isImmediate: false });
    const client = harness.open();
    client.connect();
    client.send(ask.ephemeral("/e"));
    client.send({ op: "getEphemerals", prefixPath: "/" });
    harness.commit();
    expect(client.take()).toEqual(["1 connected @1", "2 create /e @2", "3 getEphemerals /e @2"]);
  });

  it("[SE1] an id that is 0 or taken is drawn again", () => {
    const [taken, password] = [Uint8Array.of(0, 0, 0, 0, 0, 7), new Uint8Array(16)];
    const randomBytes = [
      taken,
      password,
      new Uint8Array(6),
      taken,
      Uint8Array.of(1, 0, 0, 0, 0, 0),
    ];
    const harness = new ServerHarness({ randomBytes });
    const [one, other] = [harness.openSession(), harness.openSession()];
    expect([one.session.id, other.session.id]).toEqual([7, 2 ** 40]);
  });

  it("[SE2] the timeout is negotiated into the bounds of the protocol", () => {
    const harness = new ServerHarness();
    const granted = [-5, 1, 12_345, 1e9].map((ms) => harness.openSession(ms).session.timeoutMs);
    expect(granted).toEqual([4_000, 4_000, 12_345, 40_000]);
    const json = harness.open();
    json.connect({ timeoutMs: 1e9, bounds: JSON_TIMEOUT_BOUNDS });
    expect(json.session.timeoutMs).toBe(600_000);
  });

  it("[SE3] a session is resumed with id and password, its ephemerals intact, without a zxid", () => {
    const harness = new ServerHarness();
    const first = harness.openSession();
    first.send(ask.ephemeral("/e"));
    first.drop();
    const second = harness.open();
    second.connect({ resume: first.session, timeoutMs: 40_000 });
    second.send(ask.get("/e"));
    expect(second.take()).toEqual(["1 connected @2", "2 getData  @2"]);
    expect(second.session).toEqual(first.session);
  });

  it("[SE4] a resumed session keeps its timeout, whatever is asked for", () => {
    const harness = new ServerHarness();
    const first = harness.openSession(10_000);
    const second = harness.open();
    second.connect({ resume: first.session, timeoutMs: 40_000 });
    expect(second.session.timeoutMs).toBe(10_000);
  });

  it("[SE5] a wrong password, an unknown, a closing and an expired session get one answer", () => {
    const harness = new ServerHarness({ isImmediate: false });
    const [living, closing] = [harness.openSession(), harness.openSession()];
    harness.commit();
    const password = new Uint8Array(16);
    closing.send(ask.close);
    for (const resume of [
      { id: living.session.id, password },
      { id: 99, password },
      closing.session,
    ]) {
      const client = harness.open();
      client.connect({ resume });
      expect(client.take()).toEqual(["1 SESSIONEXPIRED @2", "close SESSIONEXPIRED"]);
    }
  });

  it("[SE6] a second connection takes the session over, the first is closed", () => {
    const harness = new ServerHarness();
    const first = harness.openSession();
    first.send(ask.addWatch("/", 1));
    first.take();
    const second = harness.open();

    second.connect({ resume: first.session });

    expect(first.take()).toEqual(["close SESSIONMOVED"]);
    expect(second.take()).toEqual(["1 connected @1"]);
    second.send(ask.create("/a"));
    expect(first.take()).toEqual([]);
    expect(harness.server.status()).toMatchObject({ connections: 1, watches: 0, sessions: 1 });
  });

  it("[SE6] what prep has seen of the first connection is done, the rest never happens", () => {
    const harness = new ServerHarness({ isImmediate: false });
    const first = harness.openSession();
    harness.commit();
    first.take();
    first.send(ask.create("/seen"));
    first.send(ask.exists("/later", true));
    const second = harness.open();
    second.connect({ resume: first.session });
    first.send(ask.create("/unseen"));

    harness.commit();

    expect(first.take()).toEqual(["close SESSIONMOVED"]);
    expect(harness.store.tables.get("/seen")).toBeDefined();
    expect(harness.store.tables.get("/unseen")).toBeUndefined();
    expect(harness.server.status().watches).toBe(0);
  });

  it("[SE7] a wrong password leaves the connection of the session alone", () => {
    const harness = new ServerHarness();
    const first = harness.openSession();
    const thief = harness.open();
    thief.connect({ resume: { id: first.session.id, password: new Uint8Array(16) } });
    first.send(ask.create("/a"));
    expect(first.take()).toEqual(["2 create /a @2"]);
  });

  it("[SE8] a client that saw a zxid which is not here is refused and closed", () => {
    const harness = new ServerHarness();
    const client = harness.open();
    client.connect({ lastZxidSeen: 5 });
    expect(client.take()).toEqual(["1 OPERATIONTIMEOUT @0", "close OPERATIONTIMEOUT"]);
  });

  it("[SE28] what follows a refused connect is not done without the session", () => {
    const harness = new ServerHarness({ isImmediate: false });
    const client = harness.open();
    harness.open().send(ask.create("/a"));
    client.send(ask.get("/a"), { minZxid: 1 });
    client.connect({ mode: "use", resume: { id: 5, password: new Uint8Array(16) } });
    client.send(ask.create("/b"));
    harness.commit();
    expect(client.take()).toEqual(["1 getData  @1", "2 SESSIONEXPIRED @1", "close SESSIONEXPIRED"]);
    expect(harness.store.log.lastZxid).toBe(1);
  });

  it("[SE26] a second connect on a connection is refused", () => {
    const harness = new ServerHarness();
    const client = harness.openSession();
    client.connect({ mode: "use", resume: client.session });
    expect(client.take()).toEqual(["2 BADARGUMENTS @1", "close BADARGUMENTS"]);
  });

  it("[SE22] a session over SESSIONS_MAX is refused by the limit's name, pending ones count", () => {
    const harness = new ServerHarness({ isImmediate: false, limits: { SESSIONS_MAX: 1 } });
    const [one, other] = [harness.open(), harness.open()];
    one.connect();
    other.connect();
    expect(other.take()).toEqual(["1 THROTTLEDOP @0", "close THROTTLEDOP"]);
    expect(other.outputs[0]).toMatchObject({
      outcome: { message: expect.stringContaining("SESSIONS_MAX") },
    });
  });
});

describe("the end of a session", () => {
  it("[SE9] close deletes all ephemerals at one zxid, answers, then closes the connection", () => {
    const harness = new ServerHarness();
    const [client, watcher] = [harness.openSession(), harness.open()];
    client.send(ask.ephemeral("/b"));
    client.send(ask.ephemeral("/a"));
    watcher.send(ask.addWatch("/", 1));
    client.take();
    watcher.take();

    client.send(ask.close);

    expect(client.take()).toEqual(["4 closeSession @4", "close OK"]);
    expect(watcher.take()).toEqual(["NodeDeleted /a @4", "NodeDeleted /b @4"]);
    expect(harness.store.tables.getSession(client.session.id)).toBeUndefined();
  });

  it("[SE9] ephemerals that are under way go with their session", () => {
    const harness = new ServerHarness({ isImmediate: false });
    const client = harness.open();
    client.connect();
    client.send(ask.ephemeral("/e"));
    client.send(ask.close);
    harness.commit();
    expect(client.take()).toEqual([
      "1 connected @1",
      "2 create /e @2",
      "3 closeSession @3",
      "close OK",
    ]);
    expect(harness.store.tables.get("/e")).toBeUndefined();
  });

  it("[SE9] a session closed over HTTP closes the connection that serves it", () => {
    const harness = new ServerHarness();
    const client = harness.openSession();
    const http = harness.open();
    http.connect({ mode: "use", resume: client.session });
    http.send(ask.close);
    expect(http.take()).toEqual(["1 connected @1", "2 closeSession @2", "close OK"]);
    expect(client.take()).toEqual(["close SESSIONEXPIRED"]);
  });

  it("[SE10] once its end is under way a session takes no requests, reads included", () => {
    const harness = new ServerHarness({ isImmediate: false });
    const client = harness.open();
    client.connect();
    harness.commit();
    client.take();
    harness.advance(14_000);
    client.send(ask.get("/"));
    client.send(ask.create("/late"));
    expect(client.take()).toEqual(["2 SESSIONEXPIRED @1", "3 SESSIONEXPIRED @1"]);

    harness.commit();

    expect(client.take()).toEqual(["close SESSIONEXPIRED"]);
    expect(harness.store.tables.get("/late")).toBeUndefined();
  });

  it("[SE11] a session that is not heard of expires within a tick after its timeout", () => {
    const harness = new ServerHarness();
    const [client, watcher] = [harness.openSession(10_000), harness.open()];
    client.send(ask.ephemeral("/a"));
    client.send(ask.ephemeral("/b"));
    client.take();
    watcher.send(ask.addWatch("/", 1));
    watcher.take();

    harness.advance(10_000);
    expect(harness.store.tables.get("/a")).toBeDefined();
    harness.advance(2_000);

    expect(watcher.take()).toEqual(["NodeDeleted /a @4", "NodeDeleted /b @4"]);
    expect(client.take()).toEqual(["close SESSIONEXPIRED"]);
    expect(harness.server.status().counters).toMatchObject({ sessionsExpired: 1 });
  });

  it("[SE11] requests and heartbeats keep a session alive", () => {
    const harness = new ServerHarness();
    const client = harness.openSession(10_000);
    for (let count = 0; count < 5; count += 1) {
      harness.advance(6_000);
      if (count % 2 === 0) client.send(ask.ping);
      else harness.lastSeen.set(client.id, harness.nowMs);
    }
    expect(client.take().filter((line) => line.startsWith("close"))).toEqual([]);

    harness.advance(12_000);

    expect(client.take()).toEqual(["close SESSIONEXPIRED"]);
  });

  it("[SE12] a tick that comes early, or twice, changes nothing", () => {
    const harness = new ServerHarness();
    const client = harness.openSession(10_000);
    harness.nowMs += 9_000;
    harness.run({ type: "tick" });
    expect(harness.store.log.lastZxid).toBe(1);
    harness.nowMs += 4_000;
    harness.run({ type: "tick" });
    harness.run({ type: "tick" });
    expect(client.take()).toEqual(["close SESSIONEXPIRED"]);
    expect(harness.store.log.lastZxid).toBe(2);
  });

  it("[SE12] a tick during the commit of an expiry ends the session once", () => {
    const harness = new ServerHarness({ isImmediate: false });
    harness.openSession(10_000);
    harness.commit();
    harness.nowMs += 12_000;
    harness.run({ type: "tick" });
    harness.run({ type: "tick" });
    expect(harness.store.log.lastZxid).toBe(2);
    expect(harness.server.nextWakeMs()).toBeUndefined();
  });

  it("[SE21] one wake for everything: the earliest deadline or reap date, none without either", () => {
    const harness = new ServerHarness();
    expect(harness.server.nextWakeMs()).toBeUndefined();
    const client = harness.open();
    client.send(ask.create("/ttl", { mode: CreateMode.PERSISTENT_WITH_TTL, ttlMs: 60_000 }));
    expect(harness.server.nextWakeMs()).toBe(harness.nowMs + 60_001);
    harness.openSession(10_000);
    expect(harness.server.nextWakeMs()).toBe(harness.nowMs + 12_000);
    harness.advance(12_000);
    expect(harness.server.nextWakeMs()).toBe(harness.nowMs + 48_001);
  });

  it("[SE21] a thousand sessions wake the server at most four times a minute, and write nothing", () => {
    const harness = new ServerHarness();
    const clients = Array.from({ length: 1_000 }, (_, at) => {
      harness.nowMs = START_MS + at * 17;
      return harness.openSession(30_000);
    });
    const before = JSON.stringify([...harness.store.sessionSeen()]);
    const wakes: number[] = [];
    const heartbeat = (atMs: number): void => {
      for (const [at, { id }] of clients.entries()) harness.lastSeen.set(id, atMs + (at % 100));
    };

    for (let second = 0; second < 300; second += 1) {
      if (second % 10 === 0) heartbeat(harness.nowMs);
      const wakeMs = harness.server.nextWakeMs() ?? Infinity;
      if (wakeMs <= harness.nowMs + 1_000) wakes.push(wakeMs);
      harness.advance(1_000);
    }

    expect(wakes.length).toBeLessThanOrEqual(20);
    expect(harness.server.status().sessions).toBe(1_000);
    expect(harness.store.log.lastZxid).toBe(1_000);
    expect(JSON.stringify([...harness.store.sessionSeen()])).toBe(before);
  });

  it("[SE21] a session that is on its way out wants no wake any more", () => {
    const harness = new ServerHarness({ isImmediate: false });
    harness.openSession(10_000);
    harness.openSession(40_000);
    harness.commit();
    harness.nowMs += 12_000;

    harness.run({ type: "tick" });

    expect(harness.server.nextWakeMs()).toBe(START_MS + 42_000);
  });

  it("[SE25] containers and TTL znodes go by the clock, without any session", () => {
    const harness = new ServerHarness();
    const client = harness.open();
    client.send(ask.create("/ttl", { mode: CreateMode.PERSISTENT_WITH_TTL, ttlMs: 5_000 }));
    client.send(ask.create("/c", { mode: CreateMode.CONTAINER }));
    client.send(ask.create("/c/child"));
    client.send(ask.delete("/c/child"));
    client.send(ask.addWatch("/", 1));
    client.take();

    harness.advance(5_001);
    expect(client.take()).toEqual(["NodeDeleted /ttl @5"]);
    harness.advance(60_000);

    expect(client.take()).toEqual(["NodeDeleted /c @6"]);
    expect(harness.server.nextWakeMs()).toBeUndefined();
  });

  it("[SE25] a reap under way is not prepared again, and one that comes too late is harmless", () => {
    const harness = new ServerHarness({ isImmediate: false });
    const client = harness.open();
    client.send(ask.create("/ttl", { mode: CreateMode.PERSISTENT_WITH_TTL, ttlMs: 5_000 }));
    harness.commit();
    harness.nowMs += 6_000;
    client.send(ask.delete("/ttl"));
    harness.run({ type: "tick" });
    harness.run({ type: "tick" });
    expect(harness.store.log.lastZxid).toBe(3);
    harness.commit();
    expect(client.take()).toEqual(["1 create /ttl @1", "2 delete /ttl @2"]);
    expect(harness.server.nextWakeMs()).toBeUndefined();
  });
});

describe("who may ask", () => {
  it("[SE13] the role read reads and watches, and nothing else", () => {
    const harness = new ServerHarness();
    const client = harness.open({ role: "read" });
    client.send(ask.exists("/a", true));
    client.send(ask.create("/a"));
    harness.open().send(ask.create("/a"));
    client.connect({ mode: "open" });
    expect(client.take()).toEqual([
      "1 NONODE @0",
      "2 NOAUTH @0",
      "NodeCreated /a @1",
      "3 NOAUTH @1",
      "close NOAUTH",
    ]);
  });

  it("[SE13] admin is not super: ACLs bind it", () => {
    const harness = new ServerHarness();
    const acl = [{ perms: 31, id: { scheme: "digest", id: "bob:x" } }];
    harness.open().send(ask.create("/a", { acl }));
    const [admin, superuser] = [
      harness.open({ role: "admin" }),
      harness.open({ ids: [{ scheme: "super", id: "" }] }),
    ];
    admin.send(ask.get("/a"));
    superuser.send(ask.get("/a"));
    expect([admin.take(), superuser.take()]).toEqual([["1 NOAUTH @1"], ["1 getData  @1"]]);
  });

  it("[SE14] without a session there are reads, watches and persistent znodes, no ephemerals", () => {
    const harness = new ServerHarness();
    const client = harness.open();
    client.send(ask.create("/a"));
    client.send(ask.ephemeral("/e"));
    client.send({ op: "multi", ops: [ask.create("/b"), ask.ephemeral("/e")] });
    client.send({ ...ask.set("/e", ""), orCreate: ask.ephemeral("/e") });
    client.send(ask.close);
    client.send(ask.get("/a", true));
    expect(client.take()).toEqual([
      "1 create /a @1",
      "2 UNKNOWNSESSION @1",
      "3 UNKNOWNSESSION @1",
      "4 UNKNOWNSESSION @1",
      "5 UNKNOWNSESSION @1",
      "6 getData  @1",
    ]);
  });

  it("[SE15] HTTP opens a session, speaks for it beside its socket, and keeps it alive", () => {
    const harness = new ServerHarness();
    const opener = harness.open();
    opener.connect({ mode: "open", timeoutMs: 10_000 });
    expect(opener.take()).toEqual(["1 connected @1"]);
    const token = opener.session;
    opener.drop();
    const socket = harness.open();
    socket.connect({ resume: token });
    for (let count = 0; count < 3; count += 1) {
      harness.advance(8_000);
      const http = harness.open();
      http.connect({ mode: "use", resume: token });
      http.send(ask.ephemeral(`/e${count}`));
      http.drop();
    }
    expect(harness.store.tables.ephemeralsOf(token.id)).toEqual(["/e0", "/e1", "/e2"]);
    expect(socket.take()).toEqual(["1 connected @1"]);
  });

  it("[SE15] an admin keeps and closes a foreign session, and does nothing else with it", () => {
    const harness = new ServerHarness();
    const owner = harness.openSession();
    const resume = { id: owner.session.id, password: new Uint8Array(0) };
    const [other, admin] = [harness.open(), harness.open({ role: "admin" })];
    other.connect({ mode: "manage", resume });
    admin.connect({ mode: "manage", resume });
    admin.send(ask.ephemeral("/e"));
    admin.send(ask.ping);
    admin.send(ask.close);
    expect(other.take()).toEqual(["1 NOAUTH @1", "close NOAUTH"]);
    expect(admin.take()).toEqual([
      "1 connected @1",
      "2 BADARGUMENTS @1",
      "3 ping @1",
      "4 closeSession @2",
      "close OK",
    ]);
    expect(owner.take()).toEqual(["close SESSIONEXPIRED"]);
  });

  it("[SE27] a session is described to who has its password, or to an admin, untouched", () => {
    const harness = new ServerHarness();
    const client = harness.openSession(10_000);
    client.send(ask.ephemeral("/e"));
    harness.nowMs += 5_000;
    const { id, password } = client.session;
    const describe = (role: "write" | "admin", secret?: Uint8Array) =>
      harness.server.describeSession(
        { identity: { role, ids: [] }, ...(secret === undefined ? {} : { password: secret }) },
        id,
        harness.nowMs,
      );
    const seen = { id, timeoutMs: 10_000, expiresInMs: 7_000, isConnected: true, ephemerals: 1 };
    expect(describe("write", password)).toEqual(seen);
    expect(describe("admin")).toEqual(seen);
    expect(describe("write")).toMatchObject({ code: -112 });
    expect(describe("admin", new Uint8Array(16))).toMatchObject({ code: -112 });
  });

  it("[SE24] digest adds user:base64(sha1), and the super digest an id that passes all ACLs", () => {
    const superDigest = "super:D/InIHSb7yEEbrWz8b9l71RjZJU=";
    const harness = new ServerHarness({ config: { superDigest } });
    const owner = harness.open();
    owner.send(ask.auth("digest", "bob:bob"));
    owner.send(ask.create("/a", { acl: [{ perms: 31, id: { scheme: "auth", id: "" } }] }));
    expect(harness.store.tables.get("/a")?.acl[0]?.id).toEqual({
      scheme: "digest",
      id: "bob:X1SKGw3XQQSIPMZRf5lW7e07VPY=",
    });
    const root = harness.open();
    root.send(ask.get("/a"));
    root.send(ask.auth("digest", "super:wrong"));
    root.send(ask.get("/a"));
    root.send(ask.auth("digest", "super:test"));
    root.send(ask.get("/a"));
    expect(root.take()).toEqual([
      "1 NOAUTH @1",
      "2 auth @1",
      "3 NOAUTH @1",
      "4 auth @1",
      "5 getData  @1",
    ]);
  });

  it("[SE24] a user without a password is a user all the same", () => {
    const client = new ServerHarness().open();
    client.send(ask.auth("digest", "bob"));
    client.send({ op: "whoAmI" });
    expect(client.take()).toEqual(["1 auth @0", "2 whoAmI ip:192.0.2.1,digest:bob @0"]);
  });

  it("[SE24] an auth in bad UTF-8 or of a foreign scheme is AUTHFAILED", () => {
    const harness = new ServerHarness();
    const attempts = [
      { op: "auth" as const, scheme: "digest", auth: Uint8Array.of(0xff, 0x3a, 0x61) },
      ask.auth("x509", "CN=bob"),
      ask.auth("world", "anyone"),
      ask.auth("super", "super"),
    ];
    for (const attempt of attempts) {
      const client = harness.open();
      client.send(attempt);
      expect(client.take()).toEqual(["1 AUTHFAILED @0", "close AUTHFAILED"]);
    }
    const certified = harness.open({ ids: [{ scheme: "x509", id: "CN=bob" }] });
    certified.send(ask.auth("x509", ""));
    expect(certified.take()).toEqual(["1 auth @0"]);
  });
});
