import type { Duplex } from "node:stream";
import type { PumpClient } from "../../protocol/pump-runner.ts";

/**
 * A client over TCP, read one piece at a time: what is not read stays in the kernel, and the client
 * has to wait.
 *
 * It must be allowed to be half open: `echo ruok | nc` ends its side before it is answered.
 */
export class TcpClient implements PumpClient {
  readonly #socket: Duplex;
  #wake: (() => void) | undefined;
  #isOver = false;
  #isDiscarding = false;

  /** @param socket is this object's own from here on. */
  constructor(socket: Duplex) {
    this.#socket = socket;
    socket.on("readable", () => {
      // Whoever does not wait for bytes any more must still see their end.
      if (this.#isDiscarding) socket.read();
      else this.#wakeUp();
    });
    socket.on("end", () => this.stop());
    socket.on("close", () => this.stop());
    // A reset is a way to close: "close" follows.
    socket.on("error", () => undefined);
  }

  async read(): Promise<Uint8Array | undefined> {
    for (;;) {
      if (this.#isOver) return undefined;
      const bytes = this.#socket.read() as Buffer | null;
      if (bytes !== null) return bytes;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Resolves when the client has closed its side, too. */
  end(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#socket.destroyed) {
        resolve();
        return;
      }
      this.#socket.once("close", resolve).end();
      this.#isDiscarding = true;
      this.#socket.read();
    });
  }

  abort(): void {
    this.#socket.destroy();
  }

  /** Takes nothing more from the client, as if it had ended. */
  stop(): void {
    this.#isOver = true;
    this.#wakeUp();
  }

  #wakeUp(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}
