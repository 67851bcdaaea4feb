/**
 * One end of a WebSocket pair in memory, as far as shard and gateway use one. What is sent arrives
 * in the same turn, or once the other end was accepted.
 */
export class FakeSocket extends EventTarget {
  /** The texts among what was sent. */
  readonly sent: string[] = [];
  binaryType = "blob";
  closeCode: number | undefined;
  #peer: FakeSocket | undefined;
  #isAccepted = false;
  #early: Event[] = [];
  #attachment: unknown = null;

  static pair(): [FakeSocket, FakeSocket] {
    const [left, right] = [new FakeSocket(), new FakeSocket()];
    left.#peer = right;
    right.#peer = left;
    return [left, right];
  }

  accept(): void {
    this.#isAccepted = true;
    for (const event of this.#early) this.dispatchEvent(event);
    this.#early = [];
  }

  get readyState(): number {
    return this.closeCode === undefined ? WebSocket.OPEN : WebSocket.CLOSED;
  }

  /** Bytes arrive as a buffer of their own. */
  send(message: string | Uint8Array): void {
    if (typeof message === "string") this.sent.push(message);
    const data = typeof message === "string" ? message : Uint8Array.from(message).buffer;
    this.#peer?.receive(Object.assign(new Event("message"), { data }));
  }

  close(code: number): void {
    if (this.closeCode !== undefined) return;
    this.closeCode = code;
    this.#peer?.receive(new Event("close"));
  }

  receive(event: Event): void {
    if (this.#isAccepted) this.dispatchEvent(event);
    else this.#early.push(event);
  }

  serializeAttachment(attachment: unknown): void {
    this.#attachment = structuredClone(attachment);
  }

  deserializeAttachment(): unknown {
    return this.#attachment;
  }
}
