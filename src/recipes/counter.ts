import type { Znode, ZooKeeper } from "../client/index.ts";
import { SharedValue } from "./shared-value.ts";

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

  constructor(zk: ZooKeeper, path: string) {
    this.#value = new SharedValue(zk, path, "0");
  }

  /** The number now. @throws RangeError for a znode that is none. */
  async get(): Promise<number> {
    return numberOf(await this.#value.get());
  }

  /** Adds, and returns the sum. @throws RangeError for a sum that is no safe integer. */
  async add(addend: number): Promise<number> {
    const written = await this.#value.update((znode) => {
      const sum = numberOf(znode) + addend;
      if (!Number.isSafeInteger(sum)) throw new RangeError(`expected a safe integer, saw ${sum}`);
      return String(sum);
    });
    return Number(written);
  }
}

function numberOf({ text }: Znode): number {
  const number = text === "" ? 0 : Number(text);
  if (!Number.isSafeInteger(number)) {
    throw new RangeError(`expected a counter, saw "${text.slice(0, 40)}"`);
  }
  return number;
}
