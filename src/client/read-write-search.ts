import type { Clock } from "./clock.ts";

/** How long after the first try the next one comes, and at most, milliseconds. */
const DELAY_MS_MIN = 100;
const DELAY_MS_MAX = 60_000;

/** What a search needs of a session. */
export interface SearchPorts {
  readonly clock: Clock;
  /**
   * Tries one server. It ends in `failed`, or in the end of the search.
   *
   * @returns what abandons it; `failed` is not called then.
   */
  tryNext(failed: () => void): () => void;
}

/**
 * The search for a server with a quorum, while one without serves the session: soon at first, then
 * less and less often, half of each delay drawn.
 *
 * Source: ZooKeeper `ClientCnxn.SendThread.pingRwServer`.
 */
export class ReadWriteSearch {
  readonly #ports: SearchPorts;
  #stop: (() => void) | undefined;

  constructor(ports: SearchPorts) {
    this.#ports = ports;
  }

  /** Starts anew. */
  start(): void {
    this.stop();
    this.#tryAfter(DELAY_MS_MIN);
  }

  stop(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  #tryAfter(delayMs: number): void {
    const { clock } = this.#ports;
    this.#stop = clock.after((delayMs / 2) * (1 + clock.random()), () => {
      const failed = (): void => this.#tryAfter(Math.min(DELAY_MS_MAX, 2 * delayMs));
      this.#stop = this.#ports.tryNext(failed);
    });
  }
}
