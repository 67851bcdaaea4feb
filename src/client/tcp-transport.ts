import { connect, type Socket } from "node:net";
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
export const tcpDial: Dial = (server, listener) => {
  const colon = server.lastIndexOf(":");
  const host = server.slice(0, colon).replace(/^\[|\]$/g, "");
  return new TcpTransport(connect(Number(server.slice(colon + 1)), host), listener);
};

/** ZooKeeper's bytes over TCP; the heartbeat is ZooKeeper's ping. */
class TcpTransport implements Transport {
  readonly #socket: Socket;
  readonly #listener: TransportListener;
  #isOver = false;

  constructor(socket: Socket, listener: TransportListener) {
    this.#socket = socket;
    this.#listener = listener;
    socket.setNoDelay(true);
    socket.on("connect", () => listener.opened());
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
