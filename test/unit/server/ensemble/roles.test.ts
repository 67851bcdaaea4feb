import { describe, expect, test } from "vitest";
import { readSnapshot } from "../../../../src/storage/snapshot-sender.ts";
import { ask } from "../describe-effect.ts";
import { EnsembleHarness, epoch } from "./ensemble-harness.ts";

describe("roles", () => {
  test("[EN1] what is asked of a member that wakes waits for its role, in order", () => {
    const ensemble = new EnsembleHarness();
    ensemble.elect(1);
    const client = ensemble.openSession(2);
    const member = ensemble.member(2);
    member.restart({ sockets: true });
    client.post(ask.create("/a"));
    client.post(ask.get("/a"));
    ensemble.settle();
    expect(client.take()).toEqual([]);

    const { incarnation } = ensemble.member(1);
    const role = { type: "learning", epoch: 1, leader: 1, incarnation, isObserver: false } as const;
    member.peer.become(role, {});
    ensemble.settle();
    expect(client.take()).toEqual(["2 create /a @1:2", "3 getData  @1:2"]);
  });

  test("[EN2] each epoch counts its zxids anew", () => {
    const ensemble = new EnsembleHarness();
    ensemble.elect(1);
    expect(ensemble.open(1).send(ask.create("/a"))).toEqual(["1 create /a @1:1"]);
    ensemble.elect(2);
    expect(ensemble.open(2).send(ask.create("/b"))).toEqual(["1 create /b @2:1"]);
  });

  test("[EN2] a leader prepares nothing before everything logged is applied", () => {
    const ensemble = new EnsembleHarness();
    ensemble.elect(1);
    ensemble.open(1).send(ask.create("/a"));
    const { peer, store } = ensemble.member(1);
    const rows = store.log.read(0, 1_000_000);
    const other = new EnsembleHarness(1).member(1);
    // The word of leading comes ahead of the commit of what was logged before.
    other.peer.report({ type: "role", role: { type: "looking" } });
    other.store.log.append(rows);
    other.peer.report({ type: "learned", rows });
    other.peer.role = { type: "leading", epoch: 2 };
    other.peer.report({ type: "role", role: other.peer.role });
    other.flush();
    const client = other.harness.open(1);
    client.post(ask.create("/b"));
    other.flush();
    expect(client.take()).toEqual([]);
    const zxid = epoch(1) + 1;
    other.peer.report({ type: "persisted", zxid }, { type: "committed", zxid });
    other.flush();
    expect(client.take()).toEqual(["1 create /b @2:1"]);
    expect(peer.role.type).toBe("leading");
  });

  test("[EN3] who loses the leader loses every connection", () => {
    const ensemble = new EnsembleHarness();
    ensemble.elect(1);
    const idle = ensemble.openSession(2);
    const busy = ensemble.openSession(2);
    busy.post(ask.create("/a"));
    ensemble.member(2).peer.become({ type: "looking" });
    ensemble.member(2).flush();
    expect(idle.take()).toEqual(["close CONNECTIONLOSS"]);
    expect(busy.take()).toEqual(["2 CONNECTIONLOSS @1:2", "close CONNECTIONLOSS"]);
  });

  test("[EN3] a request without a leader fails at once, and makes the member look for one", () => {
    const ensemble = new EnsembleHarness();
    const client = ensemble.open(1);
    expect(client.send(ask.get("/"))).toEqual(["1 CONNECTIONLOSS @0:0", "close CONNECTIONLOSS"]);
    expect(ensemble.member(1).peer.leaderNeeds).toBe(1);
  });

  test("[EN4][OR18] a start does not apply what may still be cut", () => {
    const ensemble = new EnsembleHarness();
    ensemble.elect(1);
    ensemble.open(1).send(ask.create("/a"));
    ensemble.cut.add(2).add(3);
    const client = ensemble.open(1);
    client.post(ask.create("/b"));
    ensemble.settle();
    expect(client.take()).toEqual([]);

    const member = ensemble.member(1);
    member.restart({ sockets: false });
    expect(member.store.log.lastZxid).toBe(epoch(1) + 2);
    expect(member.runner.server.status().zxid).toBe(epoch(1) + 1);
    expect(member.store.tables.get("/b")).toBeUndefined();

    // Another leader has nothing of it: it never happened.
    ensemble.cut.clear();
    ensemble.elect(2);
    expect(member.store.log.lastZxid).toBe(epoch(1) + 1);
    expect(new Set(ensemble.digests).size).toBe(1);
  });

  test("[EN8] a leader that is deposed takes the other's history", () => {
    const ensemble = new EnsembleHarness();
    ensemble.elect(1);
    ensemble.cut.add(2).add(3);
    const lost = ensemble.openSession(1);
    lost.post(ask.create("/lost"));
    ensemble.settle();
    ensemble.cut.clear();
    ensemble.cut.add(1);
    ensemble.elect(2);
    ensemble.open(2).send(ask.create("/kept"));
    ensemble.cut.clear();
    ensemble.elect(2);
    expect(lost.take()).toContain("close CONNECTIONLOSS");
    expect(new Set(ensemble.digests).size).toBe(1);
    expect(ensemble.member(1).store.tables.get("/lost")).toBeUndefined();
    expect(ensemble.member(1).store.tables.get("/kept")).toBeDefined();
  });

  test("[EN26] a snapshot replaces the server and ends its connections", () => {
    const ensemble = new EnsembleHarness();
    ensemble.elect(1);
    ensemble.cut.add(2);
    ensemble.open(1).send(ask.create("/a"));
    ensemble.member(1).runner.server.checkpoint(ensemble.nowMs);
    const slice = readSnapshot(ensemble.member(1).store, "", 1_000_000);
    const member = ensemble.member(2);
    const client = ensemble.open(2);
    const before = member.runner.server;
    member.peer.install(slice);
    member.flush();
    expect(client.take()).toEqual(["close CONNECTIONLOSS"]);
    expect(member.runner.server).not.toBe(before);
    ensemble.cut.clear();
    expect(ensemble.open(2).send(ask.exists("/a"))).toEqual(["1 exists /a @1:1"]);
  });
});
