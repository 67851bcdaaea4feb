import { describe, expect, it } from "vitest";
import type { AdminConnection, AdminDetail } from "../../../src/core/admin-data.ts";
import type { ServerAdminData } from "../../../src/server/admin.ts";
import { ask } from "./describe-effect.ts";
import { ServerHarness, START_MS, type TestClient } from "./server-harness.ts";

const ALL: readonly AdminDetail[] = ["connections", "sessions", "watches"];

function adminOf(harness: ServerHarness): ServerAdminData {
  return harness.server.admin(ALL);
}

/** What is listed of a client's connection. */
function listed(harness: ServerHarness, client: TestClient): AdminConnection {
  const { session } = client;
  const found = adminOf(harness).connectionList.find(({ sessionId }) => sessionId === session.id);
  if (found === undefined) throw new Error("the connection is not listed");
  return found;
}

describe("statistics of the server", () => {
  it("[FL14] count requests, answers and events", () => {
    const harness = new ServerHarness();
    const client = harness.openSession();
    client.send({ op: "exists", path: "/a", watch: true });
    client.send(ask.create("/a"));
    expect(adminOf(harness)).toMatchObject({ packetsReceived: 3, packetsSent: 4 });
  });

  it("[FL14] count latencies from arrival to answer", () => {
    const harness = new ServerHarness({ isImmediate: false });
    const client = harness.open();
    client.connect();
    harness.nowMs += 30;
    harness.commit();
    client.send({ op: "ping" });
    client.send(ask.create("/a"));
    harness.nowMs += 6;
    harness.commit();
    const { latency } = adminOf(harness);
    expect(latency).toEqual({ minMs: 0, avgMs: 12, maxMs: 30 });
  });

  it("[FL14] count outstanding requests, sessions, znodes and ephemerals", () => {
    const harness = new ServerHarness({ isImmediate: false });
    const client = harness.open();
    client.connect();
    client.send(ask.ephemeral("/e"));
    harness.commit();
    client.send(ask.create("/a"));
    expect(adminOf(harness)).toMatchObject({
      zxid: 2,
      sessions: 1,
      connections: 1,
      znodes: 5,
      ephemerals: 1,
      outstandingRequests: 1,
    });
  });

  it("[FL14] count failed authentications, and auth as a packet only", () => {
    const harness = new ServerHarness();
    const client = harness.openSession();
    client.send({ op: "auth", scheme: "nope", auth: new Uint8Array(0) });
    const { counters, packetsReceived, packetsSent, connections } = adminOf(harness);
    expect(counters["authsFailed"]).toBe(1);
    expect([packetsReceived, packetsSent, connections]).toEqual([2, 2, 0]);
  });

  it("[FL12] srst starts those of the server anew, and leaves those of connections", () => {
    const harness = new ServerHarness();
    const client = harness.openSession();
    client.send({ op: "ping" });
    harness.server.resetStatistics("server");
    expect(adminOf(harness)).toMatchObject({
      packetsReceived: 0,
      packetsSent: 0,
      latency: { minMs: 0, avgMs: 0, maxMs: 0 },
    });
    expect(listed(harness, client).packetsReceived).toBe(2);
  });

  it("[FL16] start with each instance, as its uptime does", () => {
    const harness = new ServerHarness();
    harness.openSession();
    harness.restart({ sockets: true, afterMs: 1_000 });
    expect(adminOf(harness)).toMatchObject({ packetsReceived: 0, startedMs: START_MS + 1_000 });
  });

  it("[FL16] tell the last checkpoint of this instance", () => {
    const harness = new ServerHarness();
    harness.openSession();
    expect(adminOf(harness)).toMatchObject({ checkpointZxid: 0, checkpointMs: undefined });
    harness.server.checkpoint(START_MS + 5);
    expect(adminOf(harness)).toMatchObject({ checkpointZxid: 1, checkpointMs: START_MS + 5 });
    harness.restart({ sockets: true });
    expect(adminOf(harness)).toMatchObject({ checkpointZxid: 1, checkpointMs: undefined });
  });
});

describe("statistics of a connection", () => {
  it("[FL15] tell its session, its traffic and its last request", () => {
    const harness = new ServerHarness();
    const client = harness.openSession();
    harness.nowMs += 100;
    client.send({ op: "getData", path: "/", watch: false });
    expect(listed(harness, client)).toEqual({
      address: "192.0.2.1",
      port: 0,
      outstandingRequests: 0,
      packetsReceived: 2,
      packetsSent: 2,
      sessionId: client.session.id,
      sessionTimeoutMs: 10_000,
      establishedMs: START_MS,
      lastOp: "getData",
      lastCxid: 2,
      lastZxid: 1,
      lastResponseMs: START_MS + 100,
      lastLatencyMs: 0,
      latency: { minMs: 0, avgMs: 0, maxMs: 0 },
    });
  });

  it("[FL15] keep the last xid that is not the client's own", () => {
    const harness = new ServerHarness();
    const client = harness.openSession();
    client.send({ op: "sync", path: "/" });
    harness.run({ type: "request", connection: client.id, xid: -2, request: { op: "ping" } });
    expect(listed(harness, client)).toMatchObject({ lastOp: "ping", lastCxid: 2 });
  });

  it("[FL15] have a failed request as their last one, too", () => {
    const harness = new ServerHarness();
    const client = harness.openSession();
    client.send({ op: "getData", path: "/nope", watch: false });
    expect(listed(harness, client)).toMatchObject({ lastOp: "getData", packetsSent: 2 });
  });

  it("[FL15] count an event as sent", () => {
    const harness = new ServerHarness();
    const client = harness.openSession();
    client.send({ op: "exists", path: "/a", watch: true });
    harness.openSession().send(ask.create("/a"));
    expect(listed(harness, client)).toMatchObject({ packetsReceived: 2, packetsSent: 3 });
  });

  it("[FL12] crst starts those of connections anew, and leaves those of the server", () => {
    const harness = new ServerHarness();
    const client = harness.openSession();
    harness.server.resetStatistics("connections");
    expect(listed(harness, client)).toMatchObject({
      packetsReceived: 0,
      packetsSent: 0,
      establishedMs: START_MS,
      lastOp: undefined,
      lastCxid: -1,
      lastZxid: -1,
      lastResponseMs: 0,
    });
    expect(adminOf(harness).packetsReceived).toBe(1);
  });

  it("[FL16] outlive hibernation as to when it was accepted and from where", () => {
    const harness = new ServerHarness();
    const identity = { role: "write", ids: [], port: 4_711 } as const;
    harness.run({ type: "opened", connection: 99, identity });
    const bounds = { minMs: 4_000, maxMs: 40_000 };
    const asked = { timeoutMs: 10_000, bounds, mode: "bind", lastZxidSeen: 0 } as const;
    harness.run({ type: "connect", connection: 99, xid: 0, ask: asked });
    harness.restart({ sockets: true, afterMs: 1_000 });
    const [connection] = adminOf(harness).connectionList;
    expect(connection).toMatchObject({ port: 4_711, establishedMs: START_MS, packetsReceived: 0 });
  });
});

describe("lists", () => {
  it("[FL17] have sessions in order of their deadlines, with their ephemerals", () => {
    const harness = new ServerHarness();
    const [slow, fast] = [harness.openSession(20_000), harness.openSession(4_000)];
    slow.send(ask.ephemeral("/s"));
    slow.send(ask.ephemeral("/e"));
    expect(adminOf(harness).sessionList).toEqual([
      { id: fast.session.id, deadlineMs: START_MS + 6_000, ephemerals: [] },
      { id: slow.session.id, deadlineMs: START_MS + 22_000, ephemerals: ["/e", "/s"] },
    ]);
  });

  it("[FL17] know of heartbeats that nobody was woken for, and keep nobody alive", () => {
    const harness = new ServerHarness();
    const client = harness.openSession(4_000);
    harness.lastSeen.set(client.id, START_MS + 2_000);
    expect(adminOf(harness).sessionList[0]?.deadlineMs).toBe(START_MS + 8_000);
    expect(listed(harness, client).packetsReceived).toBe(1);
    harness.nowMs += 7_000;
    adminOf(harness);
    harness.advance(1_000);
    expect(adminOf(harness).sessions).toBe(0);
  });

  it("[FL11] have data watches by path, a session once, 0 for connections without one", () => {
    const harness = new ServerHarness();
    const client = harness.openSession();
    client.send({ op: "getData", path: "/", watch: true });
    client.send({ op: "addWatch", path: "/", mode: 1 });
    client.send({ op: "getChildren", path: "/zookeeper", watch: true });
    for (let count = 0; count < 2; count += 1) {
      harness.open().send({ op: "exists", path: "/x", watch: true });
    }
    const { watchList, watchSummary, watches } = adminOf(harness);
    expect(watchList).toEqual([
      { path: "/", sessions: [client.session.id] },
      { path: "/x", sessions: [0] },
    ]);
    expect(watchSummary).toEqual({ connections: 3, paths: 2, watches: 3 });
    expect(watches).toBe(4);
  });

  it("[FL11] have the watches of hibernated connections", () => {
    const harness = new ServerHarness();
    const client = harness.openSession();
    client.send({ op: "exists", path: "/a", watch: true });
    harness.restart({ sockets: true });
    expect(adminOf(harness).watchList).toEqual([{ path: "/a", sessions: [client.session.id] }]);
  });

  it("[FL24] are empty unless they are asked for", () => {
    const harness = new ServerHarness();
    const client = harness.openSession();
    client.send({ op: "exists", path: "/a", watch: true });
    const { connectionList, sessionList, watchList } = harness.server.admin([]);
    expect([connectionList, sessionList, watchList]).toEqual([[], [], []]);
  });
});
