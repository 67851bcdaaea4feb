import { retry, type ZooKeeper } from "../client/index.ts";
import { Counter, type CounterOptions } from "./counter.ts";

/**
 * Numbers that nobody gets twice, growing for each who asks; some are never given out.
 *
 * Reserved in blocks, so that most cost no request. A lost answer costs a block, and so does the
 * death of whoever had it.
 *
 * @example
 * ```ts
 * import { IdGenerator } from "edgekeeper/recipes";
 *
 * const orders = new IdGenerator(zk, "/ids/orders");
 * console.log(await orders.next());
 * ```
 *
 * Source: Curator `CachedAtomicLong`; ZooKeeper recipes, "Name Service".
 */
export class IdGenerator {
  readonly #zk: ZooKeeper;
  readonly #end: Counter;
  readonly #blockSize: number;
  #next = 0;
  #nextEnd = 0;
  #reserving: Promise<void> | undefined;

  /** @throws RangeError unless `blockSize` is a positive integer. */
  constructor(zk: ZooKeeper, path: string, blockSize = 100, options: CounterOptions = {}) {
    if (!Number.isInteger(blockSize) || blockSize < 1) {
      throw new RangeError(`expected a size of blocks, saw ${blockSize}`);
    }
    this.#zk = zk;
    this.#end = new Counter(zk, path, options);
    this.#blockSize = blockSize;
  }

  /** The next number. @throws RangeError when there are no safe integers left. */
  async next(): Promise<number> {
    while (this.#next >= this.#nextEnd) {
      this.#reserving ??= this.#reserve().finally(() => (this.#reserving = undefined));
      await this.#reserving;
    }
    return this.#next++;
  }

  async #reserve(): Promise<void> {
    // Twice does no harm: a block that nobody knows of is left out.
    const end = await retry(this.#zk, () => this.#end.add(this.#blockSize));
    this.#next = end - this.#blockSize;
    this.#nextEnd = end;
  }
}
