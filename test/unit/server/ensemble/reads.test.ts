import { describe, expect, test } from "vitest";
import { ask } from "../describe-effect.ts";
import { EnsembleHarness, type Message } from "./ensemble-harness.ts";

function isPing({ packets }: Message): boolean {
  return packets.some((packet) => packet.type === "zab" && packet.packet.type === "PING");
}

describe("reads", () => {
  test("[EN10] a linearizable read at the leader waits for its quorum", () => {
    const ensemble = new EnsembleHarness();
    ensemble.elect(1);
    ensemble.cut.add(2).add(3);
    const client = ensemble.open(1, { consistency: "linearizable" });
    expect(client.send(ask.exists("/"))).toEqual([]);
    ensemble.cut.clear();
    ensemble.elect(2);
    expect(client.take()).toEqual(["1 CONNECTIONLOSS @0:0", "close CONNECTIONLOSS"]);
  });

  test("[EN10] a round that started before a read arrived confirms nothing of it", () => {
    const ensemble = new EnsembleHarness();
    ensemble.elect(1);
    const [early, late] = [1, 1].map((sid) => ensemble.open(sid, { consistency: "linearizable" }));
    early?.post(ask.exists("/"));
    ensemble.member(1).flush();
    late?.post(ask.exists("/"));
    // The first round is answered; the second was not asked for before the next flush.
    while (ensemble.network.length > 0) {
      const at = ensemble.network.findIndex((message) => !isPing(message) || message.to === 2);
      if (at < 0) break;
      ensemble.deliver(at);
      if (early?.effects.length === 1) break;
    }
    expect(early?.take()).toEqual(["1 exists / @0:0"]);
    expect(late?.take()).toEqual([]);
    ensemble.settle();
    expect(late?.take()).toEqual(["1 exists / @0:0"]);
  });

  test("[EN10] the reads of a flush share one round", () => {
    const ensemble = new EnsembleHarness();
    ensemble.elect(1);
    const clients = [1, 1, 1].map((sid) => ensemble.open(sid, { consistency: "linearizable" }));
    for (const client of clients) client.post(ask.exists("/"));
    for (const client of clients) client.post(ask.children("/"));
    ensemble.settle();
    for (const client of clients) expect(client.take()).toHaveLength(2);
    expect(ensemble.sent.filter(isPing)).toHaveLength(2);
  });

  test("[EN11] a linearizable read at a learner shows what the leader had acknowledged", () => {
    const ensemble = new EnsembleHarness();
    ensemble.elect(1);
    const [writer, reader] = [ensemble.open(1), ensemble.open(3, { consistency: "linearizable" })];
    writer.post(ask.create("/a"));
    ensemble.member(1).flush();
    // Everything but what goes to 3.
    for (;;) {
      const at = ensemble.network.findIndex(({ to }) => to !== 3);
      if (at < 0) break;
      ensemble.deliver(at);
    }
    expect(writer.take()).toEqual(["1 create /a @1:1"]);
    const late = ensemble.network.splice(0);
    expect(reader.send(ask.exists("/a"))).toEqual([]);
    ensemble.network.push(...late);
    ensemble.settle();
    expect(reader.take()).toEqual(["1 exists /a @1:1"]);
  });

  test("[EN11] sync at a learner waits for what was proposed before it", () => {
    const ensemble = new EnsembleHarness();
    ensemble.elect(1);
    const [writer, reader] = [ensemble.open(1), ensemble.open(3)];
    writer.post(ask.create("/a"));
    ensemble.member(1).flush();
    reader.post(ask.sync);
    reader.post(ask.exists("/a"));
    ensemble.settle();
    expect(reader.take()).toEqual(["1 sync / @1:1", "2 exists /a @1:1"]);
  });

  test("[EN12] a read ahead of a write does not see it, though its round is answered later", () => {
    const ensemble = new EnsembleHarness();
    ensemble.elect(1);
    const client = ensemble.open(1, { consistency: "linearizable" });
    client.post(ask.exists("/a"));
    ensemble.member(1).flush();
    ensemble.network.length = 0;
    client.post(ask.create("/a"));
    ensemble.settle();
    expect(client.take()).toEqual(["1 NONODE @0:0", "2 create /a @1:1"]);
  });

  test("[EN13] a local read asks nobody", () => {
    const ensemble = new EnsembleHarness();
    ensemble.elect(1);
    ensemble.cut.add(1).add(3);
    expect(ensemble.open(2).send(ask.exists("/"))).toEqual(["1 exists / @0:0"]);
    const client = ensemble.open(2, { consistency: "linearizable" });
    expect(client.send(ask.exists("/"), { consistency: "local" })).toEqual(["1 exists / @0:0"]);
    expect(client.send(ask.exists("/"))).toEqual([]);
  });

  test("[EN13] what a connection is content with outlives a sleep", () => {
    const ensemble = new EnsembleHarness();
    ensemble.elect(1);
    const client = ensemble.openSession(1);
    ensemble.resume(1);
    ensemble.cut.add(2).add(3);
    expect(client.send(ask.exists("/"))).toEqual(["2 exists / @1:1"]);
  });

  test("[EN27] a zxid that is known to the leader is waited for", () => {
    const ensemble = new EnsembleHarness();
    ensemble.elect(1);
    ensemble.open(1).send(ask.create("/a"));
    const minZxid = ensemble.member(1).runner.server.status().zxid;
    const reader = ensemble.open(2);
    expect(reader.send(ask.exists("/a"), { minZxid })).toEqual(["1 exists /a @1:1"]);
    const ahead = { minZxid: minZxid + 1 };
    expect(reader.send(ask.exists("/a"), ahead)).toEqual(["2 OPERATIONTIMEOUT @1:1"]);
    expect(reader.send(ask.create("/b"), ahead)).toEqual(["3 OPERATIONTIMEOUT @1:2"]);
  });
});
