import { performance } from "node:perf_hooks";
import { type BareWorkerd, startBareWorkerd } from "./bare-workerd.ts";
import { JsonClient } from "./json-client.ts";

const CLIENTS = 16;
const OUTSTANDING = 64;
const SECONDS = 5;

/** Prints creates and reads per second, latencies, and rows written per 1,000 creates. */
export async function benchWebSocket(): Promise<void> {
  const workerd = await startBareWorkerd();
  try {
    const clients = await Promise.all(
      Array.from({ length: CLIENTS }, () =>
        JsonClient.open(workerd, { outstanding: OUTSTANDING, isBatching: false }),
      ),
    );
    const data = "x".repeat(100);
    const before = await rowsWritten(workerd);
    const creates = await measure("create", clients, (client, id) => ({
      op: "create",
      path: `/n${client}-${id}`,
      data,
    }));
    const rows = (await rowsWritten(workerd)) - before;
    console.log(`rows written per 1,000 creates: ${((rows / creates) * 1_000).toFixed(0)}`);
    await measure("getData", clients, (client) => ({ op: "getData", path: `/n${client}-2` }));
    for (const client of clients) client.close();
  } finally {
    await workerd.stop();
  }
}

async function measure(
  name: string,
  clients: readonly JsonClient[],
  make: (client: number, id: number) => object,
): Promise<number> {
  const start = performance.now();
  const endAt = start + SECONDS * 1_000;
  await Promise.all(clients.map((client, index) => client.run((id) => make(index, id), endAt)));
  const seconds = (performance.now() - start) / 1_000;
  const latencies = clients.flatMap((client) => client.latencies).sort((a, b) => a - b);
  const at = (share: number): string =>
    `${(latencies[Math.floor(latencies.length * share)] ?? 0).toFixed(1)} ms`;
  const rate = Math.round(latencies.length / seconds);
  console.log(`${name}: ${rate}/s, p50 ${at(0.5)}, p99 ${at(0.99)}, max ${at(0.9999)}`);
  return latencies.length;
}

async function rowsWritten({ url }: BareWorkerd): Promise<number> {
  const response = await fetch(`http://${url}/status`);
  const { counters } = (await response.json()) as { counters: Record<string, number> };
  return counters["rowsWritten"] ?? Number.NaN;
}
