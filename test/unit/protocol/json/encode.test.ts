import { expect, test } from "vitest";
import { OPEN_ACL_UNSAFE, Perms } from "../../../../src/core/acl.ts";
import { Code, type Failure } from "../../../../src/core/keeper-error.ts";
import type { Reply } from "../../../../src/core/request.ts";
import type { Stat } from "../../../../src/core/stat.ts";
import {
  closeCodeOf,
  encodeConnected,
  encodeEvent,
  encodeReply,
  encodeReplyBody,
  joinMessages,
} from "../../../../src/protocol/json/encode.ts";
import {
  type ConnectedJson,
  type EventJson,
  NO_XID,
  type ReplyJson,
  type StatJson,
} from "../../../../src/protocol/json/messages.ts";

const STAT: Stat = {
  czxid: 0x1f,
  mzxid: 0x20,
  ctime: 1_700_000_000_000,
  mtime: 1_700_000_000_001,
  version: 1,
  cversion: 2,
  aversion: 3,
  ephemeralOwner: 0x5b1e,
  dataLength: 4,
  numChildren: 5,
  pzxid: 0x21,
};

const STAT_JSON: StatJson = {
  czxid: "0x1f",
  mzxid: "0x20",
  pzxid: "0x21",
  ctime: 1_700_000_000_000,
  mtime: 1_700_000_000_001,
  version: 1,
  cversion: 2,
  aversion: 3,
  ephemeralOwner: "5b1e",
  dataLength: 4,
  numChildren: 5,
};

/** A path that JSON must escape. */
const PATH = '/a"\n\u0001';

function reply(outcome: Reply | Failure): ReplyJson {
  return JSON.parse(encodeReply(1, 0x22, outcome, false)) as ReplyJson;
}

const WITH_STAT = { path: PATH, stat: STAT };
const HEADER = { id: 1, zxid: "0x22" };
const ZNODE_JSON = { path: PATH, stat: STAT_JSON };

test.each<[Reply, ReplyJson]>([
  [{ op: "create", ...WITH_STAT }, ZNODE_JSON],
  [{ op: "exists", ...WITH_STAT }, ZNODE_JSON],
  [{ op: "setACL", ...WITH_STAT }, ZNODE_JSON],
  [{ op: "setData", ...WITH_STAT, created: false }, ZNODE_JSON],
  [
    { op: "setData", ...WITH_STAT, created: true },
    { ...ZNODE_JSON, created: true },
  ],
  [{ op: "delete", path: PATH }, { path: PATH }],
  [{ op: "check", path: PATH }, { path: PATH }],
  [{ op: "sync", path: PATH }, { path: PATH }],
  [
    { op: "getData", ...WITH_STAT, data: Uint8Array.of(0x78) },
    { ...ZNODE_JSON, data: "x" },
  ],
  [
    { op: "getACL", ...WITH_STAT, acl: [{ perms: Perms.READ, id: { scheme: "ip", id: PATH } }] },
    { ...ZNODE_JSON, acl: [{ scheme: "ip", id: PATH, perms: "r" }] },
  ],
  [{ op: "getEphemerals", paths: [PATH] }, { paths: [PATH] }],
  [{ op: "getAllChildrenNumber", totalNumber: 3 }, { totalNumber: 3 }],
  [{ op: "whoAmI", ids: [{ scheme: "ip", id: "::1" }] }, { ids: [{ scheme: "ip", id: "::1" }] }],
  [{ op: "auth" }, {}],
  [{ op: "ping" }, {}],
  [{ op: "addWatch" }, {}],
  [{ op: "removeWatches" }, {}],
  [{ op: "checkWatches" }, {}],
  [{ op: "setWatches" }, {}],
  [{ op: "closeSession" }, {}],
])("[JS13] %j is answered with id, zxid and its fields", (outcome, fields) => {
  expect(reply(outcome)).toEqual({ ...HEADER, ...fields });
});

test("[JS13] a page of children says whether names follow", () => {
  const children = [{ name: "b" }, { name: 'c"' }];

  expect(reply({ op: "getChildren", ...WITH_STAT, children, more: true })).toEqual({
    ...HEADER,
    ...ZNODE_JSON,
    children: ["b", 'c"'],
    more: true,
  });
  expect(reply({ op: "getChildren", ...WITH_STAT, children, more: false })).not.toHaveProperty(
    "more",
  );
});

test("[JS13] a child that may not be read is a name without an entry", () => {
  const children = [
    { name: "a", stat: STAT, data: null },
    { name: "b" },
    { name: "c", stat: STAT },
  ];

  expect(reply({ op: "getChildren", ...WITH_STAT, children, more: false })).toMatchObject({
    children: ["a", "b", "c"],
    entries: [
      { name: "a", stat: STAT_JSON, data: null },
      { name: "c", stat: STAT_JSON },
    ],
  });
});

test("[JS13] parts of a multi are answered in order, each with its op", () => {
  const results = [
    { op: "create" as const, ...WITH_STAT },
    { op: "setData" as const, ...WITH_STAT },
    { op: "delete" as const, path: "/b" },
    { op: "check" as const, path: "/c" },
  ];

  expect(reply({ op: "multi", results })).toEqual({
    ...HEADER,
    results: [
      { op: "create", ...ZNODE_JSON },
      { op: "setData", ...ZNODE_JSON },
      { op: "delete", path: "/b" },
      { op: "check", path: "/c" },
    ],
  });
  expect(reply({ op: "multi", results: [] })).toEqual({ ...HEADER, results: [] });
});

test("[JS13] a part of a multiRead fails alone", () => {
  const results = [
    { op: "getData" as const, ...WITH_STAT, data: null },
    { op: "error" as const, code: Code.NOAUTH },
  ];

  expect(reply({ op: "multiRead", results })).toEqual({
    ...HEADER,
    results: [
      { op: "getData", ...ZNODE_JSON, data: null },
      { op: "error", error: { code: "NOAUTH", number: -102 } },
    ],
  });
});

test("[JS13] an error has ZooKeeper's name and number and all that is known", () => {
  const details = { path: PATH, expected: 7, seen: "9" };

  expect(reply({ code: Code.BADVERSION, message: 'a "b"', ...details })).toEqual({
    ...HEADER,
    error: { code: "BADVERSION", number: -103, message: 'a "b"', ...details },
  });
  expect(reply({ code: Code.NONODE, message: "m" }).error).toEqual({
    code: "NONODE",
    number: -101,
    message: "m",
  });
});

test("[JS13] an answer given before says so", () => {
  expect(encodeReply(1, 5, { op: "ping" }, true)).toBe('{"id":1,"zxid":"0x5","replayed":true}');
});

test("[JS3][JS13] what could not be read is answered without id and zxid", () => {
  const failed = { code: Code.MARSHALLINGERROR, message: "m" };

  expect(JSON.parse(encodeReply(NO_XID, undefined, failed, false))).toEqual({
    error: { code: "MARSHALLINGERROR", number: -5, message: "m" },
  });
  expect(encodeReply(NO_XID, undefined, { op: "ping" }, false)).toBe("{}");
});

test("[JS13] the body of an HTTP answer is the same without id and zxid", () => {
  expect(JSON.parse(encodeReplyBody({ op: "create", ...WITH_STAT }))).toEqual(ZNODE_JSON);
  expect(encodeReplyBody({ op: "ping" })).toBe("{}");
});

test("[JS14] the failure of a multi names its part", () => {
  const failed = { code: Code.NONODE, message: "m", path: "/b", failedAt: 2 };

  expect(reply(failed).error).toEqual({
    code: "NONODE",
    number: -101,
    message: "m",
    path: "/b",
    index: 2,
  });
});

test("[JS14] ZooKeeper's list of codes becomes one error", () => {
  const error = (code: Code) => ({ op: "error" as const, code });
  const results = [error(Code.OK), error(Code.NODEEXISTS), error(Code.RUNTIMEINCONSISTENCY)];

  expect(reply({ op: "multi", results })).toMatchObject({
    error: { code: "NODEEXISTS", number: -110, index: 1 },
  });
  expect(reply({ op: "multi", results })).not.toHaveProperty("results");
});

test.each([
  [Uint8Array.of(), { data: "" }],
  [null, { data: null }],
  [Buffer.from("héllo 🎉"), { data: "héllo 🎉" }],
  [Uint8Array.of(0xef, 0xbb, 0xbf, 0x78), { data: "\ufeffx" }],
  [Uint8Array.of(0), { data: "\0" }],
  [Uint8Array.of(0xff), { data: "/w==", encoding: "base64" }],
  [Uint8Array.of(0xed, 0xa0, 0x80), { data: "7aCA", encoding: "base64" }],
  [Uint8Array.of(0xc0, 0x80), { data: "wIA=", encoding: "base64" }],
])("[JS7] the bytes %j are %j", (data, fields) => {
  const answer = reply({ op: "getData", ...WITH_STAT, data });
  expect(answer).toEqual({ ...HEADER, ...ZNODE_JSON, ...fields });
});

test("[JS13] connect is answered with the token of the session", () => {
  const password = Uint8Array.from({ length: 16 }, (_, i) => i);
  const session = { id: 0x5b1e, password, timeoutMs: 9_000, member: 0 };
  const connected: ConnectedJson = {
    id: 3,
    zxid: "0x7",
    connected: 1,
    session: "5b1e.AAECAwQFBgcICQoLDA0ODw",
    sessionId: "5b1e",
    timeout: 9_000,
  };

  expect(JSON.parse(encodeConnected(3, 7, session))).toEqual(connected);
  expect(encodeConnected(NO_XID, 7, undefined)).toBe('{"zxid":"0x7","connected":1}');
  expect(JSON.parse(encodeConnected(3, 7, { code: Code.SESSIONEXPIRED, message: "m" }))).toEqual({
    id: 3,
    zxid: "0x7",
    error: { code: "SESSIONEXPIRED", number: -112, message: "m" },
  });
});

test.each([
  [1, "NodeCreated"],
  [2, "NodeDeleted"],
  [3, "NodeDataChanged"],
  [4, "NodeChildrenChanged"],
] as const)("[JS15] the event %d is %s", (type, event) => {
  const expected: EventJson = { event, path: PATH, zxid: "0x22" };

  expect(JSON.parse(encodeEvent({ type, path: PATH, zxid: 0x22 }))).toEqual(expected);
});

test("[JS15] an event that setWatches made up has no zxid", () => {
  expect(encodeEvent({ type: 1, path: "/a", zxid: -1 })).toBe(
    '{"event":"NodeCreated","path":"/a"}',
  );
});

test("[JS16] one part is an object, several are a list in their order", () => {
  expect(joinMessages(['{"id":1}'])).toBe('{"id":1}');
  expect(joinMessages(['{"id":2}', '{"id":1}'])).toBe('[{"id":2},{"id":1}]');
});

test("[JS17] every code has a close code of its own in the range of applications", () => {
  const closeCodes = Object.values(Code).map(closeCodeOf);

  expect(new Set(closeCodes).size).toBe(closeCodes.length);
  for (const code of closeCodes) expect(code >= 4000 && code <= 4999).toBe(true);
  expect(closeCodeOf(Code.SESSIONEXPIRED)).toBe(4112);
});

test("[JS13] the open ACL has every letter", () => {
  expect(reply({ op: "getACL", ...WITH_STAT, acl: OPEN_ACL_UNSAFE }).acl).toEqual([
    { scheme: "world", id: "anyone", perms: "cdrwa" },
  ]);
});
