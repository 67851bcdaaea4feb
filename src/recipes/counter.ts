import type { ZooKeeper } from "../client/index.ts";
import { encodeNumber, type NumberEncoding, numberOf } from "./number-encoding.ts";
import type { RecipeOptions } from "./recipe-options.ts";
import { SharedValue } from "./shared-value.ts";

/** How a counter is made. */
export interface CounterOptions extends RecipeOptions {
  /** How the number is written; `text` if absent. All have to agree. */
  readonly encoding?: NumberEncoding;
}

/**
 * A number that many count up and down; nothing is counted twice, and nothing is lost.
 *
 * An {@link add} whose answer is lost fails with CONNECTIONLOSS where nobody can say whether it was
 * counted, as {@link SharedValue} does.
 *
 * @example
 * ```ts
 * import { Counter } from "edgekeeper/recipes";
 *
 * const visits = new Counter(zk, "/visits");
 * console.log(await visits.add(1));
 * ```
 *
 * Source: Curator `SharedCount`, `DistributedAtomicLong`; kazoo `Counter`, with the same znode.
 */
export class Counter {
  readonly #value: SharedValue;
  readonly #encoding: NumberEncoding;

  constructor(zk: ZooKeeper, path: string, options: CounterOptions = {}) {
    this.#encoding = options.encoding ?? "text";
    this.#value = new SharedValue(zk, path, encodeNumber(0, this.#encoding), options);
  }

  /** The number now. @throws RangeError for a znode that is none. */
  async get(): Promise<number> {
    return numberOf(await this.#value.get(), this.#encoding);
  }

  /** Adds, and returns the sum. @throws RangeError for a sum that cannot be written. */
  async add(addend: number): Promise<number> {
    let sum = 0;
    await this.#value.update((znode) => {
      sum = numberOf(znode, this.#encoding) + addend;
      return encodeNumber(sum, this.#encoding);
    });
    return sum;
  }
}
