import type { Dial } from "../../client/index.ts";
import type { Transport, TransportListener } from "../../client/transport.ts";
import { formatAck, parseAck, PING, PONG } from "../../protocol/flow-control.ts";
import { openServiceSocket, type ServiceSocket } from "../bridge/service-socket.ts";
import { CommandError } from "../command-error.ts";
import type { Service } from "./service.ts";

/**
 * Dials a service as the bridge does, in the place of Node's own WebSocket: that one takes no
 * certificates, and tells neither the status of a refusal nor what was wrong with a certificate.
 */
export function serviceDial(service: Service): Dial {
  return (_server, listener) => new ServiceTransport(service, listener);
}

/** ZooKeeper's bytes in a WebSocket; the heartbeat is a text. */
class ServiceTransport implements Transport {
  readonly #listener: TransportListener;
  readonly #opening = new AbortController();
  /** What is sent before it is open. */
  readonly #waiting: Uint8Array[] = [];
  #socket: ServiceSocket | undefined;
  #isOver = false;

  constructor(service: Service, listener: TransportListener) {
    this.#listener = listener;
    let seen = "the connection was closed";
    const opening = openServiceSocket(service, {
      listener: {
        onMessage: (message) => this.#take(message),
        // One that never opened is told of by the promise.
        onClosed: () => void (this.#socket !== undefined && this.#end(seen)),
      },
      report: (line) => (seen = line),
      signal: this.#opening.signal,
    });
    opening.then(
      (socket) => this.#opened(socket),
      (error: unknown) => {
        if (!(error instanceof CommandError)) throw error;
        this.#end(error.message);
      },
    );
  }

  send(frames: Uint8Array): void {
    if (this.#socket === undefined) this.#waiting.push(frames);
    else this.#socket.send(frames);
  }

  ping(): void {
    this.#socket?.send(PING);
  }

  close(): void {
    this.#isOver = true;
    if (this.#socket === undefined) this.#opening.abort();
    else this.#socket.close("");
  }

  #opened(socket: ServiceSocket): void {
    if (this.#isOver) return;
    this.#socket = socket;
    for (const frames of this.#waiting.splice(0)) socket.send(frames);
    this.#listener.opened();
  }

  #take(message: Uint8Array | string): void {
    if (typeof message !== "string") {
      this.#listener.received(message);
      return;
    }
    const asked = parseAck(message);
    if (asked !== undefined) this.#socket?.send(formatAck(asked));
    else if (message === PONG) this.#listener.pong();
  }

  #end(reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#listener.closed(reason);
  }
}
