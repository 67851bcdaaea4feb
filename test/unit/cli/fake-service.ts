import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { joined } from "../protocol/pump/pump-harness.ts";
import type { Certificate } from "./certificate.ts";

/** What a {@link FakeService} says to an upgrade that it refuses. */
export interface Refusal {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface FakeServiceOptions {
  readonly certificate?: Certificate;
  readonly subprotocol?: string;
  readonly refusal?: Refusal;
  /** Status of `/healthz`. */
  readonly health?: number;
}

/** A service as far as a bridge sees it: accepts WebSockets, answers handshakes, echoes frames. */
export class FakeService {
  readonly upgrades: IncomingMessage[] = [];
  readonly requests: IncomingMessage[] = [];
  readonly sockets: WebSocket[] = [];
  /** Binary messages of all sockets, as they came. */
  readonly messages: Buffer[] = [];
  /** What a socket does with a message behind the handshake; echoes it, until told otherwise. */
  answer: (socket: WebSocket, message: Buffer) => void = (socket, message) => socket.send(message);
  health: number;
  refusal: Refusal | undefined;
  readonly #server: Server;
  readonly #webSockets: WebSocketServer;
  readonly #scheme: string;

  static async start(options: FakeServiceOptions = {}): Promise<FakeService> {
    const service = new FakeService(options);
    service.#server.listen(0, "127.0.0.1");
    await once(service.#server, "listening");
    return service;
  }

  private constructor({ certificate, subprotocol, refusal, health = 200 }: FakeServiceOptions) {
    this.#scheme = certificate === undefined ? "http" : "https";
    this.#server = certificate === undefined ? createServer() : createTlsServer({ ...certificate });
    this.health = health;
    this.refusal = refusal;
    this.#webSockets = new WebSocketServer({
      noServer: true,
      handleProtocols: () => subprotocol ?? "zookeeper",
    });
    this.#server.on("request", (request, response) => this.#get(request, response));
    this.#server.on("upgrade", (request, socket, head) => {
      this.upgrades.push(request);
      if (this.refusal !== undefined) {
        const { status, body = "", headers = {} } = this.refusal;
        const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
        const length = `Content-Length: ${Buffer.byteLength(body)}\r\n`;
        // The bridge doesn't read a long answer to its end.
        socket.on("error", () => undefined);
        socket.end(`HTTP/1.1 ${status} No\r\n${lines.join("")}${length}\r\n${body}`);
        return;
      }
      this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => this.#open(webSocket));
    });
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** As many sockets as are open now. */
  get openCount(): number {
    return this.#webSockets.clients.size;
  }

  async stop(): Promise<void> {
    for (const socket of this.#webSockets.clients) socket.terminate();
    this.#server.closeAllConnections();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, "close");
  }

  #open(socket: WebSocket): void {
    this.sockets.push(socket);
    let isJoined = false;
    socket.on("message", (data, isBinary) => {
      const message = data as Buffer;
      if (!isBinary) {
        if (message.toString() === "ping") socket.send("pong");
        return;
      }
      this.messages.push(message);
      if (isJoined) this.answer(socket, message);
      else socket.send(joined(30_000));
      isJoined = true;
    });
  }

  #get(request: IncomingMessage, response: ServerResponse): void {
    this.requests.push(request);
    if (request.url === "/four-letter-words/srvr") {
      response.setHeader("Content-Type", "text/plain; charset=utf-8");
      response.end("Mode: standalone\n");
      return;
    }
    response.statusCode = request.url === "/healthz" ? this.health : 403;
    response.end("<html>\n");
  }
}
