import { describe, expect, test } from "vitest";
import { ask } from "../describe-effect.ts";
import { EnsembleHarness } from "./ensemble-harness.ts";

describe("sessions", () => {
  test("[EN16] a session made through a learner ends through another member", () => {
    const ensemble = new EnsembleHarness();
    ensemble.elect(1);
    const made = ensemble.openSession(2);
    made.send(ask.ephemeral("/e"));
    expect(ensemble.member(3).store.tables.getSession(made.session.id)?.member).toBe(2);
    const other = ensemble.open(3);
    expect(other.resume(made, { mode: "use" })).toEqual(["1 connected @1:2"]);
    expect(other.send(ask.close)).toEqual(["2 closeSession @1:3", "close OK"]);
    expect(made.take()).toContain("close SESSIONEXPIRED");
    expect(new Set(ensemble.digests).size).toBe(1);
  });

  test.each([
    [2, 3],
    [2, 1],
    [1, 2],
    [2, 2],
  ])("[EN17] a session moves from member %i to member %i", (from, to) => {
    const ensemble = new EnsembleHarness();
    ensemble.elect(1);
    const former = ensemble.openSession(from);
    const next = ensemble.open(to);
    expect(next.resume(former)).toEqual(["1 connected @1:1"]);
    expect(former.take()).toEqual(["close SESSIONMOVED"]);
    expect(next.send(ask.ephemeral("/e"))).toEqual(["2 create /e @1:2"]);
  });

  test("[EN18] a former member's write is refused, though it does not know yet", () => {
    const ensemble = new EnsembleHarness();
    ensemble.elect(1);
    const former = ensemble.openSession(2);
    const next = ensemble.open(3);
    const { id, password } = former.session;
    next.connect({ resume: { id, password } });
    ensemble.deliver();
    ensemble.member(1).flush();
    former.post(ask.create("/late"));
    ensemble.member(2).flush();
    const at = ensemble.network.findIndex(({ from }) => from === 2);
    ensemble.deliver(at);
    // What tells the former member that it lost the session comes last.
    ensemble.network.sort((one, other) => Number(one.to === 2) - Number(other.to === 2));
    ensemble.settle();
    expect(former.take()).toContain("close SESSIONMOVED");
    expect(next.take()).toEqual(["1 connected @1:1"]);
    expect(next.send(ask.exists("/late"))).toEqual(["2 NONODE @1:2"]);
  });

  test("[EN36] a write that finds its session moved closes its connection", () => {
    const ensemble = new EnsembleHarness();
    ensemble.elect(1);
    const former = ensemble.openSession(2);
    const next = ensemble.open(3);
    const { id, password } = former.session;
    next.connect({ resume: { id, password } });
    ensemble.deliver();
    ensemble.member(1).flush();
    // What tells the former member that it lost the session is lost.
    ensemble.network = ensemble.network.filter(({ to }) => to !== 2);
    ensemble.settle();
    expect(next.take()).toEqual(["1 connected @1:1"]);
    expect(former.take()).toEqual([]);
    expect(former.send(ask.create("/late"))).toEqual(["2 SESSIONMOVED @1:2", "close SESSIONMOVED"]);
    expect(next.send(ask.exists("/late"))).toEqual(["2 NONODE @1:2"]);
  });

  test("[EN19] a learner refuses a session that is over, and a wrong password", () => {
    const ensemble = new EnsembleHarness();
    ensemble.elect(1);
    const { session } = ensemble.openSession(1);
    const bad = ensemble.open(2);
    bad.connect({ resume: { id: session.id, password: new Uint8Array(16) } });
    ensemble.settle();
    expect(bad.take()).toEqual(["1 SESSIONEXPIRED @1:1", "close SESSIONEXPIRED"]);
  });

  test("[EN20][EN21] a session at a learner lives by heartbeats that reach nobody", () => {
    const ensemble = new EnsembleHarness();
    ensemble.elect(1);
    const client = ensemble.openSession(2, 10_000);
    client.send(ask.ephemeral("/e"));
    for (let count = 0; count < 10; count += 1) {
      ensemble.advance(4_000);
      client.heartbeat();
    }
    expect(client.take()).toEqual([]);
    ensemble.advance(8_000);
    expect(client.take()).toEqual([]);
    ensemble.advance(6_000);
    expect(client.take()).toEqual(["close SESSIONEXPIRED"]);
    expect(ensemble.member(3).store.tables.get("/e")).toBeUndefined();
    const { counters } = ensemble.member(2).runner.server.status();
    expect(counters["sessionsExpired"]).toBeUndefined();
  });

  test("[EN22] a session of a member out of reach gets one more timeout, once", () => {
    const ensemble = new EnsembleHarness();
    ensemble.elect(1);
    const client = ensemble.openSession(2, 10_000);
    const { id } = client.session;
    ensemble.cut.add(2);
    ensemble.advance(13_000);
    expect(ensemble.member(1).store.tables.getSession(id)).toBeDefined();
    // A leader that sleeps in between does not forget that it was granted.
    ensemble.resume(1);
    ensemble.advance(6_000);
    expect(ensemble.member(1).store.tables.getSession(id)).toBeDefined();
    ensemble.advance(7_000);
    expect(ensemble.member(1).store.tables.getSession(id)).toBeUndefined();
  });

  test("[EN23] a new leader grants full timeouts", () => {
    const ensemble = new EnsembleHarness();
    ensemble.elect(1);
    const { session } = ensemble.openSession(2, 10_000);
    ensemble.advance(9_000);
    ensemble.elect(3);
    ensemble.advance(9_000);
    expect(ensemble.member(3).store.tables.getSession(session.id)).toBeDefined();
    ensemble.advance(4_000);
    expect(ensemble.member(3).store.tables.getSession(session.id)).toBeUndefined();
  });

  test("[EN45] a leader whose clock is behind the log expires in time all the same", () => {
    const ensemble = new EnsembleHarness();
    ensemble.elect(1);
    const { session } = ensemble.openSession(2, 10_000);
    const before = ensemble.open(1).send(ask.create("/before"));
    expect(before).toEqual(["1 create /before @1:2"]);
    const loggedMs = ensemble.nowMs;
    ensemble.nowMs -= 60_000;
    for (const sid of [1, 2, 3]) ensemble.member(sid).restart({ sockets: false });
    ensemble.elect(3);
    expect(ensemble.open(3).send(ask.create("/after"))).toEqual(["1 create /after @2:1"]);
    expect(ensemble.member(3).store.tables.get("/after")?.ctime).toBe(loggedMs);
    ensemble.advance(13_000);
    expect(ensemble.member(3).store.tables.getSession(session.id)).toBeUndefined();
  });

  test("[EN23] a leader that wakes in its epoch goes on counting", () => {
    const ensemble = new EnsembleHarness();
    ensemble.elect(1);
    const client = ensemble.openSession(2, 10_000);
    client.drop();
    for (let count = 0; count < 3; count += 1) {
      ensemble.advance(4_000);
      ensemble.resume(1);
    }
    ensemble.advance(2_000);
    expect(ensemble.member(1).store.tables.getSession(client.session.id)).toBeUndefined();
  });

  test("[EN24] a learner looks after a leader that asks after no session", () => {
    const ensemble = new EnsembleHarness();
    ensemble.elect(1);
    ensemble.openSession(2, 10_000);
    ensemble.cut.add(1);
    ensemble.advance(13_999);
    expect(ensemble.member(3).peer.leaderNeeds).toBe(0);
    ensemble.advance(1);
    expect(ensemble.member(3).peer.leaderNeeds).toBe(1);
  });

  test("[EN25] what a learner hears of a session writes nothing", () => {
    const ensemble = new EnsembleHarness();
    ensemble.elect(1);
    const { session } = ensemble.openSession(2);
    const { id, password } = session;
    const call = ensemble.open(2);
    call.connect({ mode: "use", resume: { id, password } });
    const before = ensemble.member(2).store.sessionSeen();
    ensemble.advance(5_000);
    expect(call.send(ask.ping)).toEqual(["1 connected @1:1", "2 ping @1:1"]);
    expect(ensemble.member(2).store.sessionSeen()).toEqual(before);
  });

  test("[EN28] a member that is behind refuses a client that has seen more", () => {
    const ensemble = new EnsembleHarness();
    ensemble.elect(1);
    const client = ensemble.open(2);
    client.connect({ lastZxidSeen: 2 ** 32 + 1 });
    expect(client.take()).toEqual(["1 OPERATIONTIMEOUT @0:0", "close OPERATIONTIMEOUT"]);
  });
});
