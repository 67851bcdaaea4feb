import { tell, type ZooKeeper, type Zxid } from "../client/index.ts";
import { type Hold, hold, type HoldOptions } from "./hold.ts";
import type { RecipeOptions } from "./recipe-options.ts";
import { enter, lastOf, queuedData } from "./wait-queue.ts";

/** How somebody takes part. */
export interface LeaderLatchOptions extends HoldOptions, RecipeOptions {
  /** Who he is, for {@link LeaderLatch.participants}. */
  readonly id?: string;
  /** Told when he becomes the leader, with what he holds, and when he is it no more. */
  readonly onChange?: (held: Hold | undefined) => void;
}

/**
 * One of all who take part leads, until he leaves or loses his session; then the next in line does.
 *
 * On suspension a leader stops leading at once, and goes to the end of the line, unless he said
 * `onSuspension: "keep"`. A leader that dies leads, as far as the others know, until his session
 * ends; one that was paused has to be refused by its {@link token}.
 *
 * @example
 * ```ts
 * import { LeaderLatch } from "edgekeeper/recipes";
 *
 * await using latch = new LeaderLatch(zk, "/leader", { id: "ann" });
 * const { lost, token } = await latch.waitForLeadership();
 * console.log(`leading, under ${token}`);
 * lost.addEventListener("abort", () => console.log("not any more"));
 * ```
 *
 * Source: Curator `LeaderLatch`, with the same znodes.
 */
export class LeaderLatch implements AsyncDisposable {
  readonly #zk: ZooKeeper;
  readonly #path: string;
  readonly #options: LeaderLatchOptions;
  readonly #abort = new AbortController();
  readonly #campaign: Promise<void>;
  #held: Hold | undefined;
  #changed = Promise.withResolvers<void>();
  #failure: { readonly reason: unknown } | undefined;

  /** Takes part from now on. */
  constructor(zk: ZooKeeper, path: string, options: LeaderLatchOptions = {}) {
    this.#zk = zk;
    this.#path = path;
    this.#options = options;
    this.#campaign = this.#run();
  }

  get isLeader(): boolean {
    return this.#held?.isHeld ?? false;
  }

  /** The fencing token; undefined for who does not lead. */
  get token(): Zxid | undefined {
    return this.#held?.token;
  }

  /** Waits until he leads. @throws the signal's reason; why the latch cannot take part any more. */
  async waitForLeadership(signal?: AbortSignal): Promise<Hold> {
    const aborted = Promise.withResolvers<void>();
    const onAbort = (): void => aborted.resolve();
    signal?.addEventListener("abort", onAbort);
    try {
      for (;;) {
        signal?.throwIfAborted();
        if (this.#failure !== undefined) throw this.#failure.reason;
        if (this.#held?.isHeld === true) return this.#held;
        await Promise.race([this.#changed.promise, aborted.promise]);
      }
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }

  /** Ids of all who take part, the leader first. */
  participants(): Promise<readonly string[]> {
    return queuedData(this.#zk, this.#path);
  }

  /** Stops taking part, and leading. */
  async close(): Promise<void> {
    this.#abort.abort(new Error("the latch was closed"));
    await this.#campaign;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Never rejects: whoever waits is told. */
  async #run(): Promise<void> {
    const { signal } = this.#abort;
    const { id: data, acl } = this.#options;
    const queue = { path: this.#path, name: "latch-", data, acl, blockers: lastOf };
    try {
      for (;;) {
        const created = await enter(this.#zk, queue, { signal });
        await using held = hold(this.#zk, created, this.#options);
        this.#become(held);
        await abortOf(AbortSignal.any([held.lost, signal]));
        this.#become(undefined);
      }
    } catch (reason) {
      this.#failure = { reason };
      this.#changed.resolve();
    }
  }

  #become(held: Hold | undefined): void {
    // Lost already: nobody was told.
    if (held !== undefined && !held.isHeld) return;
    if (held === this.#held) return;
    this.#held = held;
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
    const { onChange } = this.#options;
    if (onChange !== undefined) tell(onChange, held);
  }
}

function abortOf(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
}
