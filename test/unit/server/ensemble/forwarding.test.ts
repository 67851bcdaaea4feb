import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { Perms } from "../../../../src/core/acl.ts";
import { ask } from "../describe-effect.ts";
import { EnsembleHarness, epoch, type Message } from "./ensemble-harness.ts";

function isForward({ packets }: Message): boolean {
  return packets.some(({ type, ...rest }) => {
    return type === "server" && "message" in rest && rest.message.type === "forward";
  });
}

describe("forwarding", () => {
  test("[EN5] a failure has the same words through a learner", () => {
    const ensemble = new EnsembleHarness();
    ensemble.elect(1);
    const [leader, learner] = [ensemble.open(1), ensemble.open(2)];
    expect(leader.send(ask.delete("/none"))).toEqual(["1 NONODE @1:1"]);
    expect(learner.send(ask.delete("/none"))).toEqual(["1 NONODE @1:2"]);
    expect(learner.lastMessage).toBe(leader.lastMessage);
  });

  test("[EN5] the requests of a flush are one message", () => {
    const ensemble = new EnsembleHarness();
    ensemble.elect(1);
    const [one, other] = [ensemble.openSession(2), ensemble.openSession(2)];
    ensemble.sent.length = 0;
    one.post(ask.create("/a"));
    other.post(ask.create("/b"));
    one.post(ask.create("/c"));
    ensemble.settle();
    expect(ensemble.sent.filter(isForward)).toHaveLength(1);
    expect(one.take()).toEqual(["2 create /a @1:3", "3 create /c @1:5"]);
  });

  test("[EN6] a request that arrives twice is done once", () => {
    const ensemble = new EnsembleHarness();
    ensemble.elect(1);
    const client = ensemble.openSession(2);
    client.post(ask.create("/s-", { mode: 2 }));
    ensemble.member(2).flush();
    ensemble.network.push(...ensemble.network.map((message) => structuredClone(message)));
    ensemble.settle();
    expect(client.take()).toEqual(["2 create /s-0000000000 @1:2"]);
    expect(client.send(ask.children("/"))).toEqual(["3 getChildren s-0000000000,zookeeper @1:2"]);
  });

  test("[EN6] requests that overtake each other are done in their order", () => {
    const ensemble = new EnsembleHarness();
    ensemble.elect(1);
    const client = ensemble.openSession(2);
    client.post(ask.create("/a"));
    ensemble.member(2).flush();
    client.post(ask.set("/a", "1"));
    ensemble.member(2).flush();
    ensemble.deliver(1);
    ensemble.settle();
    expect(client.take()).toEqual(["2 create /a @1:2", "3 setData /a @1:3"]);
  });

  test("[EN6] what an earlier instance of a learner sent is not done behind what the next one did", () => {
    const ensemble = new EnsembleHarness();
    ensemble.elect(1);
    const former = ensemble.openSession(2);
    former.post(ask.create("/late"));
    ensemble.member(2).flush();
    const [late] = ensemble.network.splice(0);
    ensemble.member(2).restart({ sockets: false });
    const { incarnation } = ensemble.member(1);
    const role = { type: "learning", epoch: 1, leader: 1, incarnation, isObserver: false } as const;
    ensemble.member(2).peer.become(role, {});
    ensemble.settle();
    const next = ensemble.open(2);
    expect(next.resume(former)).toEqual(["1 connected @1:1"]);
    if (late !== undefined) ensemble.network.push(late);
    ensemble.settle();
    expect(next.send(ask.exists("/late"))).toEqual(["2 NONODE @1:2"]);
  });

  test("[EN7] a leader that wakes anew knows nothing of what was forwarded", () => {
    const ensemble = new EnsembleHarness();
    ensemble.elect(1);
    const [busy, idle] = [ensemble.openSession(2), ensemble.openSession(2)];
    busy.post(ask.create("/a"));
    ensemble.member(2).flush();
    ensemble.network.length = 0;
    ensemble.resume(1);
    expect(busy.take()).toEqual(["2 CONNECTIONLOSS @1:2", "close CONNECTIONLOSS"]);
    expect(idle.send(ask.create("/b"))).toEqual(["2 create /b @1:3"]);
  });

  test("[EN7] rows that come by a synchronization may be of anybody's requests", () => {
    const ensemble = new EnsembleHarness();
    ensemble.elect(1);
    const client = ensemble.openSession(2);
    client.post(ask.create("/a"));
    ensemble.member(2).flush();
    ensemble.deliver();
    ensemble.member(1).flush();
    // The proposal is lost; the leader brings the log up to date without saying whose it is.
    ensemble.network.length = 0;
    const rows = ensemble.member(1).store.log.read(epoch(1) + 1, 1_000_000);
    const { peer, store } = ensemble.member(2);
    store.log.append(rows);
    const zxid = epoch(1) + 2;
    peer.report(
      { type: "learned", rows },
      { type: "persisted", zxid },
      { type: "committed", zxid },
    );
    ensemble.member(2).flush();
    expect(client.take()).toEqual(["2 CONNECTIONLOSS @1:1", "close CONNECTIONLOSS"]);
    expect(store.tables.get("/a")).toBeDefined();
  });

  test("[EN9] a watch at a learner fires ahead of the reply that shows its change", () => {
    const ensemble = new EnsembleHarness();
    ensemble.elect(1);
    const client = ensemble.openSession(2);
    client.send(ask.create("/a"));
    client.send(ask.get("/a", true));
    client.post(ask.set("/a", "1"));
    client.post(ask.get("/a"));
    ensemble.settle();
    expect(client.take()).toEqual([
      "NodeDataChanged /a @1:3",
      "4 setData /a @1:3",
      "5 getData 1 @1:3",
    ]);
  });

  test("[EN14] a retry through another member gets the first answer", () => {
    const ensemble = new EnsembleHarness();
    ensemble.elect(1);
    const options = { idempotencyKey: "k" };
    const create = ask.create("/s-", { mode: 2 });
    expect(ensemble.open(2).send(create, options)).toEqual(["1 create /s-0000000000 @1:1"]);
    const retry = ["1 create /s-0000000000 @1:1 replayed"];
    expect(ensemble.open(3).send(create, options)).toEqual(retry);
    expect(ensemble.open(1).send(create, options)).toEqual(retry);
  });

  test("[EN14] a retry while the first one is under way shares its fate", () => {
    const ensemble = new EnsembleHarness();
    ensemble.elect(1);
    const [first, second] = [ensemble.open(2), ensemble.open(3)];
    first.post(ask.create("/a"), { idempotencyKey: "k" });
    second.post(ask.create("/a"), { idempotencyKey: "k" });
    second.post(ask.create("/b"));
    ensemble.settle();
    expect(first.take()).toEqual(["1 create /a @1:1"]);
    expect(second.take()).toEqual(["1 create /a @1:1 replayed", "2 create /b @1:2"]);
  });

  test("[EN15] the ids of a learner's connection pass the ACL at the leader", () => {
    const ensemble = new EnsembleHarness();
    ensemble.elect(1);
    const id = `bob:${createHash("sha1").update("bob:pw").digest("base64")}`;
    const acl = [{ perms: Perms.ALL, id: { scheme: "digest", id } }];
    const client = ensemble.open(2);
    expect(client.send(ask.create("/a", { acl }))).toEqual(["1 create /a @1:1"]);
    client.post(ask.set("/a", "1"));
    client.post(ask.auth("digest", "bob:pw"));
    client.post(ask.set("/a", "2"));
    ensemble.settle();
    expect(client.take()).toEqual(["2 NOAUTH @1:2", "3 auth @1:2", "4 setData /a @1:3"]);
  });

  test("[EN30] a learner that woke asks for its leader's instance, and then forwards", () => {
    const ensemble = new EnsembleHarness();
    ensemble.elect(1);
    const client = ensemble.openSession(2);
    const { peer, runner } = ensemble.member(2);
    const woken = { type: "learning", epoch: 1, leader: 1, isObserver: false } as const;
    peer.become({ ...woken, incarnation: 0 }, {});
    client.post(ask.create("/a"));
    client.post(ask.get("/a"), { consistency: "linearizable" });
    ensemble.settle();
    expect(client.take()).toEqual([]);
    expect(peer.leaderNeeds).toBe(1);
    expect(runner.server.wantsFlush).toBe(false);

    peer.become({ ...woken, incarnation: ensemble.member(1).incarnation }, {});
    ensemble.settle();
    expect(client.take()).toEqual(["2 create /a @1:2", "3 getData  @1:2"]);
  });

  test("[EN29] a request that was lost is sent again after a second", () => {
    const ensemble = new EnsembleHarness();
    ensemble.elect(1);
    const client = ensemble.openSession(2);
    client.post(ask.create("/a"));
    ensemble.member(2).flush();
    ensemble.network.length = 0;
    ensemble.advance(999);
    expect(client.take()).toEqual([]);
    ensemble.advance(1);
    expect(client.take()).toEqual(["2 create /a @1:2"]);
    expect(ensemble.member(2).peer.leaderNeeds).toBe(1);
  });

  test("[EN29] a leader that never answers is given up", () => {
    const ensemble = new EnsembleHarness();
    ensemble.elect(1);
    const client = ensemble.openSession(2);
    ensemble.cut.add(1);
    client.post(ask.create("/a"));
    ensemble.settle();
    ensemble.advance(9_000);
    expect(client.take()).toEqual([]);
    ensemble.advance(1_000);
    expect(client.take()).toEqual(["2 CONNECTIONLOSS @1:1", "close CONNECTIONLOSS"]);
  });
});
