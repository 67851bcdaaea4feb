import {
  Connection,
  decodeHandshakeReply,
  encodeHandshake,
  type Handshake,
  newSession,
} from "../connection.ts";
import type { Server } from "../servers.ts";
import { frame, OPCODE, Writer } from "../wire.ts";
import { converse, observe, type Observation, type Talk } from "./observe.ts";

/** One way to misbehave, the same on both servers. */
export interface BadInput {
  readonly name: string;
  readonly run: (talk: Talk) => Promise<Observation>;
}

const TIMEOUT_MS = 10_000;
const FRAME_BYTES_MAX = 1_048_575;

const handshake = (change: Partial<Handshake> = {}): Buffer =>
  frame(encodeHandshake({ ...newSession(TIMEOUT_MS), ...change }));
const length = (value: number): Buffer => new Writer().int(value).toBuffer();
const request = (xid: number, type: number, body: Buffer = Buffer.alloc(0)): Buffer =>
  frame(new Writer().int(xid).int(type).raw(body).toBuffer());
const exists = (xid: number): Buffer =>
  request(xid, OPCODE.exists, new Writer().bytes("/zookeeper").bool(false).toBuffer());
const close = (xid: number): Buffer => request(xid, OPCODE.closeSession);

/** Bytes instead of a conversation. */
const bytes = (name: string, ...pieces: readonly Buffer[]): BadInput => ({
  name,
  run: (talk) => converse(talk, pieces),
});

/** Bytes behind a good handshake, and a request behind them to see whether it still matters. */
const inside = (name: string, ...pieces: readonly Buffer[]): BadInput =>
  bytes(name, handshake(), ...pieces, exists(1_000));

const BEFORE_HANDSHAKE: readonly BadInput[] = [
  bytes("text", Buffer.from("hello, is anybody there?\n")),
  bytes("HTTP", Buffer.from("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")),
  bytes("TLS", Buffer.from("16030100a5010000a10303", "hex")),
  bytes("telnet close", Buffer.from("fff4fffd06", "hex")),
  bytes("nothing"),
  bytes("half a length", Buffer.from([0, 0])),
  bytes("length 0", length(0)),
  bytes("length −1", length(-1)),
  bytes("length −2³¹", length(-2_147_483_648)),
  bytes("length 2³¹−1", length(2_147_483_647)),
  bytes("length over the limit", length(FRAME_BYTES_MAX + 1)),
  bytes("length at the limit", length(FRAME_BYTES_MAX)),
  bytes("half a handshake", handshake().subarray(0, 20)),
  bytes("a short handshake", frame(encodeHandshake(newSession(TIMEOUT_MS)).subarray(0, 20))),
  bytes("zeros", Buffer.alloc(48)),
  bytes("a request first", exists(1)),
  bytes("a close first", close(1)),
];

const HANDSHAKES: readonly BadInput[] = [
  bytes("good", handshake(), exists(1)),
  bytes("byte by byte", ...Array.from(handshake(), (byte) => Buffer.from([byte])), exists(1)),
  bytes(
    "without readOnly",
    frame(encodeHandshake(newSession(TIMEOUT_MS)).subarray(0, 44)),
    exists(1),
  ),
  bytes("readOnly", handshake({ readOnly: true }), exists(1)),
  bytes(
    "with bytes behind",
    frame(Buffer.concat([encodeHandshake(newSession(TIMEOUT_MS)), Buffer.alloc(9, 1)])),
    exists(1),
  ),
  ...[-1, 0, 1, 3_999, 4_001, 40_001, 2_147_483_647].map((timeoutMs) =>
    bytes(`timeout ${timeoutMs}`, handshake({ timeoutMs }), exists(1)),
  ),
  bytes("zxid of the future", handshake({ lastZxidSeen: 1n << 60n }), exists(1)),
  bytes("negative zxid", handshake({ lastZxidSeen: -1n }), exists(1)),
  bytes("unknown session", handshake({ sessionId: 0x1234n }), exists(1)),
  bytes("negative session", handshake({ sessionId: -1n }), exists(1)),
  bytes(
    "no password",
    frame(new Writer().int(0).long(0n).int(TIMEOUT_MS).long(0n).bytes(null).bool(false).toBuffer()),
    exists(1),
  ),
  bytes("short password", handshake({ password: Buffer.alloc(3) }), exists(1)),
  bytes("long password", handshake({ password: Buffer.alloc(500) }), exists(1)),
  bytes(
    "password longer than the frame",
    frame(new Writer().int(0).long(0n).int(TIMEOUT_MS).long(0n).int(100).toBuffer()),
    exists(1),
  ),
  bytes(
    "protocol version 7",
    frame(Buffer.concat([length(7), encodeHandshake(newSession(TIMEOUT_MS)).subarray(4)])),
    exists(1),
  ),
  bytes("two handshakes", handshake(), handshake(), exists(1)),
  bytes("requests at once", handshake(), ...[1, 2, 3].map(exists), close(4)),
];

const vector = (count: number): Buffer => new Writer().bytes("/x").bytes("").int(count).toBuffer();
const paths = (count: number): Buffer => new Writer().long(0n).int(count).toBuffer();

const REQUESTS: readonly BadInput[] = [
  inside("an empty frame", length(0)),
  inside("half a header", frame(Buffer.alloc(4))),
  inside("a header alone", request(1, OPCODE.exists)),
  inside("length −1 inside", length(-1)),
  inside("length over the limit inside", length(FRAME_BYTES_MAX + 1)),
  inside("text inside", Buffer.from("hello, is anybody there?")),
  inside("ruok inside", Buffer.from("ruok")),
  ...[0, 10, -1, -10, 99, 108, 1_000, 2_147_483_647].map((type) =>
    inside(`operation ${type}`, request(1, type)),
  ),
  ...[-1, -8, 0, -2_147_483_648].map((xid) => inside(`xid ${xid}`, exists(xid))),
  inside("twice the same xid", exists(7), exists(7)),
  inside(
    "bytes behind a request",
    frame(Buffer.concat([exists(1).subarray(4), Buffer.alloc(50, 7)])),
  ),
  ...[-2, -1, 1_000_000, 2_147_483_647, -2_147_483_648].flatMap((count) => [
    inside(`${count} ACL entries`, request(1, OPCODE.create, vector(count))),
    inside(`${count} watches`, request(1, OPCODE.setWatches, paths(count))),
    inside(`a path of ${count} bytes`, request(1, OPCODE.getData, length(count))),
    inside(
      `data of ${count} bytes`,
      request(1, OPCODE.setData, new Writer().bytes("/x").int(count).toBuffer()),
    ),
  ]),
  inside("a multi of nothing", request(1, OPCODE.multi)),
  inside(
    "a multi without end",
    request(
      1,
      OPCODE.multi,
      new Writer().int(2).bool(false).int(-1).bytes("/x").int(-1).toBuffer(),
    ),
  ),
  inside(
    "a multi in a multi",
    request(1, OPCODE.multi, new Writer().int(14).bool(false).int(-1).toBuffer()),
  ),
  inside(
    "no UTF-8",
    request(
      1,
      OPCODE.getData,
      new Writer()
        .bytes(Buffer.from([0x2f, 0xff, 0xfe]))
        .bool(false)
        .toBuffer(),
    ),
  ),
  inside(
    "auth of an unknown scheme",
    request(-4, OPCODE.auth, new Writer().int(0).bytes("nobody").bytes("x").toBuffer()),
  ),
  inside("SASL without a token", request(1, OPCODE.sasl, length(-1))),
  inside("SASL with any token", request(1, OPCODE.sasl, new Writer().bytes("x").toBuffer())),
  inside("auth of nothing", request(-4, OPCODE.auth)),
  inside(
    "auth without a password",
    request(-4, OPCODE.auth, new Writer().int(0).bytes("digest").bytes("bob").toBuffer()),
  ),
  inside(
    "the largest frame",
    frame(Buffer.concat([exists(1).subarray(4), Buffer.alloc(FRAME_BYTES_MAX - 23)])),
  ),
  inside(
    "a frame over the limit",
    frame(Buffer.concat([exists(1).subarray(4), Buffer.alloc(FRAME_BYTES_MAX)])),
  ),
  inside("2,000 requests at once", ...Array.from({ length: 2_000 }, (_, xid) => exists(xid + 1))),
  inside("requests behind a close", close(1), exists(2)),
];

/** A session, and what a second connection can do to it. */
const TWO_CONNECTIONS: readonly BadInput[] = [
  {
    name: "taken over",
    run: async (talk) => {
      const first = await establish(talk.server);
      const resumed = await converse(talk, [handshake(first.session), exists(1)]);
      return both(resumed, await observe(first.connection, talk.silenceMs, false));
    },
  },
  {
    name: "resumed with a wrong password",
    run: async (talk) => {
      const { connection, session } = await establish(talk.server);
      const password = Buffer.from(session.password.map((byte) => byte ^ 1));
      const second = await converse(talk, [handshake({ ...session, password })]);
      connection.destroy();
      return second;
    },
  },
  {
    name: "resumed after a close",
    run: async (talk) => {
      const { connection, session } = await establish(talk.server);
      connection.send(close(1));
      const first = await observe(connection, talk.silenceMs, false);
      return both(first, await converse(talk, [handshake(session), exists(1)]));
    },
  },
  {
    name: "closed by the client in the middle of a frame",
    run: async (talk) => {
      const { connection, session } = await establish(talk.server);
      connection.send(exists(1).subarray(0, 9));
      connection.destroy();
      return converse(talk, [handshake(session), exists(1), close(2)]);
    },
  },
];

/** Two connections as one observation: the first one's end is among what was seen. */
function both(first: Observation, second: Observation): Observation {
  return { replies: [...first.replies, `then ${first.end}`, ...second.replies], end: second.end };
}

async function establish(server: Server) {
  const connection = await Connection.open(server);
  connection.send(handshake());
  const payload = await connection.next();
  if (!Buffer.isBuffer(payload)) throw new Error(`expected a session, saw ${payload}`);
  const { sessionId, password } = decodeHandshakeReply(payload);
  return { connection, session: { sessionId, password } };
}

/** All of them. */
export const BAD_INPUTS: readonly BadInput[] = [
  ...BEFORE_HANDSHAKE,
  ...HANDSHAKES,
  ...REQUESTS,
  ...TWO_CONNECTIONS,
];
