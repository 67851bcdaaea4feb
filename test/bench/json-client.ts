import { performance } from "node:perf_hooks";
import type { BareWorkerd } from "./bare-workerd.ts";

/** How a {@link JsonClient} loads its connection. */
export interface JsonLoad {
  /** Requests in flight. */
  readonly outstanding: number;
  /** What one message of the server makes room for is asked for in one message, as our client does. */
  readonly isBatching: boolean;
}

/** One connection that keeps a number of requests in flight. */
export class JsonClient {
  readonly latencies: number[] = [];
  readonly #socket: WebSocket;
  readonly #load: JsonLoad;
  readonly #sentAt = new Map<number, number>();
  #make: ((id: number) => object) | undefined;
  #lastId = 1;
  #done: (() => void) | undefined;
  #endAt = 0;
  #connected: () => void = () => {};

  private constructor(socket: WebSocket, load: JsonLoad) {
    this.#socket = socket;
    this.#load = load;
    socket.addEventListener("message", ({ data }) => {
      this.#onMessage(String(data));
    });
  }

  static async open({ url }: BareWorkerd, load: JsonLoad): Promise<JsonClient> {
    const socket = new WebSocket(`ws://${url}/ws`, "edgekeeper.json");
    const client = new JsonClient(socket, load);
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
    const ended = new Promise<void>((resolve) => (this.#done = resolve));
    this.#send(this.#load.outstanding);
    return ended;
  }

  close(): void {
    this.#socket.close();
  }

  #send(count: number): void {
    const requests = Array.from({ length: count }, () => {
      this.#lastId += 1;
      this.#sentAt.set(this.#lastId, performance.now());
      return { id: this.#lastId, ...this.#make?.(this.#lastId) };
    });
    if (this.#load.isBatching) this.#socket.send(JSON.stringify(requests));
    else for (const request of requests) this.#socket.send(JSON.stringify(request));
  }

  #onMessage(data: string): void {
    if (data.startsWith("ack ")) {
      this.#socket.send(data);
      return;
    }
    const parsed = JSON.parse(data) as Reply | Reply[];
    const replies = Array.isArray(parsed) ? parsed : [parsed];
    const answers = replies.filter((reply) => this.#isAnswer(reply)).length;
    if (answers === 0) return;
    if (performance.now() < this.#endAt) this.#send(answers);
    else if (this.#sentAt.size === 0) this.#done?.();
  }

  #isAnswer(reply: Reply): boolean {
    if (reply.error !== undefined) throw new Error(JSON.stringify(reply.error));
    if (reply.connected !== undefined) {
      this.#connected();
      return false;
    }
    const now = performance.now();
    this.latencies.push(now - (this.#sentAt.get(reply.id) ?? now));
    this.#sentAt.delete(reply.id);
    return true;
  }
}

interface Reply {
  readonly id: number;
  readonly connected?: number;
  readonly error?: object;
}
