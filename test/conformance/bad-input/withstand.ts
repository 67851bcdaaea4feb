import type { PartContext } from "../part.ts";
import { type Crowd, CROWDS } from "./crowds.ts";
import { isAlive } from "./observe.ts";
import { ServiceProcess } from "./service-process.ts";
import { readLatency } from "./well-behaved.ts";

/** Below this a doubled latency is the machine's noise. */
const NOISE_MS = 5;
const ATTEMPTS = 3;

/** Whether edgekeeper serves a good client as before while a crowd is there, and afterwards. */
export async function withstandCrowds(context: PartContext): Promise<void> {
  for (const crowd of CROWDS) await withstand(crowd, context);
}

async function withstand(crowd: Crowd, { edgekeeper, ...context }: PartContext): Promise<void> {
  const target = { server: edgekeeper, process: ServiceProcess.of(edgekeeper) };
  // The first reads of a session are never typical.
  await readLatency(edgekeeper);
  const lines: string[] = [];
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const alone = await readLatency(edgekeeper);
    const connections = await crowd.gather(target);
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
