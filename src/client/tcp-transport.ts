import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { OpCode } from "../protocol/jute/op-code.ts";
import { OutputArchive } from "../protocol/jute/output-archive.ts";
import { ClientXid } from "../protocol/jute/encode-request.ts";
import type { Dial, Transport, TransportListener } from "./transport.ts";

/**
 * Dials `host:port`: edgekeeper's native port, or any ZooKeeper. Node only.
 *
 * @example
 * ```ts
 * import { ZooKeeper } from "edgekeeper/client";
 * import { tcpDial } from "edgekeeper/client/tcp";
 *
 * await using zk = new ZooKeeper("zoo1:2181,zoo2:2181/app", { dial: tcpDial });
 * ```
 */
export const tcpDial: Dial = (server, listener) =>
  new TcpTransport(connect(addressOf(server)), listener, "connect");

/** How a server and a client know each other, in PEM. */
export interface TlsOptions {
  /** Certificates of the only authorities to trust; absent for those of Node. */
  readonly ca?: string;
  /** The client's own certificate, for servers that ask for one, and its key. */
  readonly cert?: string;
  readonly key?: string;
}

/**
 * Makes a {@link Dial} for ZooKeeper's secure port. Node only.
 *
 * The server's certificate is verified, always, before it is sent anything of the client's.
 *
 * @example
 * ```ts
 * import { readFile } from "node:fs/promises";
 * import { ZooKeeper } from "edgekeeper/client";
 * import { tlsDial } from "edgekeeper/client/tcp";
 *
 * const ca = await readFile("authority.pem", "utf8");
 * await using zk = new ZooKeeper("zoo1:2281", { dial: tlsDial({ ca }) });
 * ```
 *
 * Source: ZooKeeper `secureClientPort`, `ClientCnxnSocketNetty`.
 */
export function tlsDial(options: TlsOptions = {}): Dial {
  return (server, listener) => {
    // Said aloud, so that no variable of the environment can turn it off.
    const socket = connectTls({ ...options, ...addressOf(server), rejectUnauthorized: true });
    return new TcpTransport(socket, listener, "secureConnect");
  };
}

function addressOf(server: string): { readonly host: string; readonly port: number } {
  const colon = server.lastIndexOf(":");
  const host = server.slice(0, colon).replace(/^\[|\]$/g, "");
  return { host, port: Number(server.slice(colon + 1)) };
}

/** ZooKeeper's bytes over TCP; the heartbeat is ZooKeeper's ping. */
class TcpTransport implements Transport {
  readonly #socket: Socket;
  readonly #listener: TransportListener;
  #isOpen = false;
  #isOver = false;

  /** @param openEvent - of the socket: it may be written to. */
  constructor(socket: Socket, listener: TransportListener, openEvent: "connect" | "secureConnect") {
    this.#socket = socket;
    this.#listener = listener;
    socket.setNoDelay(true);
    socket.on(openEvent, () => {
      this.#isOpen = true;
      listener.opened();
    });
    socket.on("data", (bytes) => listener.received(bytes));
    socket.on("error", (error) => this.#end(error.message));
    socket.on("close", () => this.#end("the server closed the connection"));
  }

  send(frames: Uint8Array): void {
    this.#socket.write(frames);
  }

  /** Its answer is a frame like any other: whoever joins frames sees the pong. */
  ping(): void {
    const archive = new OutputArchive();
    archive.startFrame();
    archive.int(ClientXid.ping);
    archive.int(OpCode.ping);
    archive.endFrame();
    this.#socket.write(archive.take());
  }

  close(): void {
    this.#isOver = true;
    if (!this.#isOpen) {
      // Nothing was sent: who never answers would keep it, and its process, for minutes.
      this.#socket.destroy();
      return;
    }
    this.#socket.end();
    // Who never closes his side would keep it half open.
    this.#socket.destroySoon();
  }

  #end(reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#listener.closed(reason);
  }
}
