import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Code, failure } from "../../../../src/core/keeper-error.ts";
import { FRAME_BYTES_MAX } from "../../../../src/protocol/jute/frame.ts";
import {
  NativeConnection,
  type NativeInput,
} from "../../../../src/protocol/jute/native-connection.ts";
import { OpCode } from "../../../../src/protocol/jute/op-code.ts";
import { cut } from "./cut.ts";
import { REQUEST, typeOf } from "./native-arbitraries.ts";
import { Body, connectFrame, encodeRequest, framed, requestFrame } from "./native-client.ts";
import { NativeServer } from "./native-server.ts";

const OPEN = [{ perms: 31, id: { scheme: "world", id: "anyone" } }];

const create = (xid: number, path: string): Buffer =>
  requestFrame(xid, OpCode.create, new Body().string(path).buffer(null).acl(OPEN).int(0));

const exists = (xid: number, path: string): Buffer =>
  requestFrame(xid, OpCode.exists, new Body().string(path).bool(false));

const unreadable = (xid: number, type: number): Buffer => requestFrame(xid, type);

/** A server with a client that has its session. */
function joined(): { readonly server: NativeServer; readonly id: number } {
  const server = new NativeServer(1_000);
  const id = server.open();
  server.send(id, connectFrame());
  return { server, id };
}

/** xid, zxid and code of each reply. */
const headers = (frames: readonly Buffer[]): (number | bigint)[][] =>
  frames.map((frame) => [frame.readInt32BE(0), frame.readBigInt64BE(4), frame.readInt32BE(12)]);

describe("the order of answers", () => {
  test("[JU25] what the codec refuses is answered in its place", () => {
    const { server, id } = joined();

    const frames = server.send(
      id,
      create(1, "/a"),
      unreadable(2, OpCode.exists),
      create(3, "/b"),
      requestFrame(4, OpCode.sasl, new Body().int(0)),
      exists(5, "/b"),
    );

    expect(headers(frames)).toEqual([
      [1, 2n, 0],
      [2, 2n, -5],
      [3, 3n, 0],
      [4, 0n, 0],
      [5, 3n, 0],
    ]);
  });

  test("[JU23][JU15] a refusal that ZooKeeper logs takes a zxid, any other takes none", () => {
    const { server, id } = joined();
    const reconfig = new Body().string(null).string(null).string(null).long(-1);

    const frames = server.send(
      id,
      unreadable(1, OpCode.multi),
      unreadable(2, OpCode.create),
      requestFrame(3, OpCode.reconfig, reconfig),
      create(4, "/a"),
    );

    expect(headers(frames)).toEqual([
      [1, 2n, -5],
      [2, 2n, -5],
      [3, 3n, -123],
      [4, 4n, 0],
    ]);
    expect(server.lastZxid).toBe(4);
  });

  test("[JU25][JU10] an unknown operation is answered in order, and the last of its connection", () => {
    const { server, id } = joined();

    const frames = server.send(id, create(1, "/a"), requestFrame(2, 77), create(3, "/b"));

    expect(headers(frames)).toEqual([
      [1, 2n, 0],
      [2, -1n, -6],
    ]);
    expect(server.isClosed(id)).toBe(true);
    expect(server.lastZxid).toBe(2);
  });

  test("[JU25][JU8] a frame without a header closes behind the answers before it", () => {
    const { server, id } = joined();

    const frames = server.send(id, create(1, "/a"), Buffer.alloc(3), create(3, "/b"));

    expect(headers(frames)).toEqual([[1, 2n, 0]]);
    expect(server.isClosed(id)).toBe(true);
  });

  test("[JU25][JU2] a length that is not allowed closes behind the answers before it", () => {
    const { server, id } = joined();
    const length = new Body().int(FRAME_BYTES_MAX + 1).bytes();

    const frames = server.sendBytes(id, Buffer.concat([framed(create(1, "/a")), length]));

    expect(headers(frames)).toEqual([[1, 2n, 0]]);
    expect(server.isClosed(id)).toBe(true);
  });

  test("[JU25] requests behind the handshake wait for it", () => {
    const server = new NativeServer(1_000);

    const frames = server.send(server.open(), connectFrame(), create(1, "/a"));

    expect(frames.map(({ length }) => length)).toEqual([36, 22]);
  });
});

describe("before the handshake", () => {
  test("[JU19] a request is no handshake", () => {
    const native = new NativeConnection(false);

    expect(native.push(framed(exists(1, "/a")))).toEqual([
      { type: "close", reason: "expected a handshake, saw another frame" },
    ]);
    expect(native.push(framed(connectFrame()))).toEqual([]);
  });

  test("[JU2] a length that is not allowed closes at once", () => {
    const native = new NativeConnection(false);

    const [input] = native.push(Buffer.from("GET / HTTP/1.1"));

    expect(input).toEqual({
      type: "close",
      reason: "expected a frame of 0 to 1048575 bytes, saw a length of 1195725856",
    });
  });

  test("[JU10] a second handshake is an unknown operation", () => {
    const { server, id } = joined();

    expect(headers(server.send(id, connectFrame()))).toEqual([[0, -1n, -6]]);
    expect(server.isClosed(id)).toBe(true);
  });
});

describe("one connection", () => {
  test("[JU2] the same is asked however the stream is cut", () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 });
    fc.assert(
      fc.property(fc.array(REQUEST, { maxLength: 6 }), lengths, (requests, pieces) => {
        const native = new NativeConnection(true);
        const frames = requests.map((request, xid) =>
          framed(encodeRequest(xid, typeOf(request), request)),
        );

        const inputs = cut(Buffer.concat(frames), pieces).flatMap((piece) => native.push(piece));

        const expected = requests.map((request, xid): NativeInput => ({
          type: "request",
          xid,
          request,
        }));
        expect(inputs).toEqual(expected);
        expect(native.outstandingRequests).toBe(requests.length);
        expect(native.isAtBoundary).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test("[JU24] random bytes are requests or close the connection", () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 20 });
    fc.assert(
      fc.property(pieces, fc.boolean(), (stream, isJoined) => {
        const native = new NativeConnection(isJoined);

        const inputs = stream.flatMap((piece) => native.push(piece));

        const asked = inputs.filter(({ type }) => type === "request");
        for (const input of asked) {
          if (input.type !== "request") continue;
          native.reply(input.xid, 1, failure(Code.NONODE, "no"));
        }
        expect(native.outstandingRequests).toBe(0);
        expect(inputs.filter(({ type }) => type === "close").length).toBeLessThan(2);
      }),
      { numRuns: 1_000 },
    );
  });

  test("[JU20] what is encoded between two takings is counted and taken once", () => {
    const native = new NativeConnection(true);
    native.push(framed(exists(1, "/a")));

    native.reply(1, 5, failure(Code.NONODE, "no"));

    expect(native.bytesToTake).toBe(20);
    expect(native.take()).toHaveLength(20);
    expect(native.take()).toHaveLength(0);
  });
});
