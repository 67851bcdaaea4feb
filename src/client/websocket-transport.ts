import { formatAck, parseAck, PING, PONG } from "../protocol/flow-control.ts";
import { encodeBase64Url } from "../protocol/base64.ts";
import type { Dial, Transport, TransportListener } from "./transport.ts";

/** The subprotocol of ZooKeeper's own bytes. */
export const SUBPROTOCOL = "zookeeper";
/** Browsers can send no header with an upgrade, so the token is a second subprotocol. */
const TOKEN_PREFIX = "edgekeeper.bearer.";

/** Dials services by WebSocket: browsers, Workers and Node have it. */
export function webSocketDial(token?: string): Dial {
  const protocols = [SUBPROTOCOL];
  if (token !== undefined) {
    protocols.push(TOKEN_PREFIX + encodeBase64Url(new TextEncoder().encode(token)));
  }
  return (server, listener) => new WebSocketTransport(new WebSocket(server, protocols), listener);
}

/**
 * ZooKeeper's bytes in a WebSocket.
 *
 * The heartbeat is a text, which the runtime answers without waking the shard. What the shard asks
 * to be acknowledged is, once it was read: it may not send without end.
 */
export class WebSocketTransport implements Transport {
  readonly #socket: WebSocket;
  readonly #waiting: Uint8Array[] = [];
  readonly #listener: TransportListener;
  #isOver = false;

  constructor(socket: WebSocket, listener: TransportListener) {
    this.#socket = socket;
    this.#listener = listener;
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", () => {
      for (const frames of this.#waiting.splice(0)) socket.send(toView(frames));
      listener.opened();
    });
    socket.addEventListener("message", ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (typeof data === "string") this.#takeText(data);
      else listener.received(new Uint8Array(data));
    });
    socket.addEventListener("error", () => this.#end("the connection failed"));
    socket.addEventListener("close", ({ code, reason }) => this.#end(`${code} ${reason}`.trim()));
  }

  send(frames: Uint8Array): void {
    if (this.#socket.readyState === WebSocket.CONNECTING) this.#waiting.push(frames);
    else this.#write(toView(frames));
  }

  ping(): void {
    this.#write(PING);
  }

  close(): void {
    this.#isOver = true;
    this.#socket.close(1000, "");
  }

  #takeText(text: string): void {
    const asked = parseAck(text);
    if (asked !== undefined) this.#write(formatAck(asked));
    else if (text === PONG) this.#listener.pong();
  }

  /** Browsers drop what is sent while a socket closes, Workers throw. */
  #write(message: string | Uint8Array<ArrayBuffer>): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(message);
  }

  #end(reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#listener.closed(reason);
  }
}

/** What the compiler wants to see of bytes that are never shared. */
function toView(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>;
}
