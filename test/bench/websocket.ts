import { performance } from "node:perf_hooks";
import { type BareWorkerd, startBareWorkerd } from "./bare-workerd.ts";

const CLIENTS = 16;
const OUTSTANDING = 64;
const SECONDS = 5;

/** One connection that keeps {@link OUTSTANDING} requests in flight, one message a request. */
class LoadClient {
  readonly latencies: number[] = [];
  readonly #socket: WebSocket;
  readonly #sentAt = new Map<number, number>();
  #make: ((id: number) => object) | undefined;
  #lastId = 1;
  #done: (() => void) | undefined;
  #endAt = 0;
  #connected: () => void = () => {};

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      this.#onMessage(String(data));
    });
  }

  static async open({ url }: BareWorkerd): Promise<LoadClient> {
    const socket = new WebSocket(`ws://${url}/ws`, "edgekeeper.json");
    const client = new LoadClient(socket);
    await new Promise<void>((resolve, reject) => {
      client.#connected = resolve;
      socket.addEventListener("open", () => {
        socket.send('{"id":1,"op":"connect","version":1}');
      });
      socket.addEventListener("close", ({ code, reason }) => {
        reject(new Error(`closed: ${code} ${reason}`));
      });
    });
    return client;
  }

  run(make: (id: number) => object, endAt: number): Promise<void> {
    this.#make = make;
    this.#endAt = endAt;
    this.latencies.length = 0;
    for (let index = 0; index < OUTSTANDING; index += 1) this.#send();
    return new Promise((resolve) => (this.#done = resolve));
  }

  close(): void {
    this.#socket.close();
  }

  #send(): void {
    this.#lastId += 1;
    this.#sentAt.set(this.#lastId, performance.now());
    this.#socket.send(JSON.stringify({ id: this.#lastId, ...this.#make?.(this.#lastId) }));
  }

  #onMessage(data: string): void {
    if (data.startsWith("ack ")) {
      this.#socket.send(data);
      return;
    }
    const parsed = JSON.parse(data) as Reply | Reply[];
    for (const reply of Array.isArray(parsed) ? parsed : [parsed]) this.#onReply(reply);
  }

  #onReply(reply: Reply): void {
    if (reply.error !== undefined) throw new Error(JSON.stringify(reply.error));
    if (reply.connected !== undefined) {
      this.#connected();
      return;
    }
    const now = performance.now();
    this.latencies.push(now - (this.#sentAt.get(reply.id) ?? now));
    this.#sentAt.delete(reply.id);
    if (now < this.#endAt) this.#send();
    else if (this.#sentAt.size === 0) this.#done?.();
  }
}

interface Reply {
  readonly id: number;
  readonly connected?: number;
  readonly error?: object;
}

/** Prints creates and reads per second, latencies, and rows written per 1,000 creates. */
export async function benchWebSocket(): Promise<void> {
  const workerd = await startBareWorkerd();
  try {
    const clients = await Promise.all(
      Array.from({ length: CLIENTS }, () => LoadClient.open(workerd)),
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
  clients: readonly LoadClient[],
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
