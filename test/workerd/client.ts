import { env } from "cloudflare:workers";
import { vi } from "vitest";
import type { Identity } from "../../src/core/identity.ts";
import type {
  ConnectedJson,
  ErrorJson,
  EventJson,
  ReplyJson,
} from "../../src/protocol/json/messages.ts";
import { IDENTITY_HEADER, type ShardApi } from "../../src/shard/shard-api.ts";

/** Somebody who may do everything that needs no `super`. */
export const ADMIN: Identity = { role: "admin", ids: [{ scheme: "ip", id: "127.0.0.1" }] };

/** A shard of a test: the stub, what it offers by RPC, and its name. */
export interface ShardUnderTest {
  readonly name: string;
  readonly stub: DurableObjectStub;
  readonly api: ShardApi;
}

/** Names a shard that nobody used before, or finds one again after a crash broke its stub. */
export function openShard(name: string = crypto.randomUUID()): ShardUnderTest {
  const namespace = (env as unknown as Record<string, DurableObjectNamespace>)["OBSERVED"];
  if (namespace === undefined) throw new Error("the test project binds OBSERVED");
  const stub = namespace.getByName(name);
  // The generated type of an RPC stub is too deep for the compiler; the interface is ours anyway.
  return { name, stub, api: stub as unknown as ShardApi };
}

/** Waits until `check` passes; for what the runtime does in its own time. */
export function eventually<T>(check: () => T | Promise<T>, timeoutMs = 4_000): Promise<T> {
  return vi.waitFor(check, { timeout: timeoutMs, interval: 10 });
}

/** What a client gets that is no event. */
export type Answer = ReplyJson & Partial<ConnectedJson>;

/** A client on a WebSocket, as simple as one can be: one message a request, one at a time or not. */
export class Client {
  readonly events: EventJson[] = [];
  /** As they came: what was sent by the shard, apart from acknowledgements and heartbeats. */
  readonly messages: string[] = [];
  readonly acks: string[] = [];
  pongs = 0;
  close: { readonly code: number; readonly reason: string } | undefined;
  isAcknowledging = true;
  readonly socket: WebSocket;
  readonly #waiting = new Map<number, PromiseWithResolvers<Answer>>();
  #lastId = 0;

  /** @param allowHalfOpen - the client does not answer a close frame: its socket lingers. */
  static async open(shard: ShardUnderTest, allowHalfOpen = false): Promise<Client> {
    const response = await shard.api.fetch(
      new Request("https://shard/ws", {
        headers: { Upgrade: "websocket", [IDENTITY_HEADER]: JSON.stringify(ADMIN) },
      }),
    );
    const socket = response.webSocket;
    if (socket === null)
      throw new Error(`no WebSocket: ${response.status} ${await response.text()}`);
    socket.accept({ allowHalfOpen });
    return new Client(socket);
  }

  /** Opens a client with a new session, or with the one of a token. */
  static async connect(
    shard: ShardUnderTest,
    fields: { readonly timeout?: number; readonly session?: string } = {},
    allowHalfOpen = false,
  ): Promise<Client & { readonly token: string }> {
    const client = await Client.open(shard, allowHalfOpen);
    const answer = await client.request({ op: "connect", version: 1, ...fields });
    if (answer.session === undefined) throw new Error(JSON.stringify(answer));
    return Object.assign(client, { token: answer.session });
  }

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.addEventListener("message", ({ data }) => {
      this.#onMessage(String(data));
    });
    socket.addEventListener("close", ({ code, reason }) => {
      this.close = { code, reason };
      for (const { reject } of this.#waiting.values())
        reject(new Error(`closed: ${code} ${reason}`));
      this.#waiting.clear();
    });
  }

  /** Sends one request and awaits its answer, which may be an error. Rejects if the socket closes. */
  request(fields: Readonly<Record<string, unknown>>): Promise<Answer> {
    const { id, promise } = this.#expect();
    this.socket.send(JSON.stringify({ id, ...fields }));
    return promise;
  }

  /** Sends many requests in one message and awaits all of their answers. */
  batch(requests: readonly Readonly<Record<string, unknown>>[]): Promise<Answer[]> {
    const message: object[] = [];
    const answers = requests.map((fields) => {
      const { id, promise } = this.#expect();
      message.push({ id, ...fields });
      return promise;
    });
    this.socket.send(JSON.stringify(message));
    return Promise.all(answers);
  }

  /** Sends one request that must succeed. */
  async must(fields: Readonly<Record<string, unknown>>): Promise<Answer> {
    const answer = await this.request(fields);
    if (answer.error !== undefined) throw new Error(describe(fields, answer.error));
    return answer;
  }

  /** Sends a heartbeat; resolves when the runtime has answered it. */
  async ping(): Promise<void> {
    const before = this.pongs;
    this.socket.send("ping");
    await eventually(() => {
      if (this.pongs === before) throw new Error("no pong yet");
    });
  }

  #expect(): { readonly id: number; readonly promise: Promise<Answer> } {
    this.#lastId += 1;
    const waiting = Promise.withResolvers<Answer>();
    this.#waiting.set(this.#lastId, waiting);
    return { id: this.#lastId, promise: waiting.promise };
  }

  #onMessage(data: string): void {
    if (data === "pong") {
      this.pongs += 1;
    } else if (data.startsWith("ack ")) {
      this.acks.push(data);
      if (this.isAcknowledging && this.socket.readyState === WebSocket.OPEN) this.socket.send(data);
    } else {
      this.messages.push(data);
      const parsed = JSON.parse(data) as (Answer | EventJson) | (Answer | EventJson)[];
      for (const part of Array.isArray(parsed) ? parsed : [parsed]) this.#take(part);
    }
  }

  #take(part: Answer | EventJson): void {
    if ("event" in part) {
      this.events.push(part);
      return;
    }
    this.#waiting.get(part.id ?? 0)?.resolve(part);
    this.#waiting.delete(part.id ?? 0);
  }
}

function describe(fields: Readonly<Record<string, unknown>>, error: ErrorJson): string {
  return `${JSON.stringify(fields)}: ${error.code} ${error.message}`;
}
