import { readAnonymousRole } from "../../../src/gateway/anonymous-role.ts";
import { createApp } from "../../../src/gateway/app.ts";
import { type ConnectHandler, createConnect } from "../../../src/gateway/tcp.ts";
import type { Identity } from "../../../src/core/identity.ts";
import { LIMITS } from "../../../src/core/limits.ts";
import { PING, PONG } from "../../../src/protocol/flow-control.ts";
import type { CallAnswer } from "../../../src/server/call.ts";
import type { Settle } from "../../../src/server/call-connection.ts";
import {
  call,
  closeSession,
  describeSession,
  keepSession,
  openSession,
} from "../../../src/server/calls.ts";
import type { Env } from "../../../src/shard/env.ts";
import { RunningShard, type RunningShardOptions } from "../../../src/shard/running-shard.ts";
import { IDENTITY_HEADER, type ShardApi, type ShardCall } from "../../../src/shard/shard-api.ts";
import { shardStatus } from "../../../src/shard/shard-status.ts";
import { MemoryStore } from "../../../src/storage/memory-store.ts";
import { FakeSocket } from "./fake-socket.ts";
import type { FakeTcp } from "./fake-tcp.ts";

/** Whatever a request may carry. */
type Body = NonNullable<RequestInit["body"]>;

/** The shard without its platform: the real server over memory, and sockets in memory. */
export class FakeShard implements ShardApi {
  readonly calls: ShardCall[] = [];
  readonly upgrades: Request[] = [];
  readonly sockets: FakeSocket[] = [];
  /** Thrown by the next call, as the platform does when an object is lost. */
  failure: Error | undefined;
  /** Whether heartbeats are answered. */
  isAlive = true;
  readonly #shard: RunningShard;
  readonly #store = new MemoryStore();

  constructor() {
    const ctx = {
      acceptWebSocket: () => {},
      getWebSockets: () => [],
      getWebSocketAutoResponseTimestamp: () => null,
      abort: (reason: string) => {
        throw new Error(reason);
      },
    };
    const alarm = { want: () => {} };
    this.#shard = new RunningShard({
      ctx: ctx as unknown as RunningShardOptions["ctx"],
      store: this.#store,
      alarm: alarm as unknown as RunningShardOptions["alarm"],
      limits: LIMITS,
      config: {},
    });
    this.#shard.begin(undefined);
  }

  async call(request: ShardCall): ReturnType<ShardApi["call"]> {
    this.calls.push(request);
    this.#fail();
    return answered((settle) => call(this.#shard, structuredClone(request), settle));
  }

  async openSession(
    request: Parameters<ShardApi["openSession"]>[0],
  ): ReturnType<ShardApi["openSession"]> {
    return answered((settle) => openSession(this.#shard, request, settle));
  }

  async keepSession(
    request: Parameters<ShardApi["keepSession"]>[0],
  ): ReturnType<ShardApi["keepSession"]> {
    return answered((settle) => keepSession(this.#shard, request, settle));
  }

  async exportLog(after: number): ReturnType<ShardApi["exportLog"]> {
    return this.#store.log.read(after, 1_048_576);
  }

  async describeSession(
    request: Parameters<ShardApi["describeSession"]>[0],
  ): ReturnType<ShardApi["describeSession"]> {
    return describeSession(this.#shard, request);
  }

  async closeSession(
    request: Parameters<ShardApi["closeSession"]>[0],
  ): ReturnType<ShardApi["closeSession"]> {
    return answered((settle) => closeSession(this.#shard, request, settle));
  }

  async status(details: Parameters<ShardApi["status"]>[0] = []): ReturnType<ShardApi["status"]> {
    this.#fail();
    const sql = { rowsWritten: 0, databaseBytes: 65_536 };
    return structuredClone(shardStatus(this.#shard, details, sql, { bytes: 0 }));
  }

  async resetStatistics(
    kind: Parameters<ShardApi["resetStatistics"]>[0],
  ): ReturnType<ShardApi["resetStatistics"]> {
    this.#fail();
    this.#shard.server.resetStatistics(kind);
  }

  async fetch(request: Request): Promise<Response> {
    this.upgrades.push(request);
    this.#fail();
    const [client, server] = FakeSocket.pair();
    this.sockets.push(client);
    const identity = JSON.parse(request.headers.get(IDENTITY_HEADER) ?? "") as Identity;
    const subprotocol = request.headers.get("Sec-WebSocket-Protocol") ?? "";
    const terms = { subprotocol, consistency: "linearizable" } as const;
    this.#shard.accept(server as unknown as WebSocket, identity, terms);
    server.addEventListener("message", (event) => this.#receive(server, event));
    server.addEventListener("close", () => this.#shard.gone(server as unknown as WebSocket));
    server.accept();
    // Node's Response refuses the status 101.
    const headers = new Headers({ "Sec-WebSocket-Protocol": subprotocol });
    return { status: 101, webSocket: client, headers } as unknown as Response;
  }

  /** Trims the log to nothing, as after a day without changes. */
  forgetLog(): void {
    this.#shard.server.checkpoint(Date.now());
    this.#store.log.trim(Date.now() + 10 * 86_400_000);
  }

  /** The gateway's end of the last connection. */
  get lastSocket(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error("no connection was opened");
    return socket;
  }

  #receive(server: FakeSocket, event: Event): void {
    const { data } = event as Event & { readonly data: string | ArrayBuffer };
    if (data !== PING) this.#shard.message(server as unknown as WebSocket, data);
    else if (this.isAlive) server.send(PONG);
  }

  #fail(): void {
    const { failure } = this;
    this.failure = undefined;
    if (failure !== undefined) throw failure;
  }
}

function answered<T>(body: (settle: Settle<T>) => void): Promise<CallAnswer<T>> {
  const { promise, resolve } = Promise.withResolvers<CallAnswer<T>>();
  body(resolve);
  return promise;
}

/** The gateway in front of one fake shard a namespace. */
export class Gateway {
  readonly shards: Map<string, FakeShard> = new Map();
  readonly #app = createApp({ readAnonymousRole });
  readonly #connect = createConnect({ readAnonymousRole });
  readonly #env: Env;
  #host = "http://127.0.0.1:8787";

  constructor(variables: Partial<Omit<Env, "SHARD">> = { ANONYMOUS_ROLE: "admin" }) {
    const namespace = { getByName: (name: string) => this.shard(name) };
    this.#env = { ...variables, SHARD: namespace as unknown as Env["SHARD"] };
  }

  /** Takes in a TCP connection, as the runtime would; resolves at its end. */
  connect(socket: FakeTcp): Promise<void> {
    return this.#connect(socket as unknown as Parameters<ConnectHandler>[0], this.#env);
  }

  /** From now on requests go to this host. */
  at(host: string): this {
    this.#host = host;
    return this;
  }

  shard(name = "default:/"): FakeShard {
    const shard = this.shards.get(name) ?? new FakeShard();
    this.shards.set(name, shard);
    return shard;
  }

  /** `PUT /znodes/a` with headers and a body. */
  async send(line: string, headers: Record<string, string> = {}, body?: Body): Promise<Response> {
    const space = line.indexOf(" ");
    const method = line.slice(0, space);
    const content = body === undefined ? {} : { body, duplex: "half" as const };
    const init = { method, headers, ...content };
    return this.#app.fetch(new Request(this.#host + line.slice(space + 1), init), this.#env);
  }

  /** Sends a JSON body. */
  async sendJson(
    line: string,
    value: unknown,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const type = { "Content-Type": "application/json" };
    return this.send(line, { ...type, ...headers }, JSON.stringify(value));
  }

  /** Opens a session and answers its token. */
  async openSession(): Promise<string> {
    const response = await this.sendJson("POST /sessions", { timeout: 30_000 });
    return ((await response.json()) as { token: string }).token;
  }
}

/** The fields of a problem, with the status it came with. */
export async function problemIn(response: Response): Promise<Record<string, unknown>> {
  if (response.headers.get("Content-Type") !== "application/problem+json") {
    throw new Error(`expected a problem, got ${response.status} ${await response.text()}`);
  }
  return (await response.json()) as Record<string, unknown>;
}
