import { retry, type ZooKeeper } from "../client/index.ts";
import { SharedValue } from "./shared-value.ts";

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
  readonly #value: SharedValue;
  readonly #blockSize: number;
  #next = 0;
  #end = 0;
  #reserving: Promise<void> | undefined;

  /** @throws RangeError unless `blockSize` is a positive integer. */
  constructor(zk: ZooKeeper, path: string, blockSize = 100) {
    if (!Number.isInteger(blockSize) || blockSize < 1) {
      throw new RangeError(`expected a size of blocks, saw ${blockSize}`);
    }
    this.#zk = zk;
    this.#value = new SharedValue(zk, path, "0");
    this.#blockSize = blockSize;
  }

  /** The next number. @throws RangeError when there are no safe integers left. */
  async next(): Promise<number> {
    while (this.#next >= this.#end) {
      this.#reserving ??= this.#reserve().finally(() => (this.#reserving = undefined));
      await this.#reserving;
    }
    return this.#next++;
  }

  async #reserve(): Promise<void> {
    // Twice does no harm: a block that nobody knows of is left out.
    const written = await retry(this.#zk, () =>
      this.#value.update(({ text }) => {
        const end = Number(text) + this.#blockSize;
        if (!Number.isSafeInteger(end)) throw new RangeError(`expected a number, saw "${text}"`);
        return String(end);
      }),
    );
    this.#end = Number(written);
    this.#next = this.#end - this.#blockSize;
  }
}
