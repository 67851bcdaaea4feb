import { Code, type CodeName } from "../core/keeper-error.ts";
import { parseZxid } from "../core/zxid.ts";
import { parseAck, PING, PONG } from "../protocol/flow-control.ts";
import {
  type ConnectedJson,
  type EventJson,
  PROTOCOL_VERSION,
  type ReplyJson,
} from "../protocol/json/messages.ts";
import { JSON_SUBPROTOCOL } from "../protocol/json/json-codec.ts";
import { HttpProblem } from "./problem.ts";
import type { Call } from "./route.ts";
import { reach } from "./shard-client.ts";
import { shardUpgrade } from "./upgrade.ts";

/** What the JSON protocol sends. */
type Message = ReplyJson | ConnectedJson | EventJson;

/** A reply, with the events that came ahead of it. */
export interface ReplyWithEvents {
  readonly reply: ReplyJson;
  readonly events: readonly EventJson[];
}

/** Why {@link WatchSocket.nextEvents} came back without events. */
export type Silence = "timeout" | "closed";

/**
 * The gateway's own connection to a shard, for watches that end here: without a session, and over a
 * socket that the shard can hibernate. Nothing is sent while it is idle but the text `ping`, which
 * the runtime answers in the shard's stead. What arrived is acknowledged at once: whoever reads
 * the events bounds what waits here.
 *
 * Whoever opened it closes it. Events are taken by one reader at a time.
 */
export class WatchSocket {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (answer: ReplyWithEvents | undefined) => void>();
  #events: EventJson[] = [];
  #wake: (() => void) | undefined;
  #nextId = 1;
  #isClosed = false;
  #heardSincePing = true;

  /** @throws HttpProblem if the shard can't be reached or refuses. */
  static async open(call: Call): Promise<WatchSocket> {
    const response = await reach(() =>
      call.shard.fetch(shardUpgrade(call.identity, JSON_SUBPROTOCOL)),
    );
    // A shard that could not recover answers an upgrade with 503.
    const socket = response.webSocket;
    if (socket === null || socket === undefined) throw lost();
    const watch = new WatchSocket(socket);
    socket.accept();
    try {
      succeed(await watch.request({ op: "connect", version: PROTOCOL_VERSION, session: false }));
      for (const { scheme, auth } of call.auth) {
        succeed(await watch.request({ op: "auth", scheme, auth }));
      }
    } catch (error) {
      watch.close();
      throw error;
    }
    return watch;
  }

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => this.#onMessage(data));
    socket.addEventListener("close", () => this.#onClosed());
    socket.addEventListener("error", () => this.#onClosed());
  }

  /**
   * Sends one request and awaits its reply, which may be an error.
   *
   * @throws HttpProblem 503 if the socket closes first.
   */
  async request(fields: Readonly<Record<string, unknown>>): Promise<ReplyWithEvents> {
    const id = this.#nextId;
    this.#nextId += 1;
    const answer = await new Promise<ReplyWithEvents | undefined>((resolve) => {
      if (this.#isClosed) return resolve(undefined);
      this.#waiting.set(id, resolve);
      this.#socket.send(JSON.stringify({ id, ...fields }));
    });
    if (answer === undefined) throw lost();
    return answer;
  }

  /** Takes the events that are there, or waits for the next ones. */
  async nextEvents(timeoutMs: number): Promise<readonly EventJson[] | Silence> {
    if (this.#events.length === 0 && !this.#isClosed) await this.#wait(timeoutMs);
    if (this.#events.length > 0) return this.#takeEvents();
    return this.#isClosed ? "closed" : "timeout";
  }

  /** Asks whether the shard is still there. @returns false if the last ping went unanswered. */
  ping(): boolean {
    if (this.#isClosed || !this.#heardSincePing) return false;
    this.#heardSincePing = false;
    this.#socket.send(PING);
    return true;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#socket.close(1000, "watch ended");
    this.#onClosed();
  }

  #wait(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #onMessage(data: unknown): void {
    this.#heardSincePing = true;
    if (typeof data !== "string" || data === PONG) return;
    if (parseAck(data) !== undefined) {
      this.#socket.send(data);
      return;
    }
    const parsed = JSON.parse(data) as Message | readonly Message[];
    for (const message of Array.isArray(parsed) ? (parsed as Message[]) : [parsed as Message]) {
      this.#take(message);
    }
    if (this.#events.length > 0) this.#wake?.();
  }

  #take(message: Message): void {
    if ("event" in message) {
      this.#events.push(message);
    } else if (message.id !== undefined) {
      const resolve = this.#waiting.get(message.id);
      this.#waiting.delete(message.id);
      resolve?.({ reply: message, events: this.#takeEvents() });
    }
  }

  #takeEvents(): readonly EventJson[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  #onClosed(): void {
    this.#isClosed = true;
    for (const resolve of this.#waiting.values()) resolve(undefined);
    this.#waiting.clear();
    this.#wake?.();
  }
}

/** Returns an answer that is no error. @throws HttpProblem for one that is. */
export function succeed(answer: ReplyWithEvents): ReplyWithEvents {
  if (answer.reply.error !== undefined) throw refusal(answer.reply);
  return answer;
}

function lost(): HttpProblem {
  return new HttpProblem(Code.CONNECTIONLOSS, "the connection to the shard was lost");
}

function refusal({ error, zxid }: ReplyJson): HttpProblem {
  const { code = "SYSTEMERROR", message = "", path, expected, seen } = error ?? {};
  return new HttpProblem(Code[code satisfies CodeName], message, {
    zxid: parseZxid(zxid ?? "") ?? 0,
    ...(path !== undefined && { path }),
    ...(expected !== undefined && { expected }),
    ...(seen !== undefined && { seen }),
  });
}
