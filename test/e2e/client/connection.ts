import { parseAck, PING, PONG } from "../../../src/protocol/flow-control.ts";
import type { ConnectedJson, EventJson, ReplyJson } from "../../../src/protocol/json/messages.ts";
import { KeeperError } from "./keeper-error.ts";

/** What a connection asks for when it opens. */
export interface OpenOptions {
  /** Wanted session timeout, milliseconds. */
  readonly timeoutMs: number;
  /** The session to resume, and the last zxid seen in it. */
  readonly resume?: { readonly session: string; readonly lastZxid: string };
}

/** One operation of `docs/PROTOCOL.md`, without its `id`. */
export type Operation = { readonly op: string } & Readonly<Record<string, unknown>>;

type Message = ReplyJson | ConnectedJson | EventJson;

interface Waiting {
  readonly resolve: (reply: ReplyJson) => void;
  readonly reject: (error: KeeperError) => void;
}

/**
 * The JSON protocol as a participant of the end-to-end suite speaks it: one WebSocket, one session.
 *
 * It does not reconnect; {@link request} fails with CONNECTIONLOSS once the socket is gone, and then
 * nobody knows whether the write was done.
 */
export class Connection {
  /** The session token: what {@link OpenOptions.resume} takes. */
  session = "";
  sessionId = "";
  /** The highest zxid that any message showed. */
  lastZxid = "0x0";
  /** Events received since the connection was opened. */
  eventsCount = 0;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, Waiting>();
  #connected: Waiting | undefined;
  #watching: { readonly path: string | undefined; readonly resolve: (event: EventJson) => void }[] =
    [];
  #heartbeat: NodeJS.Timeout | undefined;
  #nextId = 1;
  #isLost = false;

  /** Opens `{base}/ws`, and a session in it. @throws KeeperError CONNECTIONLOSS if nobody answers. */
  static async open(base: string, { timeoutMs, resume }: OpenOptions): Promise<Connection> {
    const connection = new Connection(`${base.replace(/^http/, "ws")}/ws`);
    await connection.#opened();
    const hello = await connection.#connect({
      op: "connect",
      version: 1,
      timeout: timeoutMs,
      ...resume,
    });
    connection.#startHeartbeat(hello.timeout ?? timeoutMs);
    connection.session = hello.session ?? "";
    connection.sessionId = hello.sessionId ?? "";
    return connection;
  }

  private constructor(url: string) {
    this.#socket = new WebSocket(url, "edgekeeper.json");
    this.#socket.addEventListener("message", ({ data }) => this.#onMessage(String(data)));
    this.#socket.addEventListener("close", ({ code, reason }) => this.#onLost(`${code} ${reason}`));
    this.#socket.addEventListener("error", () => this.#onLost("socket error"));
  }

  /** Sends one operation and awaits its answer. @throws KeeperError for a refusal. */
  request(operation: Operation): Promise<ReplyJson> {
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve, reject) => {
      if (this.#isLost) return reject(lost("before the request was sent"));
      this.#waiting.set(id, { resolve, reject });
      this.#socket.send(JSON.stringify({ id, ...operation }));
    });
  }

  /** Creates a znode and returns its path. */
  async create(path: string, options: { data?: string; mode?: string } = {}): Promise<string> {
    const reply = await this.request({ op: "create", path, ...options });
    return reply.path ?? "";
  }

  /** Names of the children, in order; with `watch` the next change of the list is an event. */
  async children(path: string, watch = false): Promise<readonly string[]> {
    const reply = await this.request({ op: "getChildren", path, watch });
    return (reply.children ?? []).toSorted();
  }

  /** Data of a znode; undefined if there is none, and then no watch is set. */
  async data(path: string, watch = false): Promise<string | undefined> {
    const reply = await absent(this.request({ op: "getData", path, watch }));
    return reply?.data ?? undefined;
  }

  /** Tells whether a znode is there; a watch is set in either case. */
  async exists(path: string, watch = false): Promise<boolean> {
    return (await absent(this.request({ op: "exists", path, watch }))) !== undefined;
  }

  /** Does all operations at one zxid, or none. */
  multi(ops: readonly Operation[]): Promise<ReplyJson> {
    return this.request({ op: "multi", ops });
  }

  /** The next event, at `path` if that is given. Ask before the request that sets the watch. */
  nextEvent(path?: string): Promise<EventJson> {
    return new Promise((resolve) => this.#watching.push({ path, resolve }));
  }

  /** Ends the session: its ephemerals go. */
  async close(): Promise<void> {
    await this.request({ op: "closeSession" });
    clearInterval(this.#heartbeat);
    this.#socket.close();
  }

  #opened(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#connected = { resolve: () => undefined, reject };
      this.#socket.addEventListener("open", () => resolve());
    });
  }

  #connect(message: Operation): Promise<ConnectedJson> {
    return new Promise((resolve, reject) => {
      if (this.#isLost) return reject(lost("before the session was opened"));
      this.#connected = { resolve: (reply) => resolve(reply as unknown as ConnectedJson), reject };
      this.#socket.send(JSON.stringify(message));
    });
  }

  #startHeartbeat(timeoutMs: number): void {
    this.#heartbeat = setInterval(() => this.#socket.send(PING), timeoutMs / 3);
  }

  #onMessage(text: string): void {
    if (text === PONG) return;
    if (parseAck(text) !== undefined) return this.#socket.send(text);
    const parsed = JSON.parse(text) as Message | readonly Message[];
    for (const message of Array.isArray(parsed) ? (parsed as Message[]) : [parsed as Message]) {
      this.#take(message);
    }
  }

  #take(message: Message): void {
    const { zxid } = message;
    if (zxid !== undefined && Number(zxid) > Number(this.lastZxid)) this.lastZxid = zxid;
    if ("event" in message) return this.#fire(message);
    if ("connected" in message) return this.#connected?.resolve(message as unknown as ReplyJson);
    const waiting = message.id === undefined ? this.#connected : this.#waiting.get(message.id);
    this.#waiting.delete(message.id ?? 0);
    if (message.error === undefined) waiting?.resolve(message);
    else waiting?.reject(new KeeperError(message.error.code, message.error.message));
  }

  #fire(event: EventJson): void {
    this.eventsCount += 1;
    const due = this.#watching.filter(({ path }) => path === undefined || path === event.path);
    this.#watching = this.#watching.filter((watching) => !due.includes(watching));
    for (const { resolve } of due) resolve(event);
  }

  #onLost(why: string): void {
    if (this.#isLost) return;
    this.#isLost = true;
    clearInterval(this.#heartbeat);
    const error = lost(why);
    this.#connected?.reject(error);
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

/** Turns NONODE into undefined. */
async function absent(reply: Promise<ReplyJson>): Promise<ReplyJson | undefined> {
  try {
    return await reply;
  } catch (error) {
    if (error instanceof KeeperError && error.code === "NONODE") return undefined;
    throw error;
  }
}

function lost(why: string): KeeperError {
  return new KeeperError("CONNECTIONLOSS", `the connection is gone: ${why}`);
}
