import { Connection, decodeHandshakeReply } from "../connection.ts";
import type { Server } from "../servers.ts";
import { Reader } from "../wire.ts";

/** How long no byte comes on a connection that counts as kept open; `patient` rules out load. */
export const SILENCE_MS = { quick: 600, patient: 5_000 } as const;

/** What came back on a connection, and how it went on. */
export interface Observation {
  readonly replies: readonly string[];
  readonly end: "closed" | "kept open";
}

/**
 * Whether two servers behaved alike. ZooKeeper closes without waiting for what it has still to send:
 * before a close either server may have said less, but nothing else.
 */
export function areAlike(a: Observation, b: Observation): boolean {
  if (a.end !== b.end) return false;
  if (a.end === "kept open") return ordered(a).join() === ordered(b).join();
  const [fewer, more] = a.replies.length < b.replies.length ? [a, b] : [b, a];
  return fewer.replies.every((reply) => more.replies.includes(reply));
}

/** The service answers a ping at the edge: its place among the replies is open. */
function ordered({ replies }: Observation): readonly string[] {
  const isPing = (reply: string) => reply.startsWith("reply -2 ");
  return [...replies.filter((reply) => !isPing(reply)), ...replies.filter(isPing)];
}

/** One line for a reader. */
export function printObservation({ replies, end }: Observation): string {
  return [...replies, end].join(", ");
}

/** Reads until the connection ends or nothing more comes. */
export async function observe(
  connection: Connection,
  silenceMs: number,
  expectsHandshake = true,
): Promise<Observation> {
  const replies: string[] = [];
  let isHandshake = expectsHandshake;
  for (;;) {
    const payload = await connection.next(silenceMs);
    if (!Buffer.isBuffer(payload)) {
      connection.destroy();
      return { replies, end: payload === "silent" ? "kept open" : "closed" };
    }
    replies.push(isHandshake ? describeHandshake(payload) : describeReply(payload));
    isHandshake = false;
  }
}

function describeHandshake(payload: Buffer): string {
  try {
    const reply = decodeHandshakeReply(payload);
    if (reply.sessionId === 0n) {
      const isZero = reply.password.every((byte) => byte === 0);
      return `refused (timeout ${reply.timeoutMs}, ${isZero ? "zero" : "some"} password)`;
    }
    return `session (timeout ${reply.timeoutMs}, ${payload.length} bytes)`;
  } catch {
    return `no handshake: ${payload.toString("hex")}`;
  }
}

function describeReply(payload: Buffer): string {
  if (payload.length < 16) return `no reply: ${payload.toString("hex")}`;
  const reader = new Reader(payload);
  const [xid, zxid, err] = [reader.int(), reader.long(), reader.int()];
  // A ping is answered with the last zxid the connection has seen, 0 before the first reply.
  const zxidName = zxid > 0n || xid === -2 ? "zxid" : `${zxid}`;
  return `reply ${xid} ${zxidName} ${err} +${reader.rest().length} bytes`;
}

/** Where and how a conversation is held. */
export interface Talk {
  readonly server: Server;
  readonly silenceMs: number;
}

/** Sends pieces of bytes on a new connection, and observes. */
export async function converse(
  { server, silenceMs }: Talk,
  pieces: readonly Buffer[],
): Promise<Observation> {
  const connection = await Connection.open(server);
  for (const piece of pieces) connection.send(piece);
  return observe(connection, silenceMs);
}

/** What a plain client gets now: the server must still be there. */
export async function isAlive(server: Server): Promise<boolean> {
  const connection = await Connection.open(server);
  connection.send(Buffer.from("ruok"));
  const answer = await connection.untilClosed();
  connection.destroy();
  return Buffer.isBuffer(answer) && answer.toString() === "imok";
}
