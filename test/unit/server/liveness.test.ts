import { describe, expect, it } from "vitest";
import { ask } from "./describe-effect.ts";
import { ServerHarness } from "./server-harness.ts";

const seenOf = (harness: ServerHarness, id: number) => harness.store.sessionSeen().get(id);

describe("what is stored of liveness", () => {
  it("[SE16] a bind and a close are stored, requests and heartbeats of a socket are not", () => {
    const harness = new ServerHarness();
    const startMs = harness.nowMs;
    const client = harness.openSession();
    const { id } = client.session;
    expect(seenOf(harness, id)).toEqual({ seenMs: startMs, isBound: true });

    harness.advance(5_000);
    client.send(ask.ping);
    harness.lastSeen.set(client.id, startMs + 6_000);
    harness.advance(3_000);
    expect(seenOf(harness, id)).toEqual({ seenMs: startMs, isBound: true });

    client.drop();
    expect(seenOf(harness, id)).toEqual({ seenMs: startMs + 6_000, isBound: false });
  });

  it("[SE16] calls of a session without a socket are stored at most once a tick", () => {
    const harness = new ServerHarness();
    const startMs = harness.nowMs;
    const opener = harness.open();
    opener.connect({ mode: "open" });
    const token = opener.session;
    const seen: (number | undefined)[] = [];
    for (let count = 0; count < 5; count += 1) {
      harness.nowMs += 900;
      const http = harness.open();
      http.connect({ mode: "use", resume: token });
      http.drop();
      seen.push(seenOf(harness, token.id)?.seenMs);
    }
    expect(seen.map((ms) => (ms ?? 0) - startMs)).toEqual([0, 0, 2_700, 2_700, 2_700]);
  });

  it("[SE16] an HTTP call beside the socket is stored: no socket keeps its time", () => {
    const harness = new ServerHarness();
    const client = harness.openSession(40_000);
    harness.advance(30_000);
    const http = harness.open();
    http.connect({ mode: "use", resume: client.session });
    http.drop();
    expect(seenOf(harness, client.session.id)).toEqual({ seenMs: harness.nowMs, isBound: true });

    harness.restart({ sockets: true, afterMs: 12_000 });
    harness.advance(20_000);
    client.send(ask.ping);

    expect(client.take()).toEqual(["2 ping @1"]);
  });

  it("[SE16] the socket keeps a recent enough time itself: after a quarter of the timeout", () => {
    const harness = new ServerHarness();
    const client = harness.openSession(10_000);
    const changes = () => harness.effects.filter(({ type }) => type === "changed").length;
    const before = changes();
    harness.nowMs += 2_500;
    client.send(ask.ping);
    expect(changes()).toBe(before);
    harness.nowMs += 1;
    client.send(ask.ping);
    client.send(ask.ping);
    expect(changes()).toBe(before + 1);
    expect(harness.kept.sockets.get(client.id)?.state.seenMs).toBe(harness.nowMs);
  });
});

it("[SE30] a client that only authenticates is not heard", () => {
  const harness = new ServerHarness();
  const client = harness.openSession(10_000);
  const auth = { op: "auth", scheme: "digest", auth: new TextEncoder().encode("bob:pw") } as const;
  for (let seconds = 0; seconds < 12; seconds += 3) {
    harness.advance(3_000);
    client.send(auth);
    client.send({ op: "sasl" });
  }
  expect(client.take().at(-1)).toBe("close SESSIONEXPIRED");
});

describe("a start", () => {
  it("[SE17] bound and the socket is there: as if nothing had happened", () => {
    const harness = new ServerHarness();
    const client = harness.openSession(10_000);
    harness.restart({ sockets: true, afterMs: 8_000 });
    harness.advance(4_000);
    expect(client.take()).toEqual(["close SESSIONEXPIRED"]);
  });

  it("[SE17] a heartbeat answered while nobody was there counts", () => {
    const harness = new ServerHarness();
    const client = harness.openSession(10_000);
    harness.lastSeen.set(client.id, harness.nowMs + 7_000);
    harness.restart({ sockets: true, afterMs: 8_000 });
    harness.advance(9_000);
    client.send(ask.ping);
    expect(client.take()).toEqual(["2 ping @1"]);
  });

  it("[SE17] bound and no socket: the platform dropped it, one grace, stored", () => {
    const harness = new ServerHarness();
    const client = harness.openSession(10_000);
    client.send(ask.ephemeral("/e"));
    harness.restart({ sockets: false, afterMs: 9_000 });
    expect(seenOf(harness, client.session.id)).toEqual({ seenMs: harness.nowMs, isBound: false });

    harness.restart({ sockets: false, afterMs: 9_000 });
    expect(harness.store.tables.get("/e")).toBeDefined();
    harness.advance(3_000);

    expect(harness.store.tables.get("/e")).toBeUndefined();
  });

  it("[SE17] a client resumes after a crash with its ephemerals", () => {
    const harness = new ServerHarness();
    const client = harness.openSession(10_000);
    client.send(ask.ephemeral("/e"));
    harness.restart({ sockets: false, afterMs: 1_000 });
    const again = harness.open();
    again.connect({ resume: client.session });
    harness.advance(10_000);
    again.send(ask.get("/e"));
    expect(again.take()).toEqual(["1 connected @2", "2 getData  @2"]);
  });

  it("[SE18] not bound: the stored time counts, whether an instance was there or not", () => {
    const harness = new ServerHarness();
    const client = harness.openSession(10_000);
    client.send(ask.ephemeral("/e"));
    client.drop();
    harness.restart({ sockets: false, afterMs: 9_000 });
    harness.advance(3_000);
    expect(harness.store.tables.get("/e")).toBeUndefined();
  });

  it("[SE19] deadlines that fell into an outage are forgiven, once and stored", () => {
    const harness = new ServerHarness();
    const [client, other] = [harness.openSession(10_000), harness.openSession(40_000)];
    client.drop();
    other.drop();
    harness.restart({ sockets: false, afterMs: 20_000 });
    expect(harness.nowMs - (harness.kept.alarmAtMs ?? 0)).toBe(-12_000);
    expect(seenOf(harness, client.session.id)?.seenMs).toBe(harness.nowMs);
    expect(seenOf(harness, other.session.id)?.seenMs).toBe(harness.nowMs - 20_000);

    harness.advance(12_000);

    expect(harness.store.tables.getSession(client.session.id)).toBeUndefined();
    expect(harness.store.tables.getSession(other.session.id)).toBeDefined();
  });

  it("[SE19] a living server whose alarm is two ticks late forgives, a little less late not", () => {
    const harness = new ServerHarness();
    const client = harness.openSession(10_000);
    harness.nowMs += 12_000 + 4_001;
    harness.run({ type: "tick" });
    expect(client.take()).toEqual([]);
    harness.nowMs = (harness.server.nextWakeMs() ?? 0) + 4_000;
    harness.run({ type: "tick" });
    expect(client.take()).toEqual(["close SESSIONEXPIRED"]);
  });

  it("[SE20] a hibernated connection goes on: session, ids, watches, without an effect", () => {
    const harness = new ServerHarness();
    const client = harness.openSession();
    client.send(ask.auth("digest", "bob:secret"));
    client.send(ask.exists("/a", true));
    client.send(ask.addWatch("/d", 1));
    client.take();
    const before = harness.effects.length;

    harness.restart({ sockets: true, afterMs: 1_000 });
    expect(harness.effects.length).toBe(before);

    client.send(ask.whoAmI);
    harness.open().send(ask.create("/a"));
    client.send(ask.ephemeral("/d"));
    expect(client.take()).toEqual([
      "5 whoAmI ip:192.0.2.1,digest:bob @1",
      "NodeCreated /a @2",
      "NodeCreated /d @3",
      "6 create /d @3",
    ]);
    expect(harness.store.tables.get("/d")?.ephemeralOwner).toBe(client.session.id);
  });

  it("[SE20] watches are read back when a txn is applied, not before", () => {
    const harness = new ServerHarness();
    const client = harness.openSession();
    client.send(ask.exists("/a", true));
    client.take();
    harness.restart({ sockets: true });
    client.send(ask.ping);
    expect(harness.watchLoads).toBe(0);
    harness.open().send(ask.create("/a"));
    expect(harness.watchLoads).toBe(1);
    expect(client.take()).toEqual(["3 ping @1", "NodeCreated /a @2"]);
  });

  it("[SE20] a standard watch that fired before the hibernation does not fire again", () => {
    const harness = new ServerHarness();
    const client = harness.openSession();
    client.send(ask.exists("/a", true));
    harness.open().send(ask.create("/a"));
    client.take();
    harness.restart({ sockets: true });
    harness.open().send(ask.set("/a", "2"));
    expect(client.take()).toEqual([]);
  });

  it("[SE20] the socket keeps its watches anew when one of them is used up, not when it stays", () => {
    const harness = new ServerHarness();
    const [client, writer] = [harness.openSession(), harness.open()];
    const changes = () => harness.effects.filter(({ type }) => type === "changed").length;
    client.send(ask.addWatch("/", 1));
    const before = changes();
    writer.send(ask.create("/a"));
    expect(changes()).toBe(before);
    client.send(ask.get("/a", true));
    writer.send(ask.set("/a", "1"));
    expect(changes()).toBe(before + 2);
    expect(harness.kept.sockets.get(client.id)?.watches).toMatchObject({
      data: [],
      recursive: ["/"],
    });
  });

  it("[SE20] a restored connection whose session is gone is closed", () => {
    const harness = new ServerHarness();
    const client = harness.openSession();
    const kept = harness.kept.sockets.get(client.id);
    client.send(ask.close);
    client.take();
    if (kept !== undefined) harness.kept.sockets.set(client.id, kept);
    harness.restart({ sockets: true });
    expect(client.take()).toEqual(["close SESSIONEXPIRED"]);
  });
});
