import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Code } from "../../../../src/core/keeper-error.ts";
import { decodeRequest } from "../../../../src/protocol/jute/decode-request.ts";
import type { DecodedFrame } from "../../../../src/protocol/jute/decoded-frame.ts";
import { OpCode } from "../../../../src/protocol/jute/op-code.ts";
import { REQUEST, typeOf } from "./native-arbitraries.ts";
import { Body, encodeRequest, requestFrame } from "./native-client.ts";

const XID = fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff });

const decode = (type: number, body: Body): DecodedFrame =>
  decodeRequest(requestFrame(7, type, body));

const refusal = (code: Code, takesZxid: boolean): object => ({
  kind: "refused",
  xid: 7,
  request: { op: takesZxid ? "delete" : "ping" },
  failure: { code },
});

const OPEN = [{ perms: 31, id: { scheme: "world", id: "anyone" } }];

const createBody = (path: string | null, flags: number): Body =>
  new Body().string(path).buffer(null).acl(OPEN).int(flags);

/** A multi of one part, up to the part's body; `end` says that it is over. */
const part = (type: number): Body => new Body().int(type).bool(false).int(-1);
const end = (body: Body): Body => body.int(-1).bool(true).int(-1);

test("[JU1] every request is decoded to what the client sent", () => {
  fc.assert(
    fc.property(XID, REQUEST, (xid, request) => {
      const type = typeOf(request);

      const decoded = decodeRequest(encodeRequest(xid, type, request));

      expect(decoded).toEqual({ kind: "request", xid, type, request });
    }),
    { numRuns: 2_000 },
  );
});

test("[JU8] a request that is cut short anywhere is a marshalling error or closes", () => {
  fc.assert(
    fc.property(REQUEST, fc.nat(), (request, at) => {
      const type = typeOf(request);
      const whole = encodeRequest(7, type, request);
      fc.pre(whole.length > 8);

      const decoded = decodeRequest(whole.subarray(0, at % whole.length));

      const isLeft = at % whole.length >= 8;
      expect(decoded.kind).toBe(isLeft && request.op !== "auth" ? "refused" : "fatal");
    }),
    { numRuns: 1_000 },
  );
});

test("[JU24] random bytes behind any operation are decoded or refused", () => {
  const type = fc.oneof(fc.constantFrom(...Object.values(OpCode)), XID);
  fc.assert(
    fc.property(type, fc.uint8Array({ maxLength: 200 }), (operation, bytes) => {
      const { kind } = decodeRequest(
        Buffer.concat([new Body().int(1).int(operation).bytes(), bytes]),
      );

      expect(["request", "refused", "unimplemented", "fatal"]).toContain(kind);
    }),
    { numRuns: 5_000 },
  );
});

test("[JU24] a request with some bytes changed is decoded or refused", () => {
  const flips = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(REQUEST, flips, (request, changes) => {
      const bytes = encodeRequest(7, typeOf(request), request);
      for (const [at, value] of changes) bytes[at % bytes.length] = value;

      expect(decodeRequest(bytes)).toHaveProperty("kind");
    }),
    { numRuns: 2_000 },
  );
});

describe("what can't be read", () => {
  test("[JU8] a frame without a header closes the connection", () => {
    expect(decodeRequest(Buffer.alloc(7))).toMatchObject({
      kind: "fatal",
      reason: "expected a request header of 8 bytes, saw 7",
    });
  });

  test("[JU8] a malformed auth closes the connection", () => {
    expect(decode(OpCode.auth, new Body().int(0).int(5))).toMatchObject({ kind: "fatal" });
  });

  test("[JU8] bytes behind a request are ignored", () => {
    const body = new Body().string("/a").bool(true).string("and more");

    expect(decode(OpCode.exists, body)).toMatchObject({
      kind: "request",
      request: { op: "exists", path: "/a", watch: true },
    });
  });

  test("[JU8] a negative length that is not null is a marshalling error", () => {
    const body = new Body().int(-2).bool(true);

    expect(decode(OpCode.getData, body)).toMatchObject(refusal(Code.MARSHALLINGERROR, false));
  });

  test("[JU23] a create that is cut short takes no zxid", () => {
    const body = new Body().string("/a");

    expect(decode(OpCode.create, body)).toMatchObject(refusal(Code.MARSHALLINGERROR, false));
  });

  test("[JU23] a multi that is cut short takes a zxid", () => {
    const body = part(OpCode.delete);

    expect(decode(OpCode.multi, body)).toMatchObject(refusal(Code.MARSHALLINGERROR, true));
  });
});

describe("null", () => {
  test.each(["exists", "getData", "getChildren", "getChildren2"] as const)(
    "[JU9] a null path is a marshalling error in %s",
    (op) => {
      const body = new Body().string(null).bool(false);

      expect(decode(OpCode[op], body)).toMatchObject(refusal(Code.MARSHALLINGERROR, false));
    },
  );

  test.each(["getACL", "getAllChildrenNumber"] as const)(
    "[JU9] a null path is a marshalling error in %s",
    (op) => {
      const body = new Body().string(null);

      expect(decode(OpCode[op], body)).toMatchObject(refusal(Code.MARSHALLINGERROR, false));
    },
  );

  test("[JU9][JU23] a null path is a marshalling error in create and delete, with a zxid", () => {
    const deletion = new Body().string(null).int(-1);

    const refused = refusal(Code.MARSHALLINGERROR, true);
    expect(decode(OpCode.create, createBody(null, 0))).toMatchObject(refused);
    expect(decode(OpCode.delete, deletion)).toMatchObject(refused);
  });

  test.each([
    ["setData", new Body().string(null).buffer(null).int(-1)],
    ["setACL", new Body().string(null).acl(OPEN).int(-1)],
    ["sync", new Body().string(null)],
    ["addWatch", new Body().string(null).int(0)],
    ["removeWatches", new Body().string(null).int(1)],
  ] as const)("[JU9] a null path is an empty one in %s", (op, body) => {
    expect(decode(OpCode[op], body)).toMatchObject({ kind: "request", request: { op, path: "" } });
  });

  test("[JU9] a null prefix finds all ephemerals", () => {
    expect(decode(OpCode.getEphemerals, new Body().string(null))).toMatchObject({
      request: { prefixPath: "" },
    });
  });

  test("[JU9] a null list of watches is a marshalling error", () => {
    const body = new Body().long(0).int(-1).int(0).int(0);

    expect(decode(OpCode.setWatches, body)).toMatchObject(refusal(Code.MARSHALLINGERROR, false));
  });

  test("[JU5] null data and empty data stay apart", () => {
    const bodyWith = (data: Uint8Array | null): Body =>
      new Body().string("/a").buffer(data).int(-1);

    expect(decode(OpCode.setData, bodyWith(null))).toMatchObject({ request: { data: null } });
    expect(decode(OpCode.setData, bodyWith(new Uint8Array(0)))).toMatchObject({
      request: { data: new Uint8Array(0) },
    });
  });

  test("[JU7] a null list of ACL, scheme and id are empty ones", () => {
    const bodyWith = (acl: (body: Body) => Body): Body =>
      acl(new Body().string("/a").buffer(null)).int(0);

    const none = bodyWith((body) => body.int(-1));
    const empty = bodyWith((body) => body.int(1).int(31).string(null).string(null));
    expect(decode(OpCode.create, none)).toMatchObject({ request: { acl: [] } });
    expect(decode(OpCode.create, empty)).toMatchObject({
      request: { acl: [{ perms: 31, id: { scheme: "", id: "" } }] },
    });
  });

  test("[JU7] a null credential is an empty one", () => {
    const body = new Body().int(0).string(null).buffer(null);

    expect(decode(OpCode.auth, body)).toMatchObject({
      request: { op: "auth", scheme: "", auth: new Uint8Array(0) },
    });
  });
});

describe("operations", () => {
  test.each([0, 10, 13, 23, 99, 108, -1, -9])("[JU10] operation %i is unimplemented", (type) => {
    expect(decode(type, new Body())).toEqual({
      kind: "unimplemented",
      xid: 7,
      request: { op: "ping" },
    });
  });

  test.each([20, -10])("[JU21] operation %i is unimplemented to a client", (type) => {
    const body = new Body().string("/a");

    expect(decode(type, body)).toEqual({
      kind: "unimplemented",
      xid: 7,
      request: { op: "ping" },
    });
  });

  test("[JU10] a second handshake is an unknown operation", () => {
    const frame = new Body().int(0).long(0).int(10_000).long(0).buffer(Buffer.alloc(16)).bytes();

    expect(decodeRequest(frame)).toMatchObject({ kind: "unimplemented", xid: 0 });
  });

  test("[JU15] reconfig is the server's to refuse", () => {
    const body = new Body().string(null).string(null).string("server.1=a:1:2").long(-1);

    expect(decode(OpCode.reconfig, body)).toMatchObject({
      kind: "request",
      request: {
        op: "reconfig",
        joiningServers: null,
        newMembers: "server.1=a:1:2",
        curConfigId: -1,
      },
    });
  });

  test("[JU15] a reconfig that is cut short is a marshalling error", () => {
    const body = new Body().string(null).string(null);

    expect(decode(OpCode.reconfig, body)).toMatchObject(refusal(Code.MARSHALLINGERROR, false));
  });

  test("[JU16] a SASL request without a token ends the connection", () => {
    expect(decode(OpCode.sasl, new Body().int(-1))).toMatchObject({ kind: "fatal" });
  });

  test("[JU16] a SASL token asks the server for nothing", () => {
    expect(decode(OpCode.sasl, new Body().buffer(Buffer.from("token")))).toEqual({
      kind: "request",
      xid: 7,
      type: OpCode.sasl,
      request: { op: "sasl" },
    });
  });

  test("[JU22] setWatches keeps its xid and has no persistent lists", () => {
    const body = new Body().long(5).paths(["/d"]).paths([]).paths(["/c"]);

    expect(decodeRequest(requestFrame(-8, OpCode.setWatches, body))).toMatchObject({
      xid: -8,
      request: {
        relativeZxid: 5,
        dataWatches: ["/d"],
        childWatches: ["/c"],
        persistentWatches: [],
        persistentRecursiveWatches: [],
      },
    });
  });
});

describe("multi", () => {
  test.each([OpCode.getData, OpCode.setACL, OpCode.exists, OpCode.sync, OpCode.multi, 99])(
    "[JU11] a part of operation %i makes a multi unreadable",
    (type) => {
      const body = end(part(type).string("/a").bool(false));

      expect(decode(OpCode.multi, body)).toMatchObject(refusal(Code.MARSHALLINGERROR, true));
    },
  );

  test.each([OpCode.create, OpCode.getChildren2, OpCode.exists])(
    "[JU11] a part of operation %i makes a multiRead unreadable",
    (type) => {
      const body = end(part(type).string("/a").bool(false));

      expect(decode(OpCode.multiRead, body)).toMatchObject(refusal(Code.MARSHALLINGERROR, false));
    },
  );

  test("[JU11] an empty multi is one", () => {
    expect(decode(OpCode.multi, end(new Body()))).toMatchObject({ request: { ops: [] } });
  });

  test("[JU9] a null path of a part is a marshalling error of the whole", () => {
    const body = end(part(OpCode.delete).string(null).int(-1));

    expect(decode(OpCode.multi, body)).toMatchObject(refusal(Code.MARSHALLINGERROR, true));
  });

  const multiCreate = (type: number, flags: number, ttlMs?: number): DecodedFrame => {
    const body = part(type).string("/a").buffer(null).acl(OPEN).int(flags);
    return decode(OpCode.multi, end(ttlMs === undefined ? body : body.long(ttlMs)));
  };

  test.each([
    [OpCode.create, 0, "create"],
    [OpCode.create, 4, "createContainer"],
    [OpCode.create2, 3, "create2"],
    [OpCode.create2, 4, "createContainer"],
    [OpCode.create2, 5, "createTTL"],
    [OpCode.createContainer, 0, "createContainer"],
    [OpCode.createContainer, 4, "createContainer"],
  ])("[JU12] in a multi operation %i with flags %i is %s", (type, flags, op) => {
    expect(multiCreate(type, flags)).toMatchObject({ request: { ops: [{ op, flags, ttlMs: 0 }] } });
  });

  test.each([
    [0, "create", 0],
    [4, "createContainer", 0],
    [6, "createTTL", 60],
    [9, "create", 0],
  ])("[JU12] in a multi createTTL with flags %i is %s", (flags, op, ttlMs) => {
    expect(multiCreate(OpCode.createTTL, flags, 60)).toMatchObject({
      request: { ops: [{ op, flags, ttlMs }] },
    });
  });

  test("[JU12] in a multi flags that are no mode are a marshalling error of the whole", () => {
    const refused = refusal(Code.MARSHALLINGERROR, true);

    expect(multiCreate(OpCode.create, 7)).toMatchObject(refused);
    expect(multiCreate(OpCode.createContainer, -1)).toMatchObject(refused);
  });
});

describe("values at their bounds", () => {
  test.each([
    [0x7fff_ffff_ffff_ffffn, Number.MAX_SAFE_INTEGER],
    [-0x8000_0000_0000_0000n, Number.MIN_SAFE_INTEGER],
    [0x20_0000_0000_0000n, Number.MAX_SAFE_INTEGER],
    [0x1f_ffff_ffff_ffffn, Number.MAX_SAFE_INTEGER],
    [0x1f_ffff_ffff_fffen, Number.MAX_SAFE_INTEGER - 1],
    [0x1_0000_0001n, 0x1_0000_0001],
    [-1n, -1],
  ])("[JU6] the 64 bits of %d are read as %d", (sent, relativeZxid) => {
    const body = new Body().long(sent).paths([]).paths([]).paths([]);

    expect(decode(OpCode.setWatches, body)).toMatchObject({ request: { relativeZxid } });
  });

  test("[JU3] a million entries in a small frame are refused before any is made", () => {
    const body = new Body().long(0).int(1_000_000).string("/a");

    expect(decode(OpCode.setWatches, body)).toMatchObject({
      kind: "refused",
      failure: { message: "expected 1000000 items at 20, saw 6 bytes" },
    });
  });

  test("[JU8] a negative count that is not null is an empty list", () => {
    const body = new Body().long(0).int(-5).int(0).int(0);

    expect(decode(OpCode.setWatches, body)).toMatchObject({ request: { dataWatches: [] } });
  });

  test("[JU5] the data of a request outlives its frame", () => {
    const frame = requestFrame(
      7,
      OpCode.setData,
      new Body().string("/a").buffer(Buffer.from("ab")).int(-1),
    );

    const decoded = decodeRequest(frame);
    frame.fill(0);

    expect(decoded).toMatchObject({ request: { data: new Uint8Array([0x61, 0x62]) } });
  });
});

describe("text", () => {
  const pathOf = (bytes: readonly number[]): unknown => {
    const decoded = decode(OpCode.sync, new Body().buffer(Uint8Array.from(bytes)));
    return decoded.kind === "request" && "path" in decoded.request
      ? decoded.request.path
      : undefined;
  };

  test("[JU4] surrogates that were encoded one by one are one character", () => {
    const smile = [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80];

    expect(pathOf([0x2f, ...smile, 0xc3, 0xa4, ...smile])).toBe("/😀ä😀");
  });

  test("[JU4] half a surrogate pair is U+FFFD", () => {
    expect(pathOf([0x2f, 0xed, 0xa0, 0xbd, 0x61])).toBe("/\ufffda");
  });

  test("[JU4] bytes that are no text are U+FFFD, text around them stays", () => {
    expect(pathOf([0x61, 0xff, 0xc3, 0xa4, 0xc3])).toBe("a\ufffdä\ufffd");
  });

  test("[JU4] a byte order mark is a character", () => {
    expect(pathOf([0xef, 0xbb, 0xbf, 0x61])).toBe("\ufeffa");
  });
});
