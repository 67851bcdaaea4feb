/** One server-sent event, parsed. */
export interface StreamedEvent {
  readonly event?: string;
  readonly id?: string;
  readonly data?: unknown;
}

/** Reads `text/event-stream` as a browser would. */
export class EventStream {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #text = "";

  constructor(response: Response) {
    if (response.body === null || response.status !== 200) {
      throw new Error(`expected a stream, got ${response.status}`);
    }
    this.#reader = response.body.getReader();
  }

  /** The next event with data; comments and `retry` are skipped. */
  async next(): Promise<StreamedEvent> {
    for (;;) {
      const end = this.#text.indexOf("\n\n");
      if (end < 0) {
        await this.#read();
        continue;
      }
      const block = this.#text.slice(0, end);
      this.#text = this.#text.slice(end + 2);
      const fields = block
        .split("\n")
        .map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]);
      const { data, event, id } = Object.fromEntries(fields) as Record<string, string>;
      if (data === undefined) continue;
      return {
        data: JSON.parse(data) as unknown,
        ...(event !== undefined && { event }),
        ...(id !== undefined && { id }),
      };
    }
  }

  /** The raw text that came since. */
  async nextText(): Promise<string> {
    await this.#read();
    return this.#text;
  }

  async isAtEnd(): Promise<boolean> {
    for (;;) {
      const { done } = await this.#reader.read();
      if (done) return true;
    }
  }

  async cancel(): Promise<void> {
    await this.#reader.cancel();
  }

  async #read(): Promise<void> {
    const { done, value } = await this.#reader.read();
    if (done) throw new Error("the stream has ended");
    this.#text += this.#decoder.decode(value, { stream: true });
  }
}
