import {
  childPath,
  Code,
  ensurePath,
  isKeeperError,
  nameOf,
  protectedCreate,
  retry,
  type WatchEvent,
  type ZooKeeper,
} from "../client/index.ts";
import { Interruption } from "./interruption.ts";
import type { AcquireOptions } from "./lock.ts";
import type { RecipeOptions } from "./recipe-options.ts";
import { leave, settledSoon } from "./wait-queue.ts";

const READY = "ready";

/**
 * So many begin together, and end together.
 *
 * One that loses its session is out: `enter` and `leave` fail with SESSIONEXPIRED, the others wait
 * for somebody in its place, or count it as one that left. An abort takes it out, too.
 *
 * @example
 * ```ts
 * import { DoubleBarrier } from "edgekeeper/recipes";
 *
 * const round = new DoubleBarrier(zk, "/rounds/17", 3);
 * await round.enter(); // all three are there
 * console.log("our part of the round");
 * await round.leave(); // all three are done
 * ```
 *
 * Source: Curator `DistributedDoubleBarrier`; ZooKeeper recipes, "Double Barriers".
 */
export class DoubleBarrier {
  readonly #zk: ZooKeeper;
  readonly #path: string;
  readonly #count: number;
  readonly #options: RecipeOptions;
  #own: string | undefined;

  /** @param count - how many have to be there. */
  constructor(zk: ZooKeeper, path: string, count: number, options: RecipeOptions = {}) {
    this.#zk = zk;
    this.#path = path;
    this.#count = count;
    this.#options = options;
  }

  /** Waits until all are there. @throws the signal's reason; KeeperError SESSIONEXPIRED. */
  async enter({ signal }: AcquireOptions = {}): Promise<void> {
    using interruption = new Interruption(this.#zk, signal);
    interruption.throwIfInterrupted();
    const joining = this.#join();
    try {
      this.#own = await interruption.race(joining);
      await this.#waitUntilReady(interruption);
    } catch (error) {
      await settledSoon(
        this.#zk,
        joining.then((own) => leave(this.#zk, own)),
      );
      throw error;
    }
  }

  /** @returns the path of one's own znode. */
  async #join(): Promise<string> {
    const { acl } = this.#options;
    await ensurePath(this.#zk, this.#path, { acl });
    const path = childPath(this.#path, "member");
    return (await protectedCreate(this.#zk, path, "", { ephemeral: true, acl })).path;
  }

  /**
   * Waits until all have left. Whoever stops waiting has left.
   *
   * @throws the signal's reason; KeeperError SESSIONEXPIRED.
   */
  async leave({ signal }: AcquireOptions = {}): Promise<void> {
    using interruption = new Interruption(this.#zk, signal);
    try {
      await this.#waitUntilLeft(interruption);
    } catch (error) {
      await settledSoon(this.#zk, this.#giveUp());
      throw error;
    }
    await leave(this.#zk, childPath(this.#path, READY));
    await this.#goOut();
  }

  /** Ends one's own part, if there is any. */
  async #goOut(): Promise<void> {
    const own = this.#own;
    this.#own = undefined;
    if (own !== undefined) await leave(this.#zk, own);
  }

  /** Goes before the others have gone; the last one takes `ready` along, or a next round begins at once. */
  async #giveUp(): Promise<void> {
    await this.#goOut();
    if ((await this.#members()).length === 0) await leave(this.#zk, childPath(this.#path, READY));
  }

  async #waitUntilLeft(interruption: Interruption): Promise<void> {
    const own = this.#own === undefined ? "" : nameOf(this.#own);
    for (;;) {
      const members = await interruption.race(this.#members());
      const [lowest, highest] = [members[0], members.at(-1)];
      if (lowest === undefined || (lowest === own && highest === own)) return;
      // The lowest leaves last and waits for the others; all the others wait for it alone.
      const other = lowest === own ? highest : lowest;
      if (lowest !== own && members.includes(own))
        await leave(this.#zk, childPath(this.#path, own));
      await this.#goneOrChanged(other ?? lowest, interruption);
    }
  }

  async #waitUntilReady(interruption: Interruption): Promise<void> {
    const ready = childPath(this.#path, READY);
    for (;;) {
      const changed = Promise.withResolvers<WatchEvent>();
      const options = { watch: changed.resolve };
      const stat = await interruption.race(retry(this.#zk, () => this.#zk.exists(ready, options)));
      if (stat !== undefined) return;
      const members = await interruption.race(this.#members());
      if (members.length >= this.#count) {
        const { acl } = this.#options;
        await retry(this.#zk, () => this.#zk.create(ready, "", { ephemeral: true, acl })).catch(
          ignoreNodeExists,
        );
        return;
      }
      // Whoever made it may have gone again already: that it was there is enough.
      if ((await interruption.race(changed.promise)).type === "NodeCreated") return;
    }
  }

  async #goneOrChanged(name: string, interruption: Interruption): Promise<void> {
    const changed = Promise.withResolvers<void>();
    const options = { watch: () => changed.resolve() };
    const path = childPath(this.#path, name);
    const reading = retry(this.#zk, () => this.#zk.get(path, options));
    try {
      await interruption.race(reading);
    } catch (error) {
      if (isKeeperError(error, Code.NONODE)) return;
      throw error;
    }
    await interruption.race(changed.promise);
  }

  async #members(): Promise<readonly string[]> {
    const { children } = await retry(this.#zk, () => this.#zk.children(this.#path));
    return children.filter((name) => name !== READY).toSorted();
  }
}

function ignoreNodeExists(error: unknown): void {
  if (!isKeeperError(error, Code.NODEEXISTS)) throw error;
}
