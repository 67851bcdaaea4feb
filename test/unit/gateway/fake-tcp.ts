/** The Worker's end of a TCP connection that exists only in memory, and the client's end of it. */
export class FakeTcp {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  readonly opened: Promise<{ readonly remoteAddress: string; readonly localAddress: string }>;
  readonly closed: Promise<void>;
  isClosed = false;
  #received: Buffer = Buffer.alloc(0);
  #sender: ReadableByteStreamController | undefined;
  readonly #closing = Promise.withResolvers<void>();
  #wake: () => void = () => undefined;

  constructor(remoteAddress = "127.0.0.1:50000") {
    this.readable = new ReadableStream({
      type: "bytes",
      start: (controller) => {
        this.#sender = controller;
      },
    });
    this.writable = new WritableStream<Uint8Array>({
      write: (bytes) => {
        this.#received = Buffer.concat([this.#received, bytes]);
        this.#wake();
      },
    });
    this.opened = Promise.resolve({ remoteAddress, localAddress: "127.0.0.1:2181" });
    this.closed = this.#closing.promise;
  }

  /** As the Worker closes it. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.#closing.resolve();
    this.#wake();
  }

  /** As the client sends; behind the end it goes nowhere. */
  send(bytes: Uint8Array): void {
    this.#sender?.enqueue(Uint8Array.from(bytes));
  }

  /** As the client closes. */
  end(): void {
    this.#sender?.close();
    // A reader with a buffer of its own hears of the end only when that is given back.
    this.#sender?.byobRequest?.respond(0);
    this.#sender = undefined;
  }

  /** As the client breaks the connection off. */
  reset(): void {
    this.#sender?.error(new Error("reset by peer"));
    this.#sender = undefined;
  }

  /** Everything the client has got once there is so much of it, or the connection is closed. */
  async received(bytesCount: number): Promise<Buffer> {
    while (this.#received.length < bytesCount && !this.isClosed) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    return this.#received;
  }
}
