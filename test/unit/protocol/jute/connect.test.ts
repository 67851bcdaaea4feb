import fc from "fast-check";
import { expect, test } from "vitest";
import { Code, failure, type Outcome } from "../../../../src/core/keeper-error.ts";
import type { ConnectedSession, Session } from "../../../../src/core/session.ts";
import {
  decodeConnectRequest,
  encodeConnectResponse,
} from "../../../../src/protocol/jute/connect.ts";
import { framesOf } from "../../../../src/protocol/jute/frame.ts";
import { OutputArchive } from "../../../../src/protocol/jute/output-archive.ts";
import { INT, LONG } from "./native-arbitraries.ts";
import { Body, connectFrame } from "./native-client.ts";
import { NativeServer } from "./native-server.ts";

const PASSWORD = new Uint8Array(16).fill(9);
const SESSION: Session = { id: 0xffff_1234_5678, password: PASSWORD, timeoutMs: 6_000, member: 0 };

function answer(
  hasReadOnlyFlag: boolean,
  outcome: Outcome<ConnectedSession>,
): Uint8Array | undefined {
  const archive = new OutputArchive();
  const isWritten = encodeConnectResponse(archive, { hasReadOnlyFlag }, outcome);
  const [frame] = framesOf(archive.take());
  expect(isWritten).toBe(frame !== undefined);
  return frame;
}

const plain = (body: Body): Uint8Array => new Uint8Array(body.bytes());

test("[JU1] any handshake is decoded to what the client sent", () => {
  const password = fc.uint8Array({ maxLength: 20 });
  fc.assert(
    fc.property(LONG, INT, LONG, password, (lastZxidSeen, timeoutMs, sessionId, secret) => {
      const base = { lastZxidSeen, timeoutMs, sessionId, password: secret };

      for (const hasReadOnlyFlag of [true, false]) {
        const frame = connectFrame(hasReadOnlyFlag ? { ...base, readOnly: true } : base);
        const expected = { ...base, hasReadOnlyFlag, canBeReadOnly: hasReadOnlyFlag };
        expect(decodeConnectRequest(frame)).toEqual(expected);
      }
    }),
  );
});

test("[JU6] a 64-bit session id is that of a session that does not exist", () => {
  const frame = connectFrame({ sessionId: 0x0100_001f_de19_0000n });

  expect(decodeConnectRequest(frame)?.sessionId).toBe(Number.MAX_SAFE_INTEGER);
});

test("[JU7] a null password is empty, and so that of no session", () => {
  expect(decodeConnectRequest(connectFrame({ password: null }))?.password).toEqual(
    new Uint8Array(0),
  );
});

test("[JU19] a frame that ends within the handshake is none", () => {
  const frame = connectFrame();
  const cuts = Array.from({ length: frame.length }, (_, length) => frame.subarray(0, length));

  expect(cuts.filter((cut) => decodeConnectRequest(cut) !== undefined)).toEqual([]);
});

test("[JU24] random bytes are a handshake or none", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(typeof decodeConnectRequest(bytes)).toMatch(/^(object|undefined)$/);
    }),
    { numRuns: 2_000 },
  );
});

test("[JU18] the answer has a read-only byte if the handshake had one", () => {
  const body = (): Body => new Body().int(0).int(6_000).long(SESSION.id).buffer(PASSWORD);

  expect(answer(true, SESSION)).toEqual(plain(body().bool(false)));
  expect(answer(false, SESSION)).toEqual(plain(body()));
});

test("[JU18][EN31] the byte says whether there is no quorum", () => {
  const body = new Body().int(0).int(6_000).long(SESSION.id).buffer(PASSWORD);

  expect(answer(true, { ...SESSION, isReadOnly: true })).toEqual(plain(body.bool(true)));
});

test("[JU18] whoever sends the flag as 0 accepts no server without a quorum", () => {
  expect(decodeConnectRequest(connectFrame({ readOnly: false }))?.canBeReadOnly).toBe(false);
});

test("[JU18] a session that is over is answered with zeros", () => {
  const failed = failure(Code.SESSIONEXPIRED, "expected a living session");

  const body = new Body().int(0).int(0).long(0).buffer(Buffer.alloc(16));
  expect(answer(false, failed)).toEqual(plain(body));
});

test.each(["OPERATIONTIMEOUT", "THROTTLEDOP", "NOAUTH"] as const)(
  "[JU19] a handshake refused with %s is not answered",
  (code) => {
    expect(answer(true, failure(Code[code], "no"))).toBeUndefined();
  },
);

test("[JU19][JU6] a client that saw a zxid ahead of ours is closed without an answer", () => {
  const server = new NativeServer(1_000);
  const connection = server.open();

  expect(server.send(connection, connectFrame({ lastZxidSeen: 0x7fff_ffff_ffff_ffffn }))).toEqual(
    [],
  );
  expect(server.isClosed(connection)).toBe(true);
});

test("[JU18][JU6] a session id of another server is answered as expired, then closed", () => {
  const server = new NativeServer(1_000);
  const connection = server.open();

  const frames = server.send(connection, connectFrame({ sessionId: 0x0100_001f_de19_0000n }));

  const zeros = new Body().int(0).int(0).long(0).buffer(Buffer.alloc(16)).bytes();
  expect(frames).toEqual([zeros]);
  expect(server.isClosed(connection)).toBe(true);
});

test("[JU18] a session is resumed on another connection", () => {
  const server = new NativeServer(1_000);
  const [made = Buffer.alloc(0)] = server.send(server.open(), connectFrame());
  const sessionId = made.readBigInt64BE(8);
  const password = made.subarray(20, 36);

  const frames = server.send(server.open(), connectFrame({ sessionId, password }));

  expect(frames).toEqual([made]);
});
