import { childPath, tell, type ZooKeeper } from "../client/index.ts";
import { GroupMembership } from "./group-membership.ts";
import type { Hold } from "./hold.ts";
import { Lock } from "./lock.ts";
import type { RecipeOptions } from "./recipe-options.ts";

/** Who takes part in a partition, and what it is told. */
export interface SetPartitionerOptions extends RecipeOptions {
  /** Who one is, unlike all others. */
  readonly id: string;
  /** Told of what one has, by item, whenever that changes. */
  readonly onChange?: (items: ReadonlyMap<string, Hold>) => void;
}

/**
 * Divides a set among all members, evenly, and anew when members come and go.
 *
 * Each item has a lock: whoever is to have it waits until whoever had it has let go, so that nobody
 * has what another one has. An item of a member that dies is nobody's until his session ends. On
 * suspension a member has nothing; everything that it does has to check tokens if it may be paused.
 *
 * All members have to name the same items.
 *
 * @example
 * ```ts
 * import { SetPartitioner } from "edgekeeper/recipes";
 *
 * await using mine = new SetPartitioner(zk, "/feeds", ["news", "sports", "weather"], {
 *   id: "w1",
 *   onChange: (items) => console.log([...items.keys()]),
 * });
 * await mine.ready;
 * ```
 *
 * Source: kazoo `SetPartitioner`, which stops everybody at each change.
 */
export class SetPartitioner implements AsyncDisposable {
  /** Resolves when one has joined. */
  readonly ready: Promise<void>;
  readonly #zk: ZooKeeper;
  readonly #path: string;
  readonly #items: readonly string[];
  readonly #options: SetPartitionerOptions;
  readonly #group: GroupMembership;
  /** What one waits for or has, and how to stop it. */
  readonly #wanted = new Map<string, { readonly abort: AbortController; done: Promise<void> }>();
  readonly #held = new Map<string, Hold>();
  #isClosed = false;

  /** @param items - names as znodes have them. */
  constructor(
    zk: ZooKeeper,
    path: string,
    items: Iterable<string>,
    options: SetPartitionerOptions,
  ) {
    this.#zk = zk;
    this.#path = path;
    this.#items = [...new Set(items)].toSorted();
    this.#options = options;
    const self = { id: options.id, acl: options.acl };
    this.#group = new GroupMembership(zk, childPath(path, "members"), self, () => this.#divide());
    this.ready = this.#group.ready;
  }

  /** What one has, by item. */
  get items(): ReadonlyMap<string, Hold> {
    return new Map([...this.#held].filter(([, { isHeld }]) => isHeld));
  }

  /** Lets go of everything, and leaves. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const leaving = [...this.#wanted.keys()].map((item) => this.#letGo(item));
    await Promise.all([...leaving, this.#group.close()]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #divide(): void {
    if (this.#isClosed) return;
    const members = [...this.#group.members.keys()];
    const own = members.indexOf(this.#options.id);
    const isMine = (index: number): boolean => own >= 0 && index % members.length === own;
    const mine = new Set(this.#items.filter((_item, index) => isMine(index)));
    for (const item of this.#wanted.keys()) if (!mine.has(item)) void this.#letGo(item);
    for (const item of mine) if (!this.#wanted.has(item)) this.#want(item);
  }

  #want(item: string): void {
    const abort = new AbortController();
    this.#wanted.set(item, { abort, done: this.#keep(item, abort.signal) });
  }

  async #letGo(item: string): Promise<void> {
    const wanted = this.#wanted.get(item);
    this.#wanted.delete(item);
    wanted?.abort.abort();
    await wanted?.done;
  }

  /** Has an item, again after each loss, until told to let go. Never rejects. */
  async #keep(item: string, signal: AbortSignal): Promise<void> {
    const { acl } = this.#options;
    const lock = new Lock(this.#zk, childPath(childPath(this.#path, "items"), item), { acl });
    try {
      while (!signal.aborted) {
        await lock.run((held) => this.#have(item, held, signal), { signal });
      }
    } catch {
      // Told to let go while waiting, or the client is closed.
    }
  }

  async #have(item: string, held: Hold, signal: AbortSignal): Promise<void> {
    this.#held.set(item, held);
    this.#changed();
    const end = AbortSignal.any([signal, held.lost]);
    if (!end.aborted) {
      await new Promise<void>((resolve) => end.addEventListener("abort", () => resolve()));
    }
    this.#held.delete(item);
    this.#changed();
  }

  #changed(): void {
    const { onChange } = this.#options;
    if (onChange !== undefined) tell(onChange, this.items);
  }
}
