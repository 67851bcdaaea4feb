import { connect, createServer, type Server as TcpServer, type Socket } from "node:net";
import type { Server } from "./servers.ts";

/** A TCP proxy before a server, to cut the connections of clients that know nothing of it. */
export class Door {
  readonly #listener: TcpServer;
  readonly #sockets = new Set<Socket>();

  static async open(server: Server): Promise<Door> {
    const door = new Door(server);
    await new Promise<void>((resolve) => door.#listener.listen(0, "127.0.0.1", resolve));
    return door;
  }

  private constructor({ host, port }: Server) {
    this.#listener = createServer((client) => {
      const target = connect({ host, port });
      for (const socket of [client, target]) {
        this.#sockets.add(socket);
        // What ends one side ends the other.
        socket
          .on("error", () => undefined)
          .on("close", () => {
            this.#sockets.delete(socket);
            client.destroy();
            target.destroy();
          });
      }
      client.pipe(target).pipe(client);
    });
  }

  /** What clients connect to. */
  get address(): string {
    const address = this.#listener.address();
    if (address === null || typeof address === "string") throw new Error("the door is closed");
    return `127.0.0.1:${address.port}`;
  }

  /** Ends all connections; new ones may come at once. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Lets nobody in any more. */
  close(): void {
    this.#listener.close();
    this.cut();
  }
}
