import { describe, expect, test } from "vitest";
import { isFailure } from "../../../../src/core/keeper-error.ts";
import type { Session } from "../../../../src/core/session.ts";
import { ask } from "../describe-effect.ts";
import { EnsembleHarness, type MemberClient } from "./ensemble-harness.ts";

/** Three members with `/a`, of which none leads any more, for `ms`. */
function lost(ms = 2_000): EnsembleHarness {
  const ensemble = new EnsembleHarness();
  ensemble.elect(1);
  ensemble.open(1).send(ask.create("/a"));
  for (const { peer } of ensemble.members.values()) peer.become({ type: "looking" });
  ensemble.settle();
  ensemble.nowMs += ms;
  return ensemble;
}

function openReadOnly(ensemble: EnsembleHarness, sid = 2): MemberClient {
  const client = ensemble.open(sid);
  client.connect({ canBeReadOnly: true });
  client.take();
  return client;
}

function isReadOnly({ effects }: MemberClient): boolean | undefined {
  const found = effects.find(({ type }) => type === "connected");
  if (found?.type !== "connected" || isFailure(found.outcome)) return undefined;
  return found.outcome.isReadOnly ?? false;
}

describe("read-only mode", () => {
  test("[EN31] serves a client that accepts it, and says so", () => {
    const ensemble = lost();
    const client = ensemble.open(2);
    client.connect({ canBeReadOnly: true });
    expect(client.take()).toEqual(["1 connected @1:1"]);
    expect(isReadOnly(client)).toBe(true);
    expect(client.send(ask.get("/a"))).toEqual(["2 getData  @1:1"]);
    expect(client.send(ask.exists("/b", true))).toEqual(["3 NONODE @1:1"]);
    expect(client.send(ask.ping)).toEqual(["4 ping @1:1"]);
    expect(ensemble.member(2).peer.leaderNeeds).toBe(1);
  });

  test("[EN31] reads of such a client wait for no leader, whatever its connection wants", () => {
    const client = lost().open(2, { consistency: "linearizable" });
    client.connect({ canBeReadOnly: true });
    client.take();
    expect(client.send(ask.get("/a"))).toEqual(["2 getData  @1:1"]);
  });

  test("[EN31] begins a tick behind the loss of the leader", () => {
    const ensemble = lost(1_999);
    const early = ensemble.open(2);
    early.connect({ canBeReadOnly: true });
    expect(early.take()).toEqual(["1 CONNECTIONLOSS @1:1", "close CONNECTIONLOSS"]);
    ensemble.nowMs += 1;
    expect(isReadOnly(openReadOnly(ensemble))).toBe(true);
  });

  test("[EN31] refuses a client that does not accept it", () => {
    const client = lost().open(2);
    client.connect();
    expect(client.take()).toEqual(["1 CONNECTIONLOSS @1:1", "close CONNECTIONLOSS"]);
  });

  test("[EN31] a client that accepts it is served in full where there is a leader", () => {
    const ensemble = lost();
    ensemble.elect(1);
    const client = ensemble.open(2);
    client.connect({ canBeReadOnly: true });
    ensemble.settle();
    expect(isReadOnly(client)).toBe(false);
  });

  test.each([
    ask.create("/b"),
    ask.set("/a", "x"),
    ask.delete("/a"),
    { op: "multi", ops: [] } as const,
    { op: "sync", path: "/" } as const,
    { op: "setACL", path: "/a", acl: [], version: -1 } as const,
    {
      op: "reconfig",
      joiningServers: null,
      leavingServers: "3",
      newMembers: null,
      curConfigId: -1,
    } as const,
  ])("[EN32] $op is NOTREADONLY, and the connection stays", (request) => {
    const client = openReadOnly(lost());
    expect(client.send(request)).toEqual(["2 NOTREADONLY @1:1"]);
    expect(client.send(ask.get("/a"))).toEqual(["3 getData  @1:1"]);
  });

  test("[EN33] a session of read-only mode is resumed at its member and nowhere else", () => {
    const ensemble = lost();
    const former = openReadOnly(ensemble);
    expect(ensemble.open(2).resume(former, { canBeReadOnly: true })).toEqual(["1 connected @1:1"]);
    expect(former.take()).toEqual(["close SESSIONMOVED"]);
    expect(ensemble.open(3).resume(former, { canBeReadOnly: true })).toEqual([
      "1 CONNECTIONLOSS @1:1",
      "close CONNECTIONLOSS",
    ]);
  });

  test("[EN33] a session of the ensemble is not resumed, and lives on", () => {
    const ensemble = new EnsembleHarness();
    ensemble.elect(1);
    const client = ensemble.openSession(2);
    for (const { peer } of ensemble.members.values()) peer.become({ type: "looking" });
    ensemble.settle();
    ensemble.nowMs += 2_000;
    const back = ensemble.open(2);
    expect(back.resume(client, { canBeReadOnly: true })).toEqual([
      "1 CONNECTIONLOSS @1:1",
      "close CONNECTIONLOSS",
    ]);
    ensemble.elect(1);
    expect(ensemble.open(3).resume(client)).toEqual(["1 connected @1:1"]);
  });

  test("[EN33] closeSession ends it at its member, without a txn", () => {
    const ensemble = lost();
    const client = openReadOnly(ensemble);
    expect(client.send(ask.close)).toEqual(["2 closeSession @1:1", "close OK"]);
    expect(ensemble.open(2).resume(client, { canBeReadOnly: true })).toContain(
      "close CONNECTIONLOSS",
    );
  });

  test("[EN34] ends with a connection loss once there is a leader, which knows no such session", () => {
    const ensemble = lost();
    const client = openReadOnly(ensemble);
    const session: Session = client.session;
    ensemble.elect(1);
    expect(client.take()).toEqual(["close CONNECTIONLOSS"]);
    expect(ensemble.member(2).store.tables.getSession(session.id)).toBeUndefined();
    expect(ensemble.open(2).resume(client, { canBeReadOnly: true })).toEqual([
      "1 SESSIONEXPIRED @1:1",
      "close SESSIONEXPIRED",
    ]);
  });

  test("[EN35] a read that is content with the member's tree needs no session and no leader", () => {
    const ensemble = lost();
    const client = ensemble.open(2, { consistency: "linearizable" });
    expect(client.send(ask.get("/a"), { consistency: "local" })).toEqual(["1 getData  @1:1"]);
    expect(client.send(ask.get("/a"))).toEqual(["2 CONNECTIONLOSS @1:1", "close CONNECTIONLOSS"]);
  });

  test("[EN35] also one that speaks for a session, and shows who it is", () => {
    const ensemble = new EnsembleHarness();
    ensemble.elect(1);
    const { session } = ensemble.openSession(1);
    for (const { peer } of ensemble.members.values()) peer.become({ type: "looking" });
    ensemble.settle();
    ensemble.nowMs += 2_000;
    const call = ensemble.open(2, { consistency: "linearizable" });
    call.post({ op: "auth", scheme: "digest", auth: new TextEncoder().encode("bob:secret") });
    call.connect({ mode: "use", resume: session });
    expect(call.send(ask.get("/"), { consistency: "local" })).toEqual([
      "1 auth @1:1",
      "2 connected @1:1",
      "3 getData  @1:1",
    ]);
  });

  test.each([
    [ask.get("/a"), { consistency: "local", isStrict: true }],
    [ask.create("/b"), {}],
    [ask.ping, { consistency: "local" }],
  ] as const)("[EN35] %j with %j is refused", (request, options) => {
    const client = lost().open(2, { consistency: "local" });
    expect(client.send(request, options)).toContain("close CONNECTIONLOSS");
  });
});
