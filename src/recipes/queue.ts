import {
  childPath,
  Code,
  type Created,
  type Data,
  deleteQuietly,
  ensurePath,
  isKeeperError,
  protectedCreate,
  retry,
  uuid,
  type Znode,
  type ZooKeeper,
} from "../client/index.ts";
import { hold } from "./hold.ts";
import { Interruption } from "./interruption.ts";
import type { AcquireOptions } from "./lock.ts";
import { QueueClaim } from "./queue-claim.ts";
import type { RecipeOptions } from "./recipe-options.ts";
import { enter, ignoreNoNode, type WaitQueue } from "./wait-queue.ts";

/** How a queue is made. */
export interface QueueOptions extends RecipeOptions {
  /** Milliseconds until an entry may be taken, by its name; 0 or less: now. Always now if absent. */
  readonly waitMs?: (name: string) => number;
}

/** The default of kazoo. */
const PRIORITY = 100;

/**
 * Entries that are done at least once, smaller priorities first, and in the order of putting.
 *
 * Who takes an entry claims it by an ephemeral and deletes both when it is done. If he dies before,
 * the claim goes with his session and somebody else takes the entry: work must bear to be done
 * twice, or check the claim's token. `put` adds once, whatever answer is lost; if the session is lost
 * meanwhile it fails, and the entry may be there.
 *
 * Consumers that find nothing stand in line, and only the first two of them look for what comes: an
 * entry wakes two of them, whatever their number, and one of the two may be dead or paused.
 *
 * @example
 * ```ts
 * import { Queue } from "edgekeeper/recipes";
 *
 * const mails = new Queue(zk, "/mails");
 * await mails.put("to ann");
 * await mails.put("to bob, before all others", 0);
 * const claim = await mails.take();
 * console.log(claim.text);
 * await claim.complete();
 * ```
 *
 * Source: kazoo `LockingQueue`, whose consumers and ours share entries; Curator `DistributedQueue`
 * with `lockPath`.
 */
export class Queue {
  readonly #zk: ZooKeeper;
  readonly #entries: string;
  readonly #taken: string;
  readonly #line: WaitQueue;
  readonly #waitMs: (name: string) => number;
  readonly #acl: RecipeOptions["acl"];

  constructor(zk: ZooKeeper, path: string, { waitMs = () => 0, acl }: QueueOptions = {}) {
    this.#zk = zk;
    this.#entries = childPath(path, "entries");
    this.#taken = childPath(path, "taken");
    this.#line = { path: childPath(path, "waiting"), name: "wait-", acl, blockers: beforeTheFirst };
    this.#waitMs = waitMs;
    this.#acl = acl;
  }

  /** Adds an entry. @param priority - 0 to 999. @throws RangeError for another one. */
  async put(data: Data, priority: number = PRIORITY): Promise<void> {
    if (!Number.isInteger(priority) || priority < 0 || priority > 999) {
      throw new RangeError(`expected a priority from 0 to 999, saw ${priority}`);
    }
    await this.putRanked(data, String(priority).padStart(3, "0"));
  }

  /** Adds an entry at a rank: ranks of the same length are compared as texts. */
  async putRanked(data: Data, rank: string): Promise<void> {
    const path = childPath(this.#entries, "-");
    const options = { sequential: true, prefix: `entry-${rank}-${uuid()}`, acl: this.#acl };
    await this.#inPath(this.#entries, () => protectedCreate(this.#zk, path, data, options));
  }

  /** How many there are, taken ones too. */
  async count(): Promise<number> {
    const stat = await retry(this.#zk, () => this.#zk.exists(this.#entries));
    return stat?.numChildren ?? 0;
  }

  /** Waits for an entry and claims it. @throws the signal's reason; KeeperError of a closed client. */
  async take({ signal }: AcquireOptions = {}): Promise<QueueClaim> {
    using interruption = new Interruption(this.#zk, signal, "close");
    const taken = await this.#tryTake(interruption);
    if (taken instanceof QueueClaim) return taken;
    for (;;) {
      await using place = hold(this.#zk, await enter(this.#zk, this.#line, { signal }), KEEP);
      const signals = signal === undefined ? [place.lost] : [place.lost, signal];
      try {
        return await this.#takeFirst(AbortSignal.any(signals));
      } catch (error) {
        // Whoever lost his place stands in line again.
        interruption.throwIfInterrupted();
        if (!place.lost.aborted) throw error;
      }
    }
  }

  /** Waits for an entry at the head of the line. @throws the signal's reason. */
  async #takeFirst(signal: AbortSignal): Promise<QueueClaim> {
    using interruption = new Interruption(this.#zk, signal, "close");
    for (;;) {
      const changed = Promise.withResolvers<void>();
      const taken = await this.#tryTake(interruption, () => changed.resolve());
      if (taken instanceof QueueClaim) return taken;
      await this.#waitFor(changed.promise, taken, interruption);
    }
  }

  /** @returns a claim, or for how many milliseconds there is nothing to claim. */
  async #tryTake(interruption: Interruption, watch?: () => void): Promise<QueueClaim | number> {
    interruption.throwIfInterrupted();
    const claiming = this.#claimFirst(watch);
    try {
      return await interruption.race(claiming.catch(notInSession));
    } catch (error) {
      // What was claimed meanwhile is given back.
      claiming
        .then((taken) => (taken instanceof QueueClaim ? taken.release() : undefined))
        .catch(() => undefined);
      throw error;
    }
  }

  async #waitFor(
    changed: Promise<void>,
    waitMs: number,
    interruption: Interruption,
  ): Promise<void> {
    if (waitMs <= 0) return;
    const due = Promise.withResolvers<void>();
    // Longer than timers can wait: then one looks again on the way.
    const delayMs = Math.min(waitMs, DELAY_MS_MAX);
    const cancel = waitMs < Infinity ? this.#zk.clock.after(delayMs, due.resolve) : () => undefined;
    try {
      await interruption.race(Promise.race([changed, due.promise]));
    } finally {
      cancel();
    }
  }

  async #claimFirst(watch: (() => void) | undefined): Promise<QueueClaim | number> {
    const [entries, taken] = await Promise.all([
      this.#inPath(this.#entries, () => this.#zk.children(this.#entries, { watch })),
      this.#inPath(this.#taken, () => this.#zk.children(this.#taken, { watch })),
    ]);
    const isTaken = new Set(taken.children);
    const names = entries.children.filter((name) => !isTaken.has(name)).toSorted(byRank);
    let waitMs = Infinity;
    for (const name of names) {
      const leftMs = this.#waitMs(name);
      const claim = leftMs > 0 ? undefined : await this.#claim(name);
      if (claim !== undefined) return claim;
      if (leftMs > 0) waitMs = Math.min(waitMs, leftMs);
    }
    return waitMs;
  }

  async #claim(name: string): Promise<QueueClaim | undefined> {
    const entry = childPath(this.#entries, name);
    const created = await this.#mark(childPath(this.#taken, name));
    if (created === undefined) return undefined;
    const znode: Znode | undefined = await retry(this.#zk, () => this.#zk.get(entry)).catch(
      ignoreNoNode,
    );
    if (znode !== undefined) {
      return new QueueClaim(this.#zk, entry, znode, hold(this.#zk, created, KEEP));
    }
    // Done by somebody after we had looked.
    await deleteQuietly(this.#zk, created.path);
    return undefined;
  }

  /** Makes a claim's znode; undefined if somebody has. Its data tell ours after a lost answer. */
  async #mark(path: string): Promise<Created | undefined> {
    const id = uuid();
    const options = { ephemeral: true, acl: this.#acl };
    try {
      return await retry(this.#zk, () => this.#zk.create(path, id, options));
    } catch (error) {
      if (!isKeeperError(error, Code.NODEEXISTS)) throw error;
      const znode = await retry(this.#zk, () => this.#zk.get(path)).catch(ignoreNoNode);
      return znode?.text === id ? { path, stat: znode.stat } : undefined;
    }
  }

  async #inPath<T>(path: string, operation: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await retry(this.#zk, operation);
      } catch (error) {
        if (!isKeeperError(error, Code.NONODE)) throw error;
        await ensurePath(this.#zk, path, { acl: this.#acl });
      }
    }
  }
}

const KEEP = { onSuspension: "keep" } as const;

/** Of a timer, 24 days. */
const DELAY_MS_MAX = 0x7fff_ffff;

/** How many of a line look for entries: more than one, so that one may be dead or paused. */
const LOOKERS = 2;

function beforeTheFirst(before: readonly string[]): readonly string[] {
  return before.length < LOOKERS ? [] : before.slice(-LOOKERS);
}

/** By rank, then by the digits that the server gave. */
function byRank(a: string, b: string): number {
  const [rankA, rankB] = [rankOf(a), rankOf(b)];
  if (rankA !== rankB) return rankA < rankB ? -1 : 1;
  return a.slice(-10) < b.slice(-10) ? -1 : 1;
}

/** `entry-<rank>-…`, the same for kazoo. */
export function rankOf(name: string): string {
  return name.split("-")[1] ?? "";
}

/** Looks again at once in the next session. */
function notInSession(error: unknown): number {
  if (isKeeperError(error, Code.SESSIONEXPIRED)) return 0;
  throw error;
}
