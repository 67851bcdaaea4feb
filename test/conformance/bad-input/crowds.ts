import { Connection, encodeHandshake, newSession } from "../connection.ts";
import type { PartContext } from "../part.ts";
import type { Server } from "../servers.ts";
import { frame, OPCODE, Writer } from "../wire.ts";
import { isAlive } from "./observe.ts";
import { readLatency } from "./well-behaved.ts";

const CONNECTIONS = 2_000;
/** Below this a doubled latency is the machine's noise. */
const NOISE_MS = 5;
const ATTEMPTS = 3;

/** Clients that do harm by their number; returns what ends them. */
interface Crowd {
  readonly name: string;
  gather(server: Server): Promise<Connection[]>;
}

const half = (): Buffer => frame(encodeHandshake(newSession(10_000))).subarray(0, 20);

const CROWDS: readonly Crowd[] = [
  {
    name: `${CONNECTIONS} connections that never finish a handshake`,
    gather: async (server) => {
      const crowd: Connection[] = [];
      for (let count = 0; count < CONNECTIONS; count += 1) {
        const connection = await Connection.open(server);
        if (count % 2 === 0) connection.send(half());
        crowd.push(connection);
      }
      return crowd;
    },
  },
  {
    name: "a client that asks for 100 MB and never reads",
    gather: async (server) => {
      const connection = await Connection.open(server);
      connection.sendFrame(encodeHandshake(newSession(30_000)));
      await connection.next();
      const acl = new Writer().int(31).bytes("world").bytes("anyone").toBuffer();
      const node = new Writer().int(1).int(OPCODE.create).bytes("/flood");
      connection.sendFrame(node.bytes(Buffer.alloc(10_000)).int(1).raw(acl).int(1).toBuffer());
      await connection.next();
      connection.pause();
      const read = new Writer().int(2).int(OPCODE.getData).bytes("/flood").bool(false).toBuffer();
      connection.send(Buffer.concat(Array.from({ length: 10_000 }, () => frame(read))));
      return [connection];
    },
  },
];

/** Whether edgekeeper serves a good client as before while a crowd is there, and afterwards. */
export async function withstandCrowds(context: PartContext): Promise<void> {
  for (const crowd of CROWDS) await withstand(crowd, context);
}

async function withstand(crowd: Crowd, { edgekeeper, ...context }: PartContext): Promise<void> {
  // The first reads of a session are never typical.
  await readLatency(edgekeeper);
  const lines: string[] = [];
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const alone = await readLatency(edgekeeper);
    const connections = await crowd.gather(edgekeeper);
    const beside = await readLatency(edgekeeper);
    for (const connection of connections) connection.destroy();
    const line = `p99 ${alone.toFixed(2)} ms alone, ${beside.toFixed(2)} ms beside ${crowd.name}`;
    context.print(line);
    lines.push(line);
    const isGood = beside < Math.max(2 * alone, NOISE_MS);
    if (isGood && (await isAlive(edgekeeper))) {
      context.passed(crowd.name);
      return;
    }
  }
  context.failed(crowd.name, lines.join("\n"));
}
