import { performance } from "node:perf_hooks";
import type { BareWorkerd } from "./bare-workerd.ts";

/** One connection that keeps a number of requests in flight, one message a request. */
export class JsonClient {
  readonly latencies: number[] = [];
  readonly #socket: WebSocket;
  readonly #outstanding: number;
  readonly #sentAt = new Map<number, number>();
  #make: ((id: number) => object) | undefined;
  #lastId = 1;
  #done: (() => void) | undefined;
  #endAt = 0;
  #connected: () => void = () => {};

  private constructor(socket: WebSocket, outstanding: number) {
    this.#socket = socket;
    this.#outstanding = outstanding;
    socket.addEventListener("message", ({ data }) => {
      this.#onMessage(String(data));
    });
  }

  static async open({ url }: BareWorkerd, outstanding: number): Promise<JsonClient> {
    const socket = new WebSocket(`ws://${url}/ws`, "edgekeeper.json");
    const client = new JsonClient(socket, outstanding);
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
    for (let index = 0; index < this.#outstanding; index += 1) this.#send();
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
