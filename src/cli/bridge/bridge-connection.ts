import type { Duplex } from "node:stream";
import type { FourLetterWord } from "../../protocol/four-letter-word.ts";
import {
  type PumpPorts,
  type PumpShard,
  runPump,
  type ShardListener,
} from "../../protocol/pump-runner.ts";
import type { ServiceSocket, SocketOptions } from "./service-socket.ts";
import { TcpClient } from "./tcp-client.ts";

/** Bytes the client has not taken, from which on the service is not read any more. */
export const UNWRITTEN_BYTES_PAUSE = 1_048_576;

/** What a connection asks of its bridge. */
export interface BridgeDoor {
  openSocket(options: SocketOptions): Promise<ServiceSocket>;
  answerWord(word: FourLetterWord): Promise<string>;
  /** Takes a line about what went wrong. */
  report(line: string): void;
  /** The service let a client in. */
  reached(): void;
}

/**
 * One client of the bridge: its TCP, its pump, and from its handshake on its WebSocket.
 *
 * Memory is bounded on both ways: a client is read while the pump's credit lasts, the service while
 * the client takes what came [BG5].
 */
export class BridgeConnection {
  /** Resolves when both sides are closed. */
  readonly ended: Promise<void>;
  readonly #client: TcpClient;
  readonly #door: BridgeDoor;
  readonly #abort = new AbortController();
  #socket: ServiceSocket | undefined;
  #socketClosed: Promise<void> = Promise.resolve();
  /** Where the end of the service's side is told; undefined before there is one. */
  #listener: ShardListener | undefined;
  #unwrittenBytes = 0;
  #isPaused = false;
  #isClosing = false;

  /** @param client is the connection's own from here on; it must be allowed to be half open. */
  constructor(client: Duplex, door: BridgeDoor) {
    this.#client = new TcpClient(client);
    this.#door = door;
    this.ended = this.#run();
  }

  /** Closes both sides, each behind all that was written to it. */
  stop(): void {
    this.#client.stop();
    // The client may be waiting for credit, where nobody reads it.
    this.#listener?.onClosed();
  }

  /** Closes both sides at once. */
  abort(): void {
    this.stop();
    this.#client.abort();
    this.#abort.abort();
  }

  async #run(): Promise<void> {
    const ports: PumpPorts = {
      nowMs: () => Date.now(),
      setTimer: (run, delayMs) => {
        const timer = setTimeout(run, delayMs);
        return () => clearTimeout(timer);
      },
      openShard: (listener) => this.#open(listener),
      answerCommand: async (word) => Buffer.from(await this.#door.answerWord(word)),
    };
    try {
      await runPump(
        {
          read: () => this.#client.read(),
          write: (bytes) => this.#write(bytes),
          end: () => this.#client.end(),
          abort: () => this.#client.abort(),
        },
        ports,
      );
    } catch (error) {
      this.#door.report(`expected the pump to go on, saw ${String(error)}`);
      this.abort();
    }
    await this.#socketClosed;
  }

  async #open(listener: ShardListener): Promise<PumpShard> {
    this.#listener = listener;
    const closed = Promise.withResolvers<void>();
    this.#socketClosed = closed.promise;
    try {
      this.#socket = await this.#door.openSocket({
        listener: {
          onMessage: (message) => {
            this.#received(message);
            listener.onMessage(message);
          },
          onClosed: () => {
            closed.resolve();
            listener.onClosed();
          },
        },
        report: (line) => this.#door.report(line),
        signal: this.#abort.signal,
      });
    } catch (error) {
      if (!this.#abort.signal.aborted) {
        this.#door.report(error instanceof Error ? error.message : String(error));
      }
      throw error;
    }
    this.#door.reached();
    return {
      send: (message) => this.#socket?.send(message),
      close: (reason) => {
        this.#isClosing = true;
        this.#socket?.close(reason);
      },
    };
  }

  #received(message: Uint8Array | string): void {
    // What comes behind the end is dropped, and has to be read up to the answer to our close.
    if (typeof message === "string" || this.#isClosing) return;
    this.#unwrittenBytes += message.length;
    if (this.#isPaused || this.#unwrittenBytes < UNWRITTEN_BYTES_PAUSE) return;
    this.#isPaused = true;
    this.#socket?.pause();
  }

  async #write(bytes: Uint8Array): Promise<void> {
    await this.#client.write(bytes);
    // Replies to pings are the pump's own: they were never received.
    this.#unwrittenBytes = Math.max(0, this.#unwrittenBytes - bytes.length);
    if (this.#isClosing || !this.#isPaused || this.#unwrittenBytes >= UNWRITTEN_BYTES_PAUSE) return;
    this.#isPaused = false;
    this.#socket?.resume();
  }
}
