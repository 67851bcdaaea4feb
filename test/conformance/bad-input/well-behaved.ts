import { Connection, encodeHandshake, newSession } from "../connection.ts";
import type { Server } from "../servers.ts";
import { frame, OPCODE, Writer } from "../wire.ts";

const REQUESTS = 1_000;

/** The 99th percentile, in milliseconds, of reads that one client sends one after the other. */
export async function readLatency(server: Server): Promise<number> {
  const connection = await Connection.open(server);
  connection.sendFrame(encodeHandshake(newSession(30_000)));
  await connection.next();
  const read = new Writer().int(1).int(OPCODE.getData).bytes("/zookeeper").bool(false);
  const bytes = frame(read.toBuffer());
  const times: number[] = [];
  for (let count = 0; count < REQUESTS; count += 1) {
    const start = performance.now();
    connection.send(bytes);
    const reply = await connection.next();
    if (!Buffer.isBuffer(reply)) throw new Error(`a good client got no answer: ${reply}`);
    times.push(performance.now() - start);
  }
  connection.send(frame(new Writer().int(2).int(OPCODE.closeSession).toBuffer()));
  await connection.next();
  connection.destroy();
  return times.toSorted((a, b) => a - b)[Math.floor(REQUESTS * 0.99)] ?? 0;
}
