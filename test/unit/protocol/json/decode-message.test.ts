import fc from "fast-check";
import { expect, test } from "vitest";
import { Code } from "../../../../src/core/keeper-error.ts";
import { LIMITS, type Limits } from "../../../../src/core/limits.ts";
import { decodeMessage } from "../../../../src/protocol/json/decode-message.ts";
import { NO_XID, type DecodedMessage } from "../../../../src/protocol/json/messages.ts";

const TOKEN = "5b1e.AAECAwQFBgcICQoLDA0ODw";

function decode(message: unknown, limits: Partial<Limits> = {}): DecodedMessage[] {
  const text = typeof message === "string" ? message : JSON.stringify(message);
  return decodeMessage(text, { ...LIMITS, ...limits });
}

function decodeOne(message: unknown, limits: Partial<Limits> = {}): DecodedMessage {
  const [first, ...rest] = decode(message, limits);
  expect(rest).toEqual([]);
  if (first === undefined) throw new Error("expected one message, got none");
  return first;
}

function refused(code: Code, message: string, xid: number = NO_XID) {
  return { kind: "invalid", xid, failure: { code, message: expect.stringContaining(message) } };
}

test("[JS1] a message is one object or a list of them, in order", () => {
  expect(decodeOne({ id: 1, op: "ping" })).toEqual({
    kind: "request",
    xid: 1,
    request: { op: "ping" },
  });
  expect(
    decode([
      { id: 7, op: "ping" },
      { id: 3, op: "whoAmI" },
    ]).map(({ xid }) => xid),
  ).toEqual([7, 3]);
});

test("[JS1] bytes of UTF-8 are a message too", () => {
  const { buffer } = new TextEncoder().encode('{"id":1,"op":"sync","path":"/é"}');

  expect(decodeMessage(buffer, LIMITS)).toEqual([
    { kind: "request", xid: 1, request: { op: "sync", path: "/é" } },
  ]);
});

test("[JS1] bytes that are no UTF-8 are refused", () => {
  const { buffer } = Uint8Array.of(0x22, 0xff, 0x22);

  expect(decodeMessage(buffer, LIMITS)).toMatchObject([
    refused(Code.MARSHALLINGERROR, "expected JSON, got bytes that are no UTF-8"),
  ]);
});

test.each(["", "ping", "{", '{"id":1,}', "{'id':1}", "[".repeat(100_000), "NaN"])(
  "[JS1][JS2] %.20j is no JSON",
  (text) => {
    expect(decode(text)).toMatchObject([
      refused(Code.MARSHALLINGERROR, "message: expected JSON, got "),
    ]);
  },
);

test.each([
  ["7", "a number"],
  ["null", "null"],
  ['"ping"', "text"],
  ["true", "true"],
])("[JS1][JS2] %s is JSON but no message", (text, seen) => {
  const expected = `message: expected an object or a list of objects, got ${seen}`;
  expect(decode(text)).toMatchObject([refused(Code.MARSHALLINGERROR, expected)]);
});

test("[JS1] an empty list and one over JSON_BATCH_MAX are refused by name", () => {
  const ping = { id: 1, op: "ping" };

  expect(decode([])).toMatchObject([refused(Code.BADARGUMENTS, "JSON_BATCH_MAX), got 0")]);
  expect(decode([ping, ping], { JSON_BATCH_MAX: 2 })).toHaveLength(2);
  expect(decode([ping, ping, ping], { JSON_BATCH_MAX: 2 })).toMatchObject([
    refused(Code.BADARGUMENTS, "batch: expected 1 to 2 messages (JSON_BATCH_MAX), got 3"),
  ]);
});

test("[JS1] the limit of a message counts bytes, not characters", () => {
  const message = '{"id":1,"op":"sync","path":"/éé"}';
  const bytes = Buffer.byteLength(message);
  const { buffer } = new TextEncoder().encode(message);

  expect(decode(message, { JSON_MESSAGE_BYTES_MAX: bytes })).toMatchObject([{ kind: "request" }]);
  for (const form of [message, buffer]) {
    const limits = { ...LIMITS, JSON_MESSAGE_BYTES_MAX: bytes - 1 };
    expect(decodeMessage(form, limits)).toMatchObject([
      refused(
        Code.BADARGUMENTS,
        `at most ${bytes - 1} bytes (JSON_MESSAGE_BYTES_MAX), got ${bytes}`,
      ),
    ]);
  }
});

test("[JS2] any text is decoded or refused with a message", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(decode(text).filter(isMute)).toEqual([]);
    }),
  );
});

test("[JS2] any JSON in the place of any field is decoded or refused with a message", () => {
  const name = fc.constantFrom(
    ..."id op path data encoding version czxid mode ttl acl parents upsert recursive watch limit".split(
      " ",
    ),
    ..."after stat ops prefixPath scheme auth since type relativeZxid dataWatches session".split(
      " ",
    ),
    ..."timeout lastZxid minZxid idempotencyKey consistency __proto__ constructor".split(" "),
  );
  const op = fc.constantFrom(
    ..."connect create delete setData getData exists getChildren getACL setACL multi multiRead".split(
      " ",
    ),
    ..."getEphemerals sync auth addWatch removeWatches setWatches closeSession nonsense".split(" "),
  );
  const value = fc.oneof(
    fc.jsonValue(),
    fc.boolean(),
    fc.integer(),
    fc.constantFrom("/a", "0x1f", "\ud800"),
  );
  const fields = fc.dictionary(name, value, { maxKeys: 6 });
  fc.assert(
    fc.property(op, fields, fc.boolean(), (named, rest, isPart) => {
      const object = { ...rest, id: 1, op: named };
      const message = isPart ? { id: 1, op: "multi", ops: [{ ...rest, op: named }] } : object;
      expect(decode(message).filter(isMute)).toEqual([]);
    }),
    { numRuns: 2_000 },
  );
});

/** Refused without a reason that a reader can act on. */
function isMute(message: DecodedMessage): boolean {
  if (message.kind !== "invalid") return false;
  const { code, message: text } = message.failure;
  const isKnown = code === Code.MARSHALLINGERROR || code === Code.BADARGUMENTS;
  return !isKnown || !/^.*: expected .*, got ./su.test(text);
}

test("[JS3] a bad part with an id fails alone", () => {
  const batch = [
    { id: 1, op: "ping" },
    { id: 2, op: "nonsense" },
    { id: 3, op: "ping" },
  ];

  expect(decode(batch)).toMatchObject([
    { kind: "request", xid: 1 },
    { kind: "invalid", xid: 2 },
    { kind: "request", xid: 3 },
  ]);
});

test.each([[{ op: "ping" }], [{ id: "2", op: "ping" }], [7], [[]], [{ op: "connect" }]])(
  "[JS3] the part %j, without an id, refuses the whole list",
  (bad) => {
    expect(decode([{ id: 1, op: "ping" }, bad])).toMatchObject([{ kind: "invalid", xid: NO_XID }]);
  },
);

test.each([[undefined], [0], [-1], [1.5], [2_147_483_648], ["1"], [null], [true]])(
  "[JS5] the id %j is refused",
  (id) => {
    expect(decodeOne({ id, op: "ping" })).toMatchObject(
      refused(
        id === undefined || typeof id !== "number" ? Code.MARSHALLINGERROR : Code.BADARGUMENTS,
        '"id"',
      ),
    );
  },
);

test("[JS5] the largest id is taken", () => {
  expect(decodeOne({ id: 2_147_483_647, op: "ping" })).toMatchObject({ xid: 2_147_483_647 });
});

test("[JS6] connect asks for a new session of 30 s", () => {
  expect(decodeOne({ op: "connect", version: 1 })).toEqual({
    kind: "connect",
    xid: NO_XID,
    ask: { timeoutMs: 30_000, lastZxidSeen: 0 },
  });
});

test("[JS6] connect resumes the session of a token", () => {
  const message = {
    id: 5,
    op: "connect",
    version: 1,
    session: TOKEN,
    timeout: 9_000,
    lastZxid: "0x1f",
  };
  const password = Uint8Array.from({ length: 16 }, (_, i) => i);

  expect(decodeOne(message)).toEqual({
    kind: "connect",
    xid: 5,
    ask: { resume: { id: 0x5b1e, password }, timeoutMs: 9_000, lastZxidSeen: 0x1f },
  });
});

test("[JS6] connect without a session has no timeout", () => {
  expect(decodeOne({ op: "connect", version: 1, session: false })).toEqual({
    kind: "connect",
    xid: 0,
  });
  expect(decodeOne({ op: "connect", version: 1, session: false, timeout: 1 })).toMatchObject(
    refused(Code.MARSHALLINGERROR, 'unknown field "timeout"'),
  );
});

test("[JS6] an absurd timeout is left to the negotiation", () => {
  expect(decodeOne('{"op":"connect","version":1,"timeout":1e999}')).toMatchObject({
    ask: { timeoutMs: Number.POSITIVE_INFINITY },
  });
  expect(decodeOne({ op: "connect", version: 1, timeout: -5 })).toMatchObject({
    ask: { timeoutMs: -5 },
  });
});

test.each([
  [{}, 'connect: field "version": expected a whole number from 1 to 1, got nothing'],
  [{ version: 2 }, 'connect: field "version": expected a whole number from 1 to 1, got 2'],
  [
    { version: 1, session: true },
    'connect: field "session": expected a token that connect answered',
  ],
  [{ version: 1, session: null }, "or false, got null"],
  [{ version: 1, session: "5b1e.x" }, "or false, got other text"],
  [{ version: 1, lastZxid: 7 }, 'connect: field "lastZxid": expected text, got a number'],
  [{ version: 1, timeout: "9" }, 'connect: field "timeout": expected a number, got text'],
  [{ version: 1, minZxid: "0x1" }, 'connect: unknown field "minZxid"'],
])("[JS6][JS2] connect with %j is refused", (fields, message) => {
  const decoded = decodeOne({ op: "connect", ...fields });
  expect(decoded).toMatchObject({ kind: "invalid", xid: NO_XID });
  expect(decoded.kind === "invalid" && decoded.failure.message).toContain(message);
});

test("[JS11] options travel beside the request", () => {
  const options = { idempotencyKey: "k", minZxid: "0x1f" };

  expect(decodeOne({ id: 1, op: "delete", path: "/a", ...options })).toMatchObject({
    options: { idempotencyKey: "k", minZxid: 0x1f },
  });
  expect(decodeOne({ id: 1, op: "getACL", path: "/a", consistency: "strict" })).toMatchObject({
    options: { isStrict: true },
  });
  expect(decodeOne({ id: 1, op: "getACL", path: "/a" })).not.toHaveProperty("options");
});

test("[JS11] a key on a read and strictness on a write are unknown fields", () => {
  expect(decodeOne({ id: 1, op: "sync", path: "/a", idempotencyKey: "k" })).toMatchObject(
    refused(Code.MARSHALLINGERROR, 'unknown field "idempotencyKey"', 1),
  );
  expect(decodeOne({ id: 1, op: "delete", path: "/a", consistency: "strict" })).toMatchObject(
    refused(Code.MARSHALLINGERROR, 'unknown field "consistency"', 1),
  );
});

test.each([
  ["", "got 0"],
  ["k".repeat(65), "got 65"],
  ["é".repeat(33), "got 66"],
])("[JS11] the key %j is refused by the limit's name", (idempotencyKey, seen) => {
  expect(decodeOne({ id: 1, op: "delete", path: "/a", idempotencyKey })).toMatchObject(
    refused(Code.BADARGUMENTS, `1 to 64 bytes (IDEMPOTENCY_KEY_BYTES_MAX), ${seen}`, 1),
  );
});

test("[JS21] an error does not repeat what may be secret", () => {
  const messages = [
    { op: "connect", version: 1, session: "5b1e.hunter2" },
    { id: 1, op: "auth", scheme: "digest", auth: ["hunter2"] },
    { id: 1, op: "auth", scheme: "digest", auth: "hunter2", encoding: "base64" },
    { id: 1, op: "create", path: "/a", data: "hunter2\ud800" },
    { id: 1, op: "create", path: "/a", data: { hunter2: 1 } },
    '{"id":1,"op":"auth","scheme":"digest","auth":hunter2}',
    '{"id":1,"auth":"hunter2" 7}',
  ];
  for (const message of messages) {
    const decoded = decodeOne(message);
    expect(decoded.kind).toBe("invalid");
    expect(JSON.stringify(decoded)).not.toContain("hunter2");
  }
});
