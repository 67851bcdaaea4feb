import { poll } from "../../e2e/poll.ts";
import { Connection, encodeHandshake, newSession } from "../connection.ts";
import type { Server } from "../servers.ts";
import { frame, OPCODE, Writer } from "../wire.ts";
import type { ServiceProcess } from "./service-process.ts";
import { generateStream } from "./streams.ts";

const KIB = 1_024;
const MIB = 1_024 * KIB;
/** The largest frame; also what the service holds of a client that sends no end of one, twice. */
const FRAME_BYTES_MAX = MIB - 1;
/** Whatever a client does: its sockets, streams, pump and session. */
const CONNECTION_BYTES = 48 * KIB;
/** Answers ahead of a client that does not read: a quarter of SEND_BUFFER_BYTES_MAX. */
const UNREAD_BYTES = MIB;
/** Requests taken from a client before their answers: UNANSWERED_BYTES_PAUSE. */
const UNANSWERED_BYTES = MIB;

/** How long the service must have been at rest to count as done with a crowd. */
const STEADY_MS = 1_000;

/** Clients that do harm by their number. */
export interface Crowd {
  readonly name: string;
  readonly connections: number;
  /** What the limits of the service let each of them make it hold, bytes. */
  readonly bytesEach: number;
  /** Connects them, and returns when they have done all they can. */
  gather(target: Target): Promise<Connection[]>;
}

/** What a crowd is set on. */
export interface Target {
  readonly server: Server;
  /** Undefined where the platform does not tell. */
  readonly process: ServiceProcess | undefined;
}

/** All of them. */
export const CROWDS: readonly Crowd[] = [
  {
    name: "2,000 connections that never finish a handshake",
    connections: 2_000,
    bytesEach: CONNECTION_BYTES,
    async gather({ server }) {
      const half = frame(encodeHandshake(newSession(10_000))).subarray(0, 20);
      const crowd: Connection[] = [];
      for (let count = 0; count < this.connections; count += 1) {
        const connection = await Connection.open(server);
        if (count % 2 === 0) connection.send(half);
        crowd.push(connection);
      }
      return crowd;
    },
  },
  {
    name: "10 clients that ask for 100 MB each and never read",
    connections: 10,
    bytesEach: CONNECTION_BYTES + UNREAD_BYTES + UNANSWERED_BYTES,
    async gather({ server, process }) {
      await createFlood(server);
      const read = new Writer().int(2).int(OPCODE.getData).bytes("/flood").bool(false).toBuffer();
      const requests = Array.from({ length: 10_000 }, () => frame(read));
      const crowd = await each(this.connections, async () => {
        const connection = await Connection.open(server);
        connection.pause();
        connection.sendFrame(encodeHandshake(newSession(30_000)));
        connection.send(Buffer.concat(requests));
        return connection;
      });
      if (process !== undefined) await filled(process, crowd.length);
      return crowd;
    },
  },
  {
    name: "50 clients that send a frame of 1 MiB but for its last byte",
    connections: 50,
    bytesEach: CONNECTION_BYTES + 2 * FRAME_BYTES_MAX,
    gather({ server }) {
      const giant = frame(Buffer.alloc(FRAME_BYTES_MAX)).subarray(0, -1);
      return each(this.connections, async () => {
        const connection = await connect(server);
        await connection.sendOut(giant);
        return connection;
      });
    },
  },
  {
    name: "200 clients that announce a million watches in 20 bytes",
    connections: 200,
    bytesEach: CONNECTION_BYTES,
    gather({ server }) {
      const body = new Writer().long(0n).int(1_000_000).toBuffer();
      const request = new Writer().int(1).int(OPCODE.setWatches).raw(body).toBuffer();
      return each(this.connections, async () => {
        const connection = await connect(server);
        connection.sendFrame(request);
        await connection.next();
        return connection;
      });
    },
  },
  {
    name: "200 clients of random bytes",
    connections: 200,
    bytesEach: CONNECTION_BYTES,
    gather({ server }) {
      return each(this.connections, async (index) => {
        const connection = await Connection.open(server);
        await connection.sendOut(generateStream(index));
        return connection;
      });
    },
  },
];

async function each(
  count: number,
  open: (index: number) => Promise<Connection>,
): Promise<Connection[]> {
  const crowd: Connection[] = [];
  for (let index = 0; index < count; index += 1) crowd.push(await open(index));
  return crowd;
}

async function connect(server: Server): Promise<Connection> {
  const connection = await Connection.open(server);
  connection.sendFrame(encodeHandshake(newSession(30_000)));
  await connection.next();
  return connection;
}

/** The znode of 10,000 bytes that is asked for; it may be there already. */
async function createFlood(server: Server): Promise<void> {
  const connection = await connect(server);
  const acl = new Writer().int(31).bytes("world").bytes("anyone").toBuffer();
  const node = new Writer().int(1).int(OPCODE.create).bytes("/flood");
  connection.sendFrame(node.bytes(Buffer.alloc(10_000)).int(1).raw(acl).int(1).toBuffer());
  await connection.next();
  connection.destroy();
}

/**
 * Waits until no byte more goes to any of the clients, because they have left the kernel no room, and
 * the service takes nothing more in for them.
 */
async function filled(process: ServiceProcess, count: number): Promise<void> {
  let steady = { memory: 0, sinceMs: 0 };
  await poll(`${count} windows are full`, () => {
    const nowMs = performance.now();
    const { blockedConnections, memory } = process;
    const isMoving = blockedConnections < count || Math.abs(memory - steady.memory) > MIB;
    if (isMoving) steady = { memory, sinceMs: nowMs };
    return nowMs - steady.sinceMs > STEADY_MS ? true : undefined;
  });
}
