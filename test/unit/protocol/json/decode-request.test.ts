import { expect, test } from "vitest";
import { OPEN_ACL_UNSAFE, Perms } from "../../../../src/core/acl.ts";
import { Code, isFailure } from "../../../../src/core/keeper-error.ts";
import { LIMITS, type Limits } from "../../../../src/core/limits.ts";
import type { Request } from "../../../../src/core/request.ts";
import { decodeMessage } from "../../../../src/protocol/json/decode-message.ts";
import { decodeMultiBody } from "../../../../src/protocol/json/decode-request.ts";

function decode(fields: object, limits: Partial<Limits> = {}) {
  const [decoded] = decodeMessage(JSON.stringify({ id: 1, ...fields }), { ...LIMITS, ...limits });
  return decoded;
}

function requestOf(fields: object): Request | undefined {
  const decoded = decode(fields);
  return decoded?.kind === "request" ? decoded.request : undefined;
}

const PATH = { path: "/a" };

test("[JS9] create makes an empty, open, persistent znode", () => {
  expect(requestOf({ op: "create", ...PATH })).toEqual({
    op: "create2",
    path: "/a",
    data: new Uint8Array(0),
    acl: OPEN_ACL_UNSAFE,
    flags: 0,
    ttlMs: 0,
  });
});

test.each([
  [{ op: "delete", ...PATH }, { version: -1 }],
  [
    { op: "setData", ...PATH, data: "" },
    { version: -1, data: new Uint8Array(0) },
  ],
  [
    { op: "setACL", ...PATH, acl: [] },
    { version: -1, acl: [] },
  ],
  [{ op: "getData", ...PATH }, { watch: false }],
  [{ op: "getEphemerals" }, { prefixPath: "/" }],
  [
    { op: "setWatches", relativeZxid: "0x0" },
    { dataWatches: [], persistentRecursiveWatches: [] },
  ],
])("[JS9] %j has the defaults %j", (fields, defaults) => {
  expect(requestOf(fields)).toMatchObject(defaults);
});

test("[JS7] null data stays null", () => {
  expect(requestOf({ op: "create", ...PATH, data: null })).toMatchObject({ data: null });
  expect(requestOf({ op: "setData", ...PATH, data: null })).toMatchObject({ data: null });
});

test("[JS10] a TTL mode takes its ttl", () => {
  expect(requestOf({ op: "create", ...PATH, mode: "PERSISTENT_WITH_TTL", ttl: 5 })).toMatchObject({
    op: "createTTL",
    flags: 5,
    ttlMs: 5,
  });
});

test.each([
  [{ mode: "PERSISTENT_WITH_TTL" }, 'field "ttl": expected milliseconds, got nothing'],
  [{ ttl: 5 }, 'field "ttl": expected no ttl with mode PERSISTENT, got 5'],
  [{ mode: "EPHEMERAL", ttl: 0 }, 'field "ttl": expected no ttl with mode EPHEMERAL, got 0'],
  [{ mode: "PERSISTENT_WITH_TTL", ttl: 1.5 }, 'field "ttl": expected a whole number'],
])("[JS10] create with %j is refused", (fields, message) => {
  const failure = { code: Code.BADARGUMENTS, message: expect.stringContaining(message) };
  expect(decode({ op: "create", ...PATH, ...fields })).toMatchObject({ kind: "invalid", failure });
});

test("[JS12] an upsert carries the create that takes the place of the set", () => {
  const upsert = { op: "setData", ...PATH, data: "x", version: 3, upsert: true, mode: "EPHEMERAL" };
  const data = Uint8Array.of(0x78);

  expect(requestOf(upsert)).toEqual({
    op: "setData",
    path: "/a",
    data,
    version: 3,
    orCreate: { op: "create2", path: "/a", data, acl: OPEN_ACL_UNSAFE, flags: 1, ttlMs: 0 },
  });
});

test("[JS12] permissions are letters in any order", () => {
  const acl = [{ scheme: "world", id: "anyone", perms: "wr" }];

  expect(requestOf({ op: "setACL", ...PATH, acl })).toMatchObject({
    acl: [{ perms: Perms.READ | Perms.WRITE, id: { scheme: "world", id: "anyone" } }],
  });
});

const ACL_EXPECTED = 'field "acl": expected a list of {"scheme","id","perms"}';

test.each([
  [{}, 'request: field "op": expected one of connect, create, delete,'],
  [{}, "ping, got nothing"],
  [{ op: 7 }, 'field "op": expected one of connect,'],
  [{ op: "Create" }, 'got "Create"'],
  [{ op: "reap", ...PATH }, 'got "reap"'],
  [{ op: "constructor" }, 'got "constructor"'],
  [{ op: "x".repeat(99) }, "… (99 characters)"],
  [{ op: "getData" }, 'getData: field "path": expected text, got nothing'],
  [{ op: "getData", path: 7 }, 'getData: field "path": expected text, got a number'],
  [{ op: "getData", path: null }, 'getData: field "path": expected text, got null'],
  [
    { op: "getData", path: "/\ud83d" },
    'field "path": expected text, got text with half a surrogate pair',
  ],
  [
    { op: "getData", ...PATH, watch: "yes" },
    'getData: field "watch": expected true or false, got text',
  ],
  [{ op: "getData", ...PATH, watch: 1 }, "expected true or false, got a number"],
  [
    { op: "getData", ...PATH, wacth: true },
    'getData: unknown field "wacth": expected one of id, op, path, watch,',
  ],
  [{ op: "delete", ...PATH, version: "7" }, 'field "version": expected a number, got text'],
  [{ op: "delete", ...PATH, recursive: "all" }, 'field "recursive": expected true or false'],
  [{ op: "setData", ...PATH }, 'setData: field "data": expected text or null, got nothing'],
  [{ op: "setData", ...PATH, data: 7 }, 'field "data": expected text or null, got a number'],
  [{ op: "setData", ...PATH, data: "", mode: "EPHEMERAL" }, 'unknown field "mode"'],
  [
    { op: "create", ...PATH, encoding: "base64" },
    'field "data": expected text in base64, got nothing',
  ],
  [
    { op: "create", ...PATH, acl: "world:anyone:r" },
    `${ACL_EXPECTED}, perms of the letters cdrwa, got text`,
  ],
  [{ op: "create", ...PATH, acl: [{ scheme: "world", id: "anyone", perms: "x" }] }, ACL_EXPECTED],
  [{ op: "create", ...PATH, acl: [{ scheme: "world", id: "anyone", perms: 31 }] }, ACL_EXPECTED],
  [{ op: "create", ...PATH, acl: [{ scheme: "world", perms: "r" }] }, ACL_EXPECTED],
  [{ op: "create", ...PATH, acl: [{ scheme: "world", id: "a", perms: "r", x: 1 }] }, ACL_EXPECTED],
  [{ op: "create", ...PATH, acl: ["world:anyone:r"] }, ACL_EXPECTED],
  [{ op: "setACL", ...PATH }, `setACL: ${ACL_EXPECTED}, perms of the letters cdrwa, got nothing`],
  [{ op: "multi" }, 'multi: field "ops": expected a list of operations, got nothing'],
  [{ op: "multi", ops: {} }, 'multi: field "ops": expected a list of operations, got an object'],
  [{ op: "multi", ops: [7] }, 'multi: field "ops[0]": expected an object, got a number'],
  [{ op: "setWatches" }, 'field "relativeZxid": expected a zxid, got nothing'],
  [
    { op: "setWatches", relativeZxid: "0x1", dataWatches: "/a" },
    'field "dataWatches": expected a list of texts',
  ],
  [
    { op: "setWatches", relativeZxid: "0x1", dataWatches: [7] },
    "expected a list of texts, got a list of 1",
  ],
  [
    { op: "addWatch", ...PATH },
    'field "mode": expected one of PERSISTENT, PERSISTENT_RECURSIVE, got nothing',
  ],
  [{ op: "removeWatches", ...PATH }, 'field "type": expected one of Children, Data, Any,'],
  [{ op: "auth", scheme: "digest" }, 'field "auth": expected text or null, got nothing'],
  [JSON.parse('{"op":"ping","__proto__":7}'), 'ping: unknown field "__proto__"'],
])("[JS4] %.80j is a MARSHALLINGERROR", (fields, message) => {
  const failure = { code: Code.MARSHALLINGERROR, message: expect.stringContaining(message) };
  expect(decode(fields)).toMatchObject({ kind: "invalid", xid: 1, failure });
});

test.each([
  [
    { op: "delete", ...PATH, version: 1.5 },
    'field "version": expected a whole number from -2147483648 to',
  ],
  [{ op: "delete", ...PATH, version: 2 ** 31 }, "to 2147483647, got 2147483648"],
  [{ op: "delete", ...PATH, czxid: "31" }, 'field "czxid": expected a zxid like "0x1f", got "31"'],
  [
    { op: "create", ...PATH, mode: "SEQUENTIAL" },
    'field "mode": expected one of PERSISTENT, EPHEMERAL,',
  ],
  [{ op: "create", ...PATH, mode: "toString" }, 'got "toString"'],
  [
    { op: "create", ...PATH, data: "x", encoding: "hex" },
    'field "encoding": expected one of base64, got "hex"',
  ],
  [
    { op: "create", ...PATH, data: "x", encoding: "base64" },
    'field "data": expected base64 (RFC 4648 §4), got other text',
  ],
  [
    { op: "getData", ...PATH, consistency: "weak" },
    'field "consistency": expected one of strict, local, got "weak"',
  ],
  [
    { op: "getData", ...PATH, minZxid: "0x" },
    'field "minZxid": expected a zxid like "0x1f", got "0x"',
  ],
  [{ op: "addWatch", ...PATH, mode: "recursive" }, 'got "recursive"'],
  [{ op: "removeWatches", ...PATH, type: "data" }, 'got "data"'],
  [
    { op: "setData", ...PATH, data: "", upsert: true, mode: "PERSISTENT_SEQUENTIAL" },
    'field "mode": expected a mode without sequence',
  ],
])("[JS4] %.80j is BADARGUMENTS", (fields, message) => {
  const failure = { code: Code.BADARGUMENTS, message: expect.stringContaining(message) };
  expect(decode(fields)).toMatchObject({ kind: "invalid", xid: 1, failure });
});

test("[JS4] a failure has what was expected and seen as fields too", () => {
  expect(decode({ op: "delete", ...PATH, version: 1.5 })).toMatchObject({
    failure: { expected: "a whole number from -2147483648 to 2147483647", seen: 1.5 },
  });
});

test("[JS8] data is measured in bytes, however it is written", () => {
  const limits = { DATA_BYTES_MAX: 4 };
  const create = { op: "create", ...PATH };

  expect(decode({ ...create, data: "éé" }, limits)).toMatchObject({ kind: "request" });
  expect(decode({ ...create, data: "AAAAAA==", encoding: "base64" }, limits)).toMatchObject({
    kind: "request",
  });
  for (const data of [{ data: "ééx" }, { data: "AAAAAAA=", encoding: "base64" }]) {
    expect(decode({ ...create, ...data }, limits)).toMatchObject({
      failure: {
        code: Code.BADARGUMENTS,
        message: 'create: field "data": expected at most 4 bytes (DATA_BYTES_MAX), got 5',
      },
    });
  }
  expect(decode({ ...create, data: "123456" }, limits)).toMatchObject({
    failure: { message: expect.stringContaining("(DATA_BYTES_MAX), got more than 4") },
  });
});

test("[JS8] half a surrogate pair is no data", () => {
  expect(decode({ op: "create", ...PATH, data: "\ud83d" })).toMatchObject({
    failure: { code: Code.BADARGUMENTS, message: expect.stringContaining('field "data"') },
  });
});

test.each([{ recursive: true }, { id: 2 }, { op: "exists" }, { op: "getData" }, { op: "setACL" }])(
  "[JS4] a multi with a part of %j fails as a whole and names the part",
  (bad) => {
    const ops = [
      { op: "check", ...PATH },
      { op: "delete", ...PATH, ...bad },
    ];

    expect(decode({ op: "multi", ops })).toMatchObject({
      kind: "invalid",
      failure: { failedAt: 1, message: expect.stringMatching(/^multi, ops\[1\]: /u) },
    });
  },
);

test.each([
  [{ op: "create", ...PATH, parents: true }, 'unknown field "parents"'],
  [{ op: "setData", ...PATH, data: "", upsert: true }, 'unknown field "upsert"'],
  [{ op: "delete", ...PATH, recursive: true }, 'unknown field "recursive"'],
])("[JS4] %j is no part of a multi, which would not do it", (part, message) => {
  expect(decode({ op: "multi", ops: [part] })).toMatchObject({
    failure: { code: Code.MARSHALLINGERROR, message: expect.stringContaining(message) },
  });
});

test("[JS4] a part of a multiRead has no watch", () => {
  expect(decode({ op: "multiRead", ops: [{ op: "getData", ...PATH, watch: true }] })).toMatchObject(
    {
      failure: { message: expect.stringContaining('multiRead, ops[0]: unknown field "watch"') },
    },
  );
});

test.each([0, -1, 1.5, 10_001])(
  "[JS22] a page of %d names is refused by the limit's name",
  (limit) => {
    const message = `expected a whole number from 1 to 10000 (CHILDREN_PAGE_MAX), got ${limit}`;
    expect(decode({ op: "getChildren", ...PATH, limit })).toMatchObject({
      failure: { code: Code.BADARGUMENTS, message: expect.stringContaining(message) },
    });
  },
);

test("[JS22] one field of a page makes a page of the largest size from the start", () => {
  const whole = { after: "", limit: LIMITS.CHILDREN_PAGE_MAX, stat: false, data: false };

  expect(requestOf({ op: "getChildren", ...PATH })).not.toHaveProperty("page");
  expect(requestOf({ op: "getChildren", ...PATH, stat: false })).not.toHaveProperty("page");
  expect(requestOf({ op: "getChildren", ...PATH, stat: true })).toMatchObject({
    page: { ...whole, stat: true },
  });
  expect(requestOf({ op: "getChildren", ...PATH, after: "" })).toMatchObject({ page: whole });
  expect(requestOf({ op: "getChildren", ...PATH, limit: 2 })).toMatchObject({
    page: { ...whole, limit: 2 },
  });
});

test("[JS12] the body of a multi is decoded without an id", () => {
  const ops = [{ op: "check", path: "/a", version: 2 }];

  expect(decodeMultiBody({ ops }, LIMITS)).toEqual({ ops });
  expect(isFailure(decodeMultiBody({ ops, id: 1 }, LIMITS))).toBe(true);
  expect(decodeMultiBody({ ops: [...ops, {}] }, LIMITS)).toMatchObject({ failedAt: 1 });
});
