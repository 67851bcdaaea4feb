import { type Data, retry, type ZooKeeper } from "../client/index.ts";
import { type Hold, hold, type HoldOptions, REVOKE } from "./hold.ts";
import { type LockLayout, queueOf } from "./layout.ts";
import type { RecipeOptions } from "./recipe-options.ts";
import { enter, ignoreNoNode, lastOf, queued, queuedData, type WaitQueue } from "./wait-queue.ts";

/** Who may hold it together: readers, and nobody else. */
export type LockKind = "exclusive" | "read" | "write";

/** How a lock is made. */
export interface LockOptions extends HoldOptions, RecipeOptions {
  /** Says who contends, for {@link Lock.contenders}. */
  readonly data?: Data;
  /**
   * `curator`, the default: `_c_<uuid>-lock-<digits>`. `kazoo`: `<uuid>__lock__<digits>`, which stock
   * kazoo respects. We respect both, whichever we use.
   */
  readonly layout?: LockLayout;
  /** `exclusive` if absent; the others are for `ReadWriteLock`. */
  readonly kind?: LockKind;
}

/** How a lock is waited for. */
export interface AcquireOptions {
  /** Gives up; no znode stays behind. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A lock that one client at a time holds, in the order in which they asked for it.
 *
 * Everybody waits for the one before him only, so that a release wakes one waiter. Each acquire
 * contends for itself, also with others of the same object: a holder who wants to enter again uses
 * {@link Hold.reenter}.
 *
 * *When something fails.* Waiting goes on over lost connections; whoever loses his session while
 * waiting queues up again, at the end. A holder is told by {@link Hold.lost}. A holder that dies
 * holds the lock until his session ends.
 *
 * @example
 * ```ts
 * import { Lock } from "edgekeeper/recipes";
 *
 * await using held = await new Lock(zk, "/locks/report").acquire();
 * await fetch("https://example.com/report", { method: "POST", signal: held.lost });
 * ```
 *
 * Source: Curator `InterProcessMutex`, kazoo `Lock`; ZooKeeper recipes, "Locks".
 */
export class Lock {
  readonly path: string;
  readonly #zk: ZooKeeper;
  readonly #options: LockOptions;

  constructor(zk: ZooKeeper, path: string, options: LockOptions = {}) {
    this.#zk = zk;
    this.path = path;
    this.#options = options;
  }

  /** Waits for the lock. @throws the signal's reason; KeeperError when the client is closed. */
  async acquire({ signal }: AcquireOptions = {}): Promise<Hold> {
    return hold(this.#zk, await enter(this.#zk, this.#queue(), { signal }), this.#options);
  }

  /**
   * Takes the lock if it is free now, or within a time; undefined if not.
   *
   * @throws the signal's reason; KeeperError when the client is closed.
   */
  async tryAcquire(timeoutMs = 0, { signal }: AcquireOptions = {}): Promise<Hold | undefined> {
    const abort = new AbortController();
    const giveUp = (): void => abort.abort(TOO_LATE);
    const cancel = timeoutMs > 0 ? this.#zk.clock.after(timeoutMs, giveUp) : () => undefined;
    const onBlocked = timeoutMs > 0 ? undefined : giveUp;
    try {
      const signals = signal === undefined ? [abort.signal] : [abort.signal, signal];
      const options = { signal: AbortSignal.any(signals), onBlocked };
      return hold(this.#zk, await enter(this.#zk, this.#queue(), options), this.#options);
    } catch (error) {
      if (error === TOO_LATE) return undefined;
      throw error;
    } finally {
      cancel();
    }
  }

  /** Does something under the lock, and releases it. `work` is told when the lock is lost. */
  async run<T>(work: (held: Hold) => Promise<T>, options: AcquireOptions = {}): Promise<T> {
    await using held = await this.acquire(options);
    return await work(held);
  }

  /** The data of the holder and of those who wait, in order. */
  contenders(): Promise<readonly string[]> {
    return queuedData(this.#zk, this.path);
  }

  /**
   * Asks the holder to let go, ours or Curator's: his {@link Hold.revoked} aborts.
   *
   * @returns false if nobody holds the lock.
   */
  async revoke(): Promise<boolean> {
    const [holder] = await queued(this.#zk, this.path);
    if (holder === undefined) return false;
    const asked = await retry(this.#zk, () => this.#zk.set(holder, REVOKE)).catch(ignoreNoNode);
    return asked !== undefined;
  }

  #queue(): WaitQueue {
    const { data, acl, layout = "curator", kind = "exclusive" } = this.#options;
    const blockers = kind === "read" ? lastWriterOf : lastOf;
    const name = NAMES[layout][kind];
    return { ...queueOf(layout), path: this.path, name, data, acl, blockers };
  }
}

/** What stands before the digits. Source: Curator `InterProcessReadWriteLock`, kazoo `ReadLock`. */
const NAMES: Readonly<Record<LockLayout, Readonly<Record<LockKind, string>>>> = {
  curator: { exclusive: "lock-", read: "__READ__", write: "__WRIT__" },
  kazoo: { exclusive: "__lock__", read: "__rlock__", write: "__lock__" },
};

const READER = /(?:__READ__|__rlock__)\d{10}$/;

/** The blocker of a reader. */
function lastWriterOf(before: readonly string[]): readonly string[] {
  return before.filter((name) => !READER.test(name)).slice(-1);
}

const TOO_LATE = new Error("expected the lock in time, saw it held");
