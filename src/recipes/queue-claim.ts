import {
  Code,
  isKeeperError,
  retry,
  type Transaction,
  type Znode,
  type ZooKeeper,
} from "../client/index.ts";
import type { Hold } from "./hold.ts";

/**
 * An entry of a queue that is ours as long as its {@link hold} lasts. Disposed before it is completed
 * it is given back.
 *
 * @example
 * ```ts
 * import { Queue } from "edgekeeper/recipes";
 *
 * const claim = await new Queue(zk, "/mails").take();
 * try {
 *   const { lost: signal } = claim.hold;
 *   await fetch("https://example.com/send", { method: "POST", body: claim.text, signal });
 *   await claim.complete();
 * } catch (error) {
 *   await claim.release();
 *   throw error;
 * }
 * ```
 */
export class QueueClaim implements AsyncDisposable {
  readonly znode: Znode;
  /** Its `lost` says that somebody else may take the entry; its token is the claim's. */
  readonly hold: Hold;
  readonly #zk: ZooKeeper;
  readonly #entry: string;

  constructor(zk: ZooKeeper, entry: string, znode: Znode, held: Hold) {
    this.#zk = zk;
    this.#entry = entry;
    this.znode = znode;
    this.hold = held;
  }

  /** The data of the entry, as text. */
  get text(): string {
    return this.znode.text;
  }

  /**
   * Says that the work is done: entry and claim go together, and with them, or not at all, what
   * `effects` adds.
   *
   * @throws KeeperError of an effect that fails: then the entry stays claimed.
   * @throws KeeperError SESSIONEXPIRED when the claim was lost with the session, NONODE when somebody
   *   deleted it: then the entry waits for somebody else, or is with him.
   */
  async complete(effects: (transaction: Transaction) => void = () => undefined): Promise<void> {
    // The path of a claim may be another one's by now.
    this.hold.lost.throwIfAborted();
    try {
      await retry(this.#zk, () =>
        this.hold.inSession(() => {
          const transaction = this.hold.transaction();
          effects(transaction);
          return transaction.delete(this.#entry).delete(this.hold.path).commit();
        }),
      );
      this.hold.forget();
    } catch (error) {
      if (!isKeeperError(error, Code.NONODE)) throw error;
      // After a lost answer: an entry that is gone was done, by us or by whoever took it over.
      const stat = await retry(this.#zk, () => this.#zk.exists(this.#entry));
      if (stat !== undefined) throw error;
      await this.hold.release();
    }
  }

  /** Gives the entry back, to be taken by anybody. */
  async release(): Promise<void> {
    await this.hold.release();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }
}
