import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { MultiResult, Reply, Request } from "../../../../src/core/request.ts";
import type { Stat } from "../../../../src/core/stat.ts";
import {
  decodeHandshakeAnswer,
  encodeHandshake,
} from "../../../../src/protocol/jute/client-handshake.ts";
import { decodeConnectRequest } from "../../../../src/protocol/jute/connect.ts";
import {
  decodeEvent,
  decodeReply,
  decodeReplyFrame,
  failedPartOf,
  type NativePart,
  type NativeReply,
} from "../../../../src/protocol/jute/decode-reply.ts";
import { decodeRequest } from "../../../../src/protocol/jute/decode-request.ts";
import {
  encodeAuth,
  encodeRequest,
  encodeSetWatches,
  type NativeRequest,
} from "../../../../src/protocol/jute/encode-request.ts";
import { encodeEvent, encodeReply } from "../../../../src/protocol/jute/encode-reply.ts";
import { framesOf } from "../../../../src/protocol/jute/frame.ts";
import { OpCode } from "../../../../src/protocol/jute/op-code.ts";
import { OutputArchive } from "../../../../src/protocol/jute/output-archive.ts";
import { ACLS, DATA, INT, LONG, REQUEST, STAT, TEXT, typeOf } from "./native-arbitraries.ts";
import { encodeRequest as writtenAnew, framed } from "./native-client.ts";

function written(write: (archive: OutputArchive) => void): Buffer {
  const archive = new OutputArchive();
  write(archive);
  return Buffer.from(archive.take());
}

function frameOf(bytes: Uint8Array): Uint8Array {
  const [frame = new Uint8Array(0), ...more] = framesOf(bytes);
  expect(more).toEqual([]);
  return frame;
}

describe("requests", () => {
  test("[CL1] every request is the bytes that a ZooKeeper client sends", () => {
    fc.assert(
      fc.property(REQUEST, INT, (request, xid) => {
        fc.pre(request.op !== "setWatches" && request.op !== "auth");
        const bytes = written((archive) => encodeRequest(archive, xid, request as NativeRequest));

        expect(bytes).toEqual(framed(writtenAnew(xid, typeOf(request), request)));
      }),
    );
  });

  test("[CL11] a reconfig is three texts, null where there is none, and 64 bits of a version", () => {
    const texts = fc.record({
      op: fc.constant("reconfig" as const),
      joiningServers: fc.option(TEXT),
      leavingServers: fc.option(TEXT),
      newMembers: fc.option(TEXT),
      curConfigId: LONG,
    });
    fc.assert(
      fc.property(texts, (request) => {
        const bytes = written((archive) => encodeRequest(archive, 1, request));

        expect(bytes).toEqual(framed(writtenAnew(1, OpCode.reconfig, request)));
      }),
    );
  });

  test("[JU26] children in pages: what is asked for comes whole, or not at all", () => {
    const page = fc.record({
      after: TEXT,
      limit: INT,
      stat: fc.boolean(),
      data: fc.boolean(),
    });
    fc.assert(
      fc.property(page, fc.nat(), fc.uint8Array(), (asked, at, garbage) => {
        const request = { op: "getChildren2", path: "/a", watch: false, page: asked } as const;
        const plain = { op: "getChildren2", path: "/a", watch: false } as const;
        const frame = frameOf(written((archive) => encodeRequest(archive, 1, request)));
        const start = written((archive) => encodeRequest(archive, 1, plain)).length - 4;

        expect(decodeRequest(frame)).toMatchObject({ kind: "request", request });
        const cut = start + 8 + (at % (frame.length - start - 8));
        expect(decodeRequest(frame.subarray(0, cut))).toMatchObject({ kind: "refused" });
        fc.pre(garbage[0] !== 0x65);
        const other = Buffer.concat([frame.subarray(0, start), garbage]);
        expect(decodeRequest(other)).toMatchObject({ kind: "request", request: plain });
      }),
    );
  });

  test("[CL2] auth has the xid -4", () => {
    const request = { op: "auth", scheme: "digest", auth: new Uint8Array([1]) } as const;
    const bytes = written((archive) => encodeAuth(archive, request));

    expect(bytes).toEqual(framed(writtenAnew(-4, OpCode.auth, request)));
  });

  test.each([
    { persistent: [], type: OpCode.setWatches },
    { persistent: ["/p"], type: OpCode.setWatches2 },
  ])("[CL3] setWatches is the form that needs $type", ({ persistent, type }) => {
    const request = {
      op: "setWatches",
      relativeZxid: 2 ** 33,
      dataWatches: ["/d"],
      existWatches: ["/e"],
      childWatches: ["/c"],
      persistentWatches: persistent,
      persistentRecursiveWatches: [],
    } as const;
    const bytes = written((archive) => encodeSetWatches(archive, request));

    expect(bytes).toEqual(framed(writtenAnew(-8, type, request)));
  });
});

describe("the handshake", () => {
  test("[CL4] resumes a session whose id needs all 64 bits", () => {
    const session = {
      id: 0x0100_001f_de19_0001n,
      password: new Uint8Array(16).fill(7),
      timeoutMs: 1,
    };
    const bytes = written((archive) =>
      encodeHandshake(archive, {
        lastZxidSeen: 9,
        timeoutMs: 4_000,
        session,
        canBeReadOnly: false,
      }),
    );
    const frame = Buffer.from(frameOf(bytes));

    expect(frame.readBigInt64BE(16)).toBe(session.id);
    expect(decodeConnectRequest(frame)).toMatchObject({
      lastZxidSeen: 9,
      timeoutMs: 4_000,
      password: session.password,
      hasReadOnlyFlag: true,
    });
  });

  test("[CL5] an answer with a timeout of 0 says that the session is over", () => {
    const over = new Uint8Array(4 + 4 + 8 + 4 + 16 + 1);
    new DataView(over.buffer).setInt32(16, 16);

    expect(decodeHandshakeAnswer(over)).toEqual({ session: undefined, isReadOnly: false });
  });

  test("[CL5] a frame that ends within an answer is none", () => {
    const frame = exchange("connect", "S");
    const cuts = Array.from({ length: frame.length - 1 }, (_, length) => frame.subarray(0, length));

    expect(cuts.filter((cut) => decodeHandshakeAnswer(cut) !== undefined)).toEqual([]);
    expect(decodeHandshakeAnswer(frame.subarray(0, -1))).toMatchObject({ isReadOnly: false });
  });
});

const nativeStat = (stat: Stat) => ({ ...stat, ephemeralOwner: BigInt(stat.ephemeralOwner) });

/** What the client makes of an answer of the service. */
function readAnswer(request: Request, reply: Reply, zxid: number): NativeReply | undefined {
  const asked = { kind: "request", xid: 5, type: typeOf(request), request } as const;
  const bytes = written((archive) => encodeReply(archive, asked, zxid, reply));
  const frame = decodeReplyFrame(frameOf(bytes));
  expect(frame).toMatchObject({ xid: 5, zxid, code: 0 });
  return frame && decodeReply(frame.body, request as NativeRequest);
}

describe("answers", () => {
  test("[CL6] data, Stat, ACL and children come out as they went in", () => {
    const names = fc.array(TEXT, { maxLength: 4 });
    fc.assert(
      fc.property(STAT, DATA, ACLS, names, (stat, data, acl, children) => {
        const zxid = stat.mzxid;
        const path = "/a";
        const entries = children.map((name) => ({ name }));

        expect(
          readAnswer(
            { op: "getData", path, watch: false },
            { op: "getData", path, data, stat },
            zxid,
          ),
        ).toEqual({ data, stat: nativeStat(stat) });
        expect(readAnswer({ op: "getACL", path }, { op: "getACL", path, acl, stat }, zxid)).toEqual(
          { acl, stat: nativeStat(stat) },
        );
        expect(
          readAnswer(
            { op: "getChildren2", path, watch: false },
            { op: "getChildren", path, children: entries, stat, more: false },
            zxid,
          ),
        ).toEqual({ children, stat: nativeStat(stat) });
      }),
    );
  });

  test("[CL7] the results of a multi are told apart by their types", () => {
    fc.assert(
      fc.property(STAT, TEXT, (stat, path) => {
        const ops = [
          { op: "create2", path, data: null, acl: [], flags: 0, ttlMs: 0 },
          { op: "setData", path, data: null, version: -1 },
          { op: "delete", path, version: -1 },
          { op: "check", path, version: -1 },
        ] as const;
        const results: MultiResult[] = [
          { op: "create", path, stat },
          { op: "setData", path, stat },
          { op: "delete", path },
          { op: "check", path },
        ];

        expect(readAnswer({ op: "multi", ops }, { op: "multi", results }, 1)?.parts).toEqual([
          { op: "create", path, stat: nativeStat(stat) },
          { op: "setData", stat: nativeStat(stat) },
          { op: "delete" },
          { op: "check" },
        ]);
      }),
    );
  });

  test("[CL7] the part that failed a multi is the one with a code of its own", () => {
    const parts: NativePart[] = [0, -101, -2].map((code) => ({ op: "error", code }));

    expect(failedPartOf(parts)).toBe(1);
    expect(failedPartOf([{ op: "delete" }])).toBe(-1);
  });

  test("[CL8] an event names type, state and path", () => {
    const bytes = written((archive) => encodeEvent(archive, { type: 3, path: "/a", zxid: 9 }));
    const frame = decodeReplyFrame(frameOf(bytes));

    expect(frame).toMatchObject({ xid: -1, zxid: 9 });
    expect(frame && decodeEvent(frame.body)).toEqual({ type: 3, state: 3, path: "/a" });
  });

  test("[CL9] bytes that are not the answer are undefined, never an exception", () => {
    fc.assert(
      fc.property(REQUEST, fc.uint8Array({ maxLength: 120 }), (request, bytes) => {
        const frame = decodeReplyFrame(bytes);
        if (frame !== undefined) decodeReply(frame.body, request as NativeRequest);
        decodeHandshakeAnswer(bytes);
      }),
    );
    const short = decodeReplyFrame(new Uint8Array(16));
    expect(short && decodeReply(short.body, { op: "getData", path: "/", watch: false })).toBe(
      undefined,
    );
  });
});

/** The first frame of one side of a captured exchange, without its length. */
function exchange(name: string, side: "C" | "S"): Buffer {
  const text = readFileSync(new URL("golden-vectors.txt", import.meta.url), "utf8");
  const lines = text.split("\n");
  const rest = lines.slice(lines.indexOf(name) + 1);
  const line = rest.find((candidate) => candidate.startsWith(`  ${side}> `)) ?? "";
  return Buffer.from(line.slice("  S> 00000000 ".length), "hex");
}

describe("a real server", () => {
  test("[CL10] its handshake is read whole", () => {
    expect(decodeHandshakeAnswer(exchange("connect", "S"))).toEqual({
      session: {
        id: 0x0100_001f_de19_0000n,
        password: new Uint8Array(Buffer.from("ed453a1176e5b379138389f6af297669", "hex")),
        timeoutMs: 10_000,
      },
      isReadOnly: false,
    });
  });

  test("[CL10] its answer to a create is read, and its request is what we would send", () => {
    const sent = exchange("create1 /g", "C");
    const decoded = decodeRequest(sent);
    const answer = decodeReplyFrame(exchange("create1 /g", "S"));

    expect(
      written((archive) => encodeRequest(archive, 1, decoded.request as NativeRequest)),
    ).toEqual(framed(sent));
    expect(answer).toMatchObject({ xid: 1, zxid: 3, code: 0 });
    expect(answer && decodeReply(answer.body, decoded.request as NativeRequest)).toEqual({
      path: "/g",
    });
  });
});
