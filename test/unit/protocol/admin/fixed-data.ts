import type { AdminConnection, AdminData } from "../../../../src/core/admin-data.ts";

/**
 * What Apache ZooKeeper 3.8.0 was when it gave the answers that the tests compare with, but for
 * session ids, which it makes longer than a JavaScript number is exact.
 */
export const ONE: AdminConnection = {
  address: "127.0.0.1",
  port: 33_686,
  outstandingRequests: 0,
  packetsReceived: 5,
  packetsSent: 5,
  sessionId: 0x43b4130001,
  sessionTimeoutMs: 10_000,
  establishedMs: 1_795_324_058_905,
  lastOp: "getData",
  lastCxid: 4,
  lastZxid: 6,
  lastResponseMs: 4_477_431,
  lastLatencyMs: 1,
  latency: { minMs: 0, avgMs: 2.4, maxMs: 7 },
};

export const OTHER: AdminConnection = {
  ...ONE,
  port: 33_682,
  packetsReceived: 6,
  packetsSent: 6,
  sessionId: 0x43b4130000,
  sessionTimeoutMs: 30_000,
  establishedMs: 1_795_324_058_805,
  lastOp: "getChildren2",
  lastCxid: 5,
  lastResponseMs: 4_477_426,
  latency: { minMs: 0, avgMs: 18.8, maxMs: 86 },
};

/** Without a session, and not asked anything yet. */
export const IDLE: AdminConnection = {
  ...ONE,
  port: 33_692,
  packetsReceived: 0,
  packetsSent: 0,
  sessionId: 0,
  sessionTimeoutMs: 0,
  establishedMs: 1_795_324_058_957,
  lastOp: undefined,
  lastCxid: -1,
  lastZxid: -1,
  lastResponseMs: 0,
  lastLatencyMs: 0,
  latency: { minMs: 0, avgMs: 0, maxMs: 0 },
};

export const DATA: AdminData = {
  nowMs: 1_795_324_060_541,
  startedMs: 1_795_324_018_027,
  zxid: 6,
  checkpointZxid: 0x1f,
  checkpointMs: 1_795_324_018_999,
  znodes: 8,
  ephemerals: 3,
  sessions: 2,
  connections: 3,
  watches: 5,
  watchSummary: { connections: 2, paths: 3, watches: 4 },
  outstandingRequests: 0,
  packetsReceived: 32,
  packetsSent: 33,
  latency: { minMs: 0, avgMs: 120 / 11, maxMs: 86 },
  dirtyNodes: 0,
  dirtyBytes: 0,
  cacheBytes: 0,
  databaseBytes: 67_109_337,
  counters: { authsFailed: 2, sessionsExpired: 1 },
  connectionList: [IDLE, ONE, OTHER],
  sessionList: [
    { id: 0x43b4130001, deadlineMs: 1_795_324_069_000, ephemerals: ["/a/f"] },
    { id: 0x43b4130000, deadlineMs: 1_795_324_089_000, ephemerals: ["/a/e", "/a/g"] },
  ],
  watchList: [
    { path: "/a", sessions: [0x43b4130001, 0x43b4130000] },
    { path: "/a/e", sessions: [0x43b4130001] },
    { path: "/nope", sessions: [0x43b4130001] },
  ],
};

/** Nobody is there, nothing happened. */
export const FRESH: AdminData = {
  ...DATA,
  zxid: 0,
  znodes: 4,
  connections: 0,
  watchSummary: { connections: 0, paths: 0, watches: 0 },
  latency: { minMs: 0, avgMs: 0, maxMs: 0 },
  checkpointMs: undefined,
  counters: {},
  connectionList: [],
  sessionList: [],
  watchList: [],
};
