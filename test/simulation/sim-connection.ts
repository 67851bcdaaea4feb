import type { Code } from "../../src/core/keeper-error.ts";
import type {
  ClientConnection,
  ConnectedEffect,
  EventEffect,
  ReplyEffect,
} from "../../src/server/client-connection.ts";
import type { Link, ServerMessage } from "./link.ts";

/** What a connection needs from the member that serves it. */
export interface ConnectionPorts {
  /** Runs a send once everything written before it is durable. */
  gate(send: () => void): void;
  /** Keeps the connection's state with its socket, as for hibernation. */
  save(connection: SimConnection): void;
  /** The server has closed it. */
  done(connection: SimConnection): void;
}

/** The member's side of a link as its runner knows it. */
export class SimConnection implements ClientConnection {
  readonly id: number;
  readonly link: Link;
  readonly #ports: ConnectionPorts;
  #queued: ServerMessage[] = [];
  #isChanged = false;
  #isDone = false;

  constructor(link: Link, ports: ConnectionPorts) {
    this.id = link.id;
    this.link = link;
    this.#ports = ports;
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  reply(effect: ReplyEffect): void {
    this.#queued.push(effect);
  }

  connected(effect: ConnectedEffect): void {
    this.#queued.push(effect);
  }

  event(effect: EventEffect): void {
    this.#queued.push(effect);
  }

  changed(): void {
    this.#isChanged = true;
  }

  flush(): void {
    if (this.#isChanged && !this.#isDone) this.#ports.save(this);
    this.#isChanged = false;
    if (this.#queued.length === 0) return;
    const messages = this.#queued;
    this.#queued = [];
    this.#ports.gate(() => this.link.toClient(messages));
  }

  close(code: Code, reason: string): void {
    this.#isDone = true;
    this.#queued.push({ type: "close", code, reason });
    this.flush();
    // Until the last word has left, a crash breaks the transport as any other.
    this.#ports.gate(() => this.#ports.done(this));
  }
}
