import { describe, expect, test } from "vitest";
import { isFailure } from "../../../../src/core/keeper-error.ts";
import type { ReconfigRequest, Request } from "../../../../src/core/request.ts";
import {
  configurationIn,
  formatConfiguration,
  parseConfiguration,
} from "../../../../src/server/ensemble/configuration-text.ts";
import type { Configuration, Sid } from "../../../../src/zab/configuration.ts";
import { ask } from "../describe-effect.ts";
import { ServerHarness } from "../server-harness.ts";
import { EnsembleHarness, epoch, type MemberClient } from "./ensemble-harness.ts";

const SUPER = [{ scheme: "super", id: "" }];

function reconfig(change: Partial<ReconfigRequest>): Request {
  return {
    op: "reconfig",
    joiningServers: null,
    leavingServers: null,
    newMembers: null,
    curConfigId: -1,
    ...change,
  };
}

function dataOf({ effects }: MemberClient): string {
  const last = effects.findLast(({ type }) => type === "reply");
  if (last?.type !== "reply" || isFailure(last.outcome) || !("data" in last.outcome)) return "";
  return new TextDecoder().decode(last.outcome.data ?? new Uint8Array(0));
}

function start(synced?: readonly Sid[]): { ensemble: EnsembleHarness; admin: MemberClient } {
  const ensemble = new EnsembleHarness(3, synced === undefined ? {} : { synced });
  ensemble.elect(1);
  return { ensemble, admin: ensemble.open(1, { ids: SUPER }) };
}

describe("the text of a configuration", () => {
  const configuration: Configuration = {
    version: epoch(1) + 3,
    members: [
      { sid: 1, type: "participant", region: "weur" },
      { sid: 4, type: "observer" },
    ],
  };
  const text =
    "server.1=weur:2888:3888:participant\nserver.4=any:2888:3888:observer\nversion=100000003";

  test("[RF1] is ZooKeeper's, with regions for hosts", () => {
    expect(formatConfiguration(configuration)).toBe(text);
    expect(parseConfiguration(new TextEncoder().encode(text))).toEqual(configuration);
  });

  test.each([
    "",
    "version=1",
    "server.1=a:1:2:participant",
    "server.0=a:1:2\nversion=1",
    "x\nversion=1",
  ])("[RF1] is not %j", (other) => {
    expect(parseConfiguration(new TextEncoder().encode(other))).toBeUndefined();
  });

  test("[RF1] is there before the first reconfiguration", () => {
    const { ensemble } = start();
    const client = ensemble.open(2);
    client.send(ask.get("/zookeeper/config"));
    expect(dataOf(client)).toContain("server.3=any:2888:3888:participant\nversion=0");
  });
});

describe("reconfig", () => {
  test("[RF2][RF3] lets members join and leave", () => {
    const { ensemble, admin } = start();
    const change = {
      joiningServers: "server.4=apac:2888:3888:observer",
      leavingServers: "3",
      curConfigId: 0,
    };
    expect(admin.send(reconfig(change))).toEqual(["1 reconfig /zookeeper/config @1:1"]);
    expect(dataOf(admin)).toBe(
      "server.1=any:2888:3888:participant\nserver.2=any:2888:3888:participant\n" +
        "server.4=apac:2888:3888:observer\nversion=100000001",
    );
    const [row] = ensemble.member(2).store.log.read(0, 1_000);
    expect(row && configurationIn([row])?.members.map(({ sid }) => sid)).toEqual([1, 2, 4]);
  });

  test("[RF2] names all members at once", () => {
    const { admin } = start();
    const newMembers = "server.1=a:1:2,server.2=b:1:2;2181\nversion=7";
    expect(admin.send(reconfig({ newMembers }))).toEqual(["1 reconfig /zookeeper/config @1:1"]);
    expect(dataOf(admin).split("\n")).toHaveLength(3);
  });

  test("[RF3] of another version is refused", () => {
    const { admin } = start();
    const change = { leavingServers: "3", curConfigId: 5 };
    expect(admin.send(reconfig(change))).toEqual(["1 BADVERSION @1:1"]);
  });

  test("[RF4][RF7] comes alone, and nothing behind it before it is applied", () => {
    const { ensemble, admin } = start();
    const client = ensemble.open(1);
    client.post(ask.create("/a"));
    admin.post(reconfig({ leavingServers: "3" }));
    admin.post(reconfig({ leavingServers: "2" }));
    client.post(ask.create("/b"));
    ensemble.settle();
    expect(admin.take()).toEqual([
      "1 reconfig /zookeeper/config @1:2",
      "2 RECONFIGINPROGRESS @1:3",
    ]);
    expect(client.take()).toEqual(["1 create /a @1:1", "2 create /b @1:4"]);
    const batches = ensemble.member(3).store.log.read(0, 100_000);
    expect(batches.map(({ lastZxid }) => lastZxid - epoch(1))).toEqual([1, 2, 4]);
    expect(batches.map((row) => configurationIn([row]) !== undefined)).toEqual([
      false,
      true,
      false,
    ]);
  });

  test.each([
    { joiningServers: "server.x=a:1:2" },
    { joiningServers: "server.4=a:1:2,server.4=b:1:2" },
    { joiningServers: "server.256=a:1:2" },
    { leavingServers: "two" },
    { leavingServers: "1,2,3" },
    { newMembers: "server.1=a:1:2:observer" },
    { newMembers: "server.1=a:1:2", leavingServers: "2" },
    {},
  ])("[RF5] refuses %j", (change) => {
    const { admin } = start();
    expect(admin.send(reconfig(change))).toEqual(["1 BADARGUMENTS @1:1"]);
  });

  test("[RF6] needs a majority of the new participants in sync", () => {
    const { admin } = start([2]);
    const more = "server.4=a:1:2,server.5=a:1:2";
    expect(admin.send(reconfig({ joiningServers: more }))).toEqual(["1 NEWCONFIGNOQUORUM @1:1"]);
    expect(admin.send(reconfig({ leavingServers: "3" }))).toHaveLength(1);
    expect(dataOf(admin)).not.toBe("");
  });

  test("[RF11] lets the new members catch up, so that it succeeds when it is asked again", () => {
    const synced = [2];
    const { ensemble, admin } = start(synced);
    const change = reconfig({ joiningServers: "server.4=apac:1:2,server.5=a:1:2" });
    expect(admin.send(change)).toEqual(["1 NEWCONFIGNOQUORUM @1:1"]);
    expect(ensemble.member(1).peer.admitted).toEqual([4, 5]);
    synced.push(4);
    expect(admin.send(change)).toEqual(["2 reconfig /zookeeper/config @1:2"]);
  });

  test("[RF11] lets nobody in for whom the client may not reconfigure", () => {
    const { ensemble } = start([2]);
    const change = reconfig({ joiningServers: "server.4=apac:1:2,server.5=a:1:2" });
    expect(ensemble.open(2).send(change)).toEqual(["1 NEWCONFIGNOQUORUM @1:1"]);
    expect(ensemble.member(1).peer.admitted).toEqual([]);
  });

  test.each([1, 2])("[RF12] is answered once more under its key, at member %i", (sid) => {
    const { ensemble } = start();
    const admin = ensemble.open(sid, { ids: SUPER });
    const change = reconfig({ leavingServers: "3" });
    const key = { idempotencyKey: "k" };
    expect(admin.send(change, key)).toEqual(["1 reconfig /zookeeper/config @1:1"]);
    const first = dataOf(admin);
    expect(admin.send(change, key)).toEqual(["2 reconfig /zookeeper/config @1:1 replayed"]);
    expect(dataOf(admin)).toBe(first);
  });

  test("[RF12] its key is not that of another write", () => {
    const { admin } = start();
    admin.send(ask.create("/a"), { idempotencyKey: "k" });
    expect(admin.send(reconfig({ leavingServers: "3" }), { idempotencyKey: "k" })).toEqual([
      "2 BADARGUMENTS @1:1 replayed",
    ]);
  });

  test("[RF8] asks for the right to write last", () => {
    const { ensemble } = start();
    const client = ensemble.open(2);
    expect(client.send(reconfig({ leavingServers: "x" }))).toEqual(["1 BADARGUMENTS @1:1"]);
    expect(client.send(reconfig({ leavingServers: "3" }))).toEqual(["2 NOAUTH @1:2"]);
  });

  test("[RF9] is the only way to write the configuration", () => {
    const { admin } = start();
    const write = ask.set("/zookeeper/config", "mine");
    expect(admin.send(write)).toEqual(["1 BADARGUMENTS @1:1"]);
    expect(admin.send({ op: "multi", ops: [write] })).toEqual(["2 BADARGUMENTS @1:2"]);
  });

  test("[RF10] fires the watches of the configuration, through any member", () => {
    const { ensemble } = start();
    const watcher = ensemble.open(3);
    watcher.send(ask.get("/zookeeper/config", true));
    watcher.take();
    const admin = ensemble.open(2, { ids: SUPER });
    expect(admin.send(reconfig({ leavingServers: "1" }))).toEqual([
      "1 reconfig /zookeeper/config @1:1",
    ]);
    expect(watcher.take()).toEqual(["NodeDataChanged /zookeeper/config @1:1"]);
  });

  test("[JU15] is disabled for a server that stands alone", () => {
    const harness = new ServerHarness();
    const client = harness.open({ ids: SUPER });
    client.send(reconfig({ leavingServers: "1" }));
    expect(client.take()).toEqual(["1 RECONFIGDISABLED @1"]);
  });
});
