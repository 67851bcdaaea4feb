import type { TransportListener } from "../../../src/client/transport.ts";
import { NativeCodec } from "../../../src/protocol/jute/native-codec.ts";
import type {
  ClientConnection,
  ConnectedEffect,
  EventEffect,
  ReplyEffect,
} from "../../../src/server/client-connection.ts";
import type { Input } from "../../../src/server/input.ts";

/** What a link does with what it is given. */
export type Mood = "working" | "silent" | "refusing";

/** One connection, both ends of it. */
export class Link implements ClientConnection {
  readonly id: number;
  readonly isDone = false;
  readonly #codec = new NativeCodec(false);
  readonly #forget: () => void;
  readonly #listener: TransportListener;
  #isOver = false;
  #isClosing = false;

  /** @param forget - tells the server that the connection is over. */
  constructor(id: number, listener: TransportListener, forget: () => void) {
    this.id = id;
    this.#listener = listener;
    this.#forget = forget;
  }

  /** What the bytes of the client are to the server; a frame that ends the connection ends it. */
  inputsOf(bytes: Uint8Array, nowMs: number): Input[] {
    const base = { nowMs, connection: this.id };
    return this.#codec.receive(new Uint8Array(bytes).buffer).flatMap((input): Input[] => {
      if (input.type === "request") return [{ ...base, ...input }];
      if (input.type === "connect") {
        return [{ ...base, ...input, ask: { ...input.ask, mode: "bind" } }];
      }
      if (input.type === "close") this.lose(input.reason);
      return [];
    });
  }

  /** @returns whether the server hears it. */
  ping(mood: Mood): boolean {
    if (mood !== "working" || this.#isOver) return false;
    queueMicrotask(() => this.#listener.pong());
    return true;
  }

  /** The client ends it. */
  hangUp(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    queueMicrotask(() => this.#forget());
  }

  /** The connection breaks: both ends hear of it. */
  lose(reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#forget();
    this.#listener.closed(reason);
  }

  reply(effect: ReplyEffect): void {
    this.#codec.reply(effect);
  }

  connected(effect: ConnectedEffect): void {
    this.#codec.connected(effect);
  }

  event({ event }: EventEffect): void {
    this.#codec.event(event);
  }

  /** The server ends it, behind what was answered. */
  close(): void {
    this.#isClosing = true;
  }

  changed(): void {
    // Nothing is kept: no link outlives its service.
  }

  flush(): void {
    const bytes = this.#codec.take();
    if (bytes.length > 0 && !this.#isOver) this.#listener.received(bytes);
    if (this.#isClosing) this.lose("closed by the server");
  }
}
