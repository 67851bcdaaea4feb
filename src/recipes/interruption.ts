import { Code, isKeeperError, KeeperError, type ZooKeeper } from "../client/index.ts";

/**
 * What ends a wait before its time: a signal, the loss of the session, the end of the client.
 *
 * Whoever makes one disposes it.
 */
export class Interruption implements Disposable {
  /** Of those who wait at the moment. */
  readonly #waiting = new Set<(reason: unknown) => void>();
  readonly #stopListening: () => void;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => this.#stop(this.#signal?.reason);
  #failure: { readonly reason: unknown } | undefined;

  /** @param end - `close` for a wait that goes on in the next session. */
  constructor(zk: ZooKeeper, signal?: AbortSignal, end: "loss" | "close" = "loss") {
    this.#signal = signal;
    this.#stopListening = zk.onState((state) => {
      const isEnd = state === "closed" || (state === "lost" && end === "loss");
      if (isEnd) this.#stop(new KeeperError(Code.SESSIONEXPIRED));
    });
    signal?.addEventListener("abort", this.#onAbort);
    if (signal?.aborted === true) this.#onAbort();
    else if (zk.state === "closed") this.#stop(new KeeperError(Code.SESSIONEXPIRED));
  }

  throwIfInterrupted(): void {
    if (this.#failure !== undefined) throw this.#failure.reason;
  }

  /** Waits for `promise` or the interruption, which wins where both came. */
  async race<T>(promise: Promise<T>): Promise<T> {
    const { promise: interrupted, reject } = Promise.withResolvers<never>();
    this.#waiting.add(reject);
    if (this.#failure !== undefined) reject(this.#failure.reason);
    try {
      const value = await Promise.race([interrupted, promise]);
      this.throwIfInterrupted();
      return value;
    } finally {
      // A promise that outlives the race would keep all that was ever raced against it.
      this.#waiting.delete(reject);
    }
  }

  /** Waits for what `ask` asks for, again in the next session if one is lost on the way. */
  async raceAnew<T>(ask: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await this.race(ask());
      } catch (error) {
        this.throwIfInterrupted();
        if (!isKeeperError(error, Code.SESSIONEXPIRED)) throw error;
      }
    }
  }

  [Symbol.dispose](): void {
    this.#stopListening();
    this.#signal?.removeEventListener("abort", this.#onAbort);
  }

  #stop(reason: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = { reason };
    for (const reject of this.#waiting) reject(reason);
  }
}
