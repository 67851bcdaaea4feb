import { Code, isKeeperError, KeeperError, type ZooKeeper } from "../client/index.ts";

/**
 * What ends a wait before its time: a signal, the loss of the session, the end of the client.
 *
 * Whoever makes one disposes it.
 */
export class Interruption implements Disposable {
  readonly #stopped = Promise.withResolvers<never>();
  readonly #stopListening: () => void;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => this.#stop(this.#signal?.reason);
  #failure: { readonly reason: unknown } | undefined;

  /** @param end - `close` for a wait that goes on in the next session. */
  constructor(zk: ZooKeeper, signal?: AbortSignal, end: "loss" | "close" = "loss") {
    this.#signal = signal;
    // Looked at only while something is waited for.
    this.#stopped.promise.catch(() => undefined);
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
    const value = await Promise.race([this.#stopped.promise, promise]);
    this.throwIfInterrupted();
    return value;
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
    this.#stopped.reject(reason);
  }
}
