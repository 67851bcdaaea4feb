import { createServer, type Server, type Socket } from "node:net";
import { BridgeConnection, type BridgeDoor } from "./bridge-connection.ts";
import { CommandError } from "../command-error.ts";
import { answerWord } from "../server/four-letter-answer.ts";
import { formatListenAddress, type ListenAddress } from "../listen-address.ts";
import type { Service } from "../server/service.ts";
import { openServiceSocket } from "./service-socket.ts";

/** Clients at one time, if not said otherwise; one more is closed at once. */
const CLIENTS_MAX = 4_096;

/** How long connections may take to end when the bridge stops. */
const STOP_MS = 2_000;

/** What a {@link Bridge} joins. */
export interface BridgeOptions {
  readonly listen: ListenAddress;
  readonly service: Service;
  /** Takes lines about what went wrong, and that it is over. */
  readonly report: (line: string) => void;
  readonly clientsMax?: number;
}

/**
 * Lets ZooKeeper's clients reach a service that has no TCP of its own: each client gets a pump and a
 * WebSocket, through which the same bytes go.
 *
 * To the service all clients are the bridge: one token, one address.
 */
export class Bridge {
  readonly #server: Server;
  readonly #connections = new Set<BridgeConnection>();
  readonly #door: BridgeDoor;
  readonly #report: (line: string) => void;
  #lastProblem: string | undefined;

  /** @throws CommandError (as a rejection) if the address can't be listened on. */
  static async listen(options: BridgeOptions): Promise<Bridge> {
    const bridge = new Bridge(options);
    await bridge.#listen(options.listen);
    return bridge;
  }

  private constructor({ service, report, clientsMax = CLIENTS_MAX }: BridgeOptions) {
    this.#report = report;
    this.#door = {
      openSocket: (socketOptions) => openServiceSocket(service, socketOptions),
      answerWord: (word) => answerWord(service, word),
      report: (line) => this.#problem(line),
      reached: () => this.#reached(),
    };
    this.#server = createServer({ allowHalfOpen: true, noDelay: true, keepAlive: true });
    this.#server.maxConnections = clientsMax;
    this.#server.on("connection", (client) => this.#accept(client));
    this.#server.on("drop", () => {
      this.#problem(`expected at most ${clientsMax} clients, saw one more`);
    });
  }

  /** Where it listens, with the port it was given. */
  get address(): ListenAddress {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new CommandError("not listening");
    return { host: address.address, port: address.port };
  }

  get clientsCount(): number {
    return this.#connections.size;
  }

  /** Accepts nobody any more and closes all connections; resolves when nothing is left. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    const ended = [...this.#connections].map((connection) => connection.ended);
    for (const connection of this.#connections) connection.stop();
    const timer = setTimeout(() => {
      for (const connection of this.#connections) connection.abort();
    }, STOP_MS);
    await Promise.all([closed, ...ended]);
    clearTimeout(timer);
  }

  async #listen(address: ListenAddress): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", (error) => {
        const listen = formatListenAddress(address);
        reject(
          new CommandError(`expected ${listen} to be free to listen on, saw ${error.message}`),
        );
      });
      this.#server.listen({ host: address.host, port: address.port }, resolve);
    });
  }

  #accept(client: Socket): void {
    const connection = new BridgeConnection(client, this.#door);
    this.#connections.add(connection);
    void connection.ended.then(() => this.#connections.delete(connection));
  }

  /** Many clients that try again and again have the same problem: it is told once. */
  #problem(line: string): void {
    if (line === this.#lastProblem) return;
    this.#lastProblem = line;
    this.#report(line);
  }

  #reached(): void {
    if (this.#lastProblem === undefined) return;
    this.#lastProblem = undefined;
    this.#report("the service lets clients in again");
  }
}
