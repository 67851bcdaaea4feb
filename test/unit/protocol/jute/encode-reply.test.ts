import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Code, failure, type Outcome } from "../../../../src/core/keeper-error.ts";
import type { MultiOp, Reply, Request } from "../../../../src/core/request.ts";
import type { Stat } from "../../../../src/core/stat.ts";
import { decodeRequest } from "../../../../src/protocol/jute/decode-request.ts";
import type { DecodedFrame, DecodedRequest } from "../../../../src/protocol/jute/decoded-frame.ts";
import { encodeEvent, encodeReply } from "../../../../src/protocol/jute/encode-reply.ts";
import { framesOf } from "../../../../src/protocol/jute/frame.ts";
import { OpCode } from "../../../../src/protocol/jute/op-code.ts";
import { OutputArchive } from "../../../../src/protocol/jute/output-archive.ts";
import { ACLS, DATA, INT, LONG, MULTI_OPS, STAT, TEXT } from "./native-arbitraries.ts";
import { Body, requestFrame } from "./native-client.ts";

const STAT_ONE: Stat = {
  czxid: 1,
  mzxid: 2,
  ctime: 3,
  mtime: 4,
  version: 5,
  cversion: 6,
  aversion: 7,
  ephemeralOwner: 8,
  dataLength: 9,
  numChildren: 10,
  pzxid: 11,
};

/** Writes a Stat as `zookeeper.jute` lists it. */
function stat(body: Body, of: Stat = STAT_ONE): Body {
  body.long(of.czxid).long(of.mzxid).long(of.ctime).long(of.mtime);
  body.int(of.version).int(of.cversion).int(of.aversion).long(of.ephemeralOwner);
  return body.int(of.dataLength).int(of.numChildren).long(of.pzxid);
}

function asked(type: number, request: Request): DecodedRequest {
  return { kind: "request", xid: 7, type, request };
}

const READ = asked(OpCode.exists, { op: "exists", path: "/a", watch: false });

/** The one frame that an answer is, without its length. */
function encode(what: DecodedFrame, outcome: Outcome<Reply>, zxid = 0x1_0000_0002): Buffer {
  const archive = new OutputArchive();
  encodeReply(archive, what, zxid, outcome);
  const [frame = new Uint8Array(0), ...more] = framesOf(archive.take());
  expect(more).toEqual([]);
  return Buffer.from(frame);
}

/** What a client expects: its header, then a body. */
function reply(body: Body = new Body(), { xid = 7, zxid = 0x1_0000_0002, code = 0 } = {}): Buffer {
  return Buffer.concat([new Body().int(xid).long(zxid).int(code).bytes(), body.bytes()]);
}

const part = (body: Body, type: number, code = 0): Body => body.int(type).bool(false).int(code);
const end = (body: Body): Body => body.int(-1).bool(true).int(-1);

describe("headers", () => {
  test("[JU20] a failure is its code and nothing more", () => {
    const failed = failure(Code.NONODE, "expected /a to exist, saw no znode");

    expect(encode(READ, failed)).toEqual(reply(new Body(), { code: -101 }));
  });

  test("[JU22] a ping is answered with xid -2, whatever it came with", () => {
    const ping = asked(OpCode.ping, { op: "ping" });

    expect(encode(ping, { op: "ping" })).toEqual(reply(new Body(), { xid: -2 }));
  });

  test("[JU22] auth is answered with zxid 0, good or bad", () => {
    const auth = asked(OpCode.auth, { op: "auth", scheme: "digest", auth: new Uint8Array(0) });
    const failed = failure(Code.AUTHFAILED, "expected user:password");

    expect(encode(auth, { op: "auth" })).toEqual(reply(new Body(), { zxid: 0 }));
    expect(encode(auth, failed)).toEqual(reply(new Body(), { zxid: 0, code: -115 }));
  });

  test("[JU16][JU22] a SASL token is answered with a null one and zxid 0", () => {
    const sasl = asked(OpCode.sasl, { op: "sasl" });

    expect(encode(sasl, { op: "sasl" })).toEqual(reply(new Body().int(-1), { zxid: 0 }));
  });

  test("[JU10] an unimplemented operation is answered with zxid -1", () => {
    const unimplemented = decodeRequest(requestFrame(3, 77));

    expect(encode(unimplemented, { op: "ping" })).toEqual(
      reply(new Body(), { xid: 3, zxid: -1, code: -6 }),
    );
  });

  test("[JU8] a refused request is answered with its xid and the refusal's code", () => {
    const refused = decodeRequest(requestFrame(9, OpCode.exists));

    expect(encode(refused, { op: "ping" }, 4)).toEqual(
      reply(new Body(), { xid: 9, zxid: 4, code: -5 }),
    );
  });

  test("[JU23] a refusal that takes a zxid is answered with it", () => {
    const refused = decodeRequest(requestFrame(9, OpCode.multi));
    const failed = failure(Code.BADARGUMENTS, "of the request in its place");

    expect(encode(refused, failed, 12)).toEqual(reply(new Body(), { xid: 9, zxid: 12, code: -5 }));
  });
});

describe("bodies", () => {
  const children = [{ name: "b" }, { name: "ä" }];
  const znode = { path: "/a", stat: STAT_ONE };
  const id = { scheme: "digest", id: "bob:x" };
  const create = { path: "/a", data: null, acl: [], flags: 0, ttlMs: 0 };

  test.each<[string, DecodedRequest, Reply, Body]>([
    [
      "create",
      asked(OpCode.create, { op: "create", ...create }),
      { op: "create", ...znode },
      new Body().string("/a"),
    ],
    ...(["create2", "createContainer", "createTTL"] as const).map(
      (op): [string, DecodedRequest, Reply, Body] => [
        op,
        asked(OpCode[op], { op, ...create }),
        { op: "create", ...znode },
        stat(new Body().string("/a")),
      ],
    ),
    [
      "delete",
      asked(OpCode.delete, { op: "delete", path: "/a", version: -1 }),
      { op: "delete", path: "/a" },
      new Body(),
    ],
    [
      "setData",
      asked(OpCode.setData, { op: "setData", path: "/a", data: null, version: -1 }),
      { op: "setData", created: false, ...znode },
      stat(new Body()),
    ],
    [
      "setACL",
      asked(OpCode.setACL, { op: "setACL", path: "/a", acl: [], version: -1 }),
      { op: "setACL", ...znode },
      stat(new Body()),
    ],
    ["exists", READ, { op: "exists", ...znode }, stat(new Body())],
    [
      "getData",
      asked(OpCode.getData, { op: "getData", path: "/a", watch: false }),
      { op: "getData", data: Buffer.from("x"), ...znode },
      stat(new Body().buffer(Buffer.from("x"))),
    ],
    [
      "getACL",
      asked(OpCode.getACL, { op: "getACL", path: "/a" }),
      { op: "getACL", acl: [{ perms: 31, id }], ...znode },
      stat(new Body().acl([{ perms: 31, id }])),
    ],
    [
      "getChildren",
      asked(OpCode.getChildren, { op: "getChildren", path: "/a", watch: false }),
      { op: "getChildren", children, more: false, ...znode },
      new Body().paths(["b", "ä"]),
    ],
    [
      "getChildren2",
      asked(OpCode.getChildren2, { op: "getChildren2", path: "/a", watch: false }),
      { op: "getChildren", children, more: false, ...znode },
      stat(new Body().paths(["b", "ä"])),
    ],
    [
      "sync",
      asked(OpCode.sync, { op: "sync", path: "/a" }),
      { op: "sync", path: "/a" },
      new Body().string("/a"),
    ],
    [
      "getEphemerals",
      asked(OpCode.getEphemerals, { op: "getEphemerals", prefixPath: "/" }),
      { op: "getEphemerals", paths: ["/a", "/b"] },
      new Body().paths(["/a", "/b"]),
    ],
    [
      "getAllChildrenNumber",
      asked(OpCode.getAllChildrenNumber, { op: "getAllChildrenNumber", path: "/" }),
      { op: "getAllChildrenNumber", totalNumber: 3 },
      new Body().int(3),
    ],
    [
      "whoAmI",
      asked(OpCode.whoAmI, { op: "whoAmI" }),
      { op: "whoAmI", ids: [id] },
      new Body().int(1).string("digest").string("bob:x"),
    ],
    [
      "addWatch",
      asked(OpCode.addWatch, { op: "addWatch", path: "/a", mode: 0 }),
      { op: "addWatch" },
      new Body().int(0),
    ],
    [
      "removeWatches",
      asked(OpCode.removeWatches, { op: "removeWatches", path: "/a", type: 3 }),
      { op: "removeWatches" },
      new Body(),
    ],
    [
      "checkWatches",
      asked(OpCode.checkWatches, { op: "checkWatches", path: "/a", type: 3 }),
      { op: "checkWatches" },
      new Body(),
    ],
    [
      "closeSession",
      asked(OpCode.closeSession, { op: "closeSession" }),
      { op: "closeSession" },
      new Body(),
    ],
  ])("[JU20] %s is answered with the body of its operation", (_, what, outcome, body) => {
    expect(encode(what, outcome)).toEqual(reply(body));
  });

  test("[JU5] null data is answered as null, empty data as empty", () => {
    const get = asked(OpCode.getData, { op: "getData", path: "/a", watch: false });
    const outcomeWith = (data: Uint8Array | null): Reply => ({ op: "getData", data, ...znode });

    expect(encode(get, outcomeWith(null))).toEqual(reply(stat(new Body().int(-1))));
    expect(encode(get, outcomeWith(new Uint8Array(0)))).toEqual(reply(stat(new Body().int(0))));
  });

  test("[JU1] any Stat, data, ACL and names are written as a client reads them", () => {
    fc.assert(
      fc.property(STAT, DATA, ACLS, fc.array(TEXT, { maxLength: 4 }), (of, data, acl, names) => {
        const path = "/a";
        const get = asked(OpCode.getData, { op: "getData", path, watch: false });
        const getACL = asked(OpCode.getACL, { op: "getACL", path });
        const list = asked(OpCode.getChildren2, { op: "getChildren2", path, watch: false });
        const found = names.map((name) => ({ name }));

        expect(encode(get, { op: "getData", path, data, stat: of })).toEqual(
          reply(stat(new Body().buffer(data), of)),
        );
        expect(encode(getACL, { op: "getACL", path, acl, stat: of })).toEqual(
          reply(stat(new Body().acl(acl), of)),
        );
        expect(
          encode(list, { op: "getChildren", path, children: found, stat: of, more: false }),
        ).toEqual(reply(stat(new Body().paths(names), of)));
      }),
    );
  });

  test("[JU1] headers of any xid and zxid are written as a client reads them", () => {
    fc.assert(
      fc.property(INT, LONG, (xid, zxid) => {
        const sync = asked(OpCode.sync, { op: "sync", path: "" });

        expect(encode({ ...sync, xid }, { op: "sync", path: "" }, zxid)).toEqual(
          reply(new Body().string(""), { xid, zxid }),
        );
      }),
    );
  });
});

describe("multi", () => {
  const create = { path: "/a", data: null, acl: [], flags: 0, ttlMs: 0 };
  const multi = (...ops: MultiOp[]): DecodedRequest => asked(OpCode.multi, { op: "multi", ops });
  const del: MultiOp = { op: "delete", path: "/a", version: -1 };

  test("[JU13] a failed multi says OK in its header and tells of every part", () => {
    const failed = failure(Code.BADVERSION, "expected version 99, saw 0", { failedAt: 1 });

    const entry = (body: Body, code: number): Body => part(body, -1, code).int(code);
    const body = entry(entry(entry(new Body(), 0), -103), -2);
    expect(encode(multi(del, del, del), failed)).toEqual(reply(end(body)));
  });

  test("[JU13] a multi that failed as a whole has its code in the header", () => {
    const failed = failure(Code.BADARGUMENTS, "TXN_NODES_MAX is 10000");

    expect(encode(multi(del), failed)).toEqual(reply(new Body(), { code: -8 }));
  });

  test("[JU14] every create but the first operation is a create2", () => {
    const ops = (["create", "create2", "createContainer", "createTTL"] as const).map(
      (op): MultiOp => ({ op, ...create }),
    );
    const result = { op: "create" as const, path: "/a", stat: STAT_ONE };

    const body = part(new Body(), 1).string("/a");
    for (let index = 0; index < 3; index += 1) stat(part(body, 15).string("/a"));
    const outcome: Reply = { op: "multi", results: ops.map(() => result) };
    expect(encode(multi(...ops), outcome)).toEqual(reply(end(body)));
  });

  test("[JU14] the other parts have their operation, and setData a Stat", () => {
    const path = "/a";
    const set: MultiOp = { op: "setData", path, data: null, version: -1 };
    const check: MultiOp = { op: "check", path, version: -1 };

    const outcome: Reply = {
      op: "multi",
      results: [
        { op: "setData", path, stat: STAT_ONE },
        { op: "check", path },
        { op: "delete", path },
      ],
    };
    const body = part(part(stat(part(new Body(), 5)), 13), 2);
    expect(encode(multi(set, check, del), outcome)).toEqual(reply(end(body)));
  });

  test("[JU13] a failure anywhere in any multi tells of every part", () => {
    fc.assert(
      fc.property(MULTI_OPS, fc.nat(), (ops, at) => {
        fc.pre(ops.length > 0);
        const failedAt = at % ops.length;

        const frame = encode(multi(...ops), failure(Code.NONODE, "", { failedAt }));

        const codes = ops.map((_, index) => frame.readInt32BE(16 + 13 * index + 9));
        const expected = ops.map((_, index) =>
          index === failedAt ? -101 : index < failedAt ? 0 : -2,
        );
        expect(codes).toEqual(expected);
        expect(frame.length).toBe(16 + 13 * ops.length + 9);
      }),
    );
  });

  test("[JU14] a multiRead has the operation of each part, and the code of one that failed", () => {
    const read = asked(OpCode.multiRead, { op: "multiRead", ops: [] });
    const path = "/a";

    const outcome: Reply = {
      op: "multiRead",
      results: [
        { op: "getData", path, data: null, stat: STAT_ONE },
        { op: "getChildren", path, children: [{ name: "b" }], stat: STAT_ONE, more: false },
        { op: "error", code: Code.NOAUTH },
      ],
    };
    const body = stat(part(new Body(), 4).int(-1));
    part(part(body, 8).paths(["b"]), -1, -102).int(-102);
    expect(encode(read, outcome)).toEqual(reply(end(body)));
  });
});

describe("events and messages", () => {
  test.each([5, -1])("[JU17] an event of zxid %i has xid -1 and state 3", (zxid) => {
    const archive = new OutputArchive();

    encodeEvent(archive, { type: 3, path: "/a", zxid });

    const [frame] = framesOf(archive.take());
    const expected = reply(new Body().int(3).int(3).string("/a"), { xid: -1, zxid });
    expect(frame).toEqual(new Uint8Array(expected));
  });

  test("[JU20] what is written between two takings is one message of many frames", () => {
    const archive = new OutputArchive();
    const path = `/${"ä".repeat(70_000)}`;

    encodeEvent(archive, { type: 1, path, zxid: 1 });
    encodeEvent(archive, { type: 2, path, zxid: 1 });
    const first = archive.take();
    encodeEvent(archive, { type: 3, path: "/a", zxid: 1 });
    const second = archive.take();

    expect([...framesOf(first)].map(({ length }) => length)).toEqual([140_029, 140_029]);
    expect([...framesOf(second)]).toHaveLength(1);
    expect(archive.length).toBe(0);
  });
});
