/** Sets of paths or names under a key, as side indexes are: an empty set is no set. */
export class PathSets<K> {
  readonly #sets = new Map<K, Set<string>>();

  get(key: K): ReadonlySet<string> | undefined {
    return this.#sets.get(key);
  }

  /** All sets, in the order in which their keys came. */
  entries(): Iterable<readonly [K, ReadonlySet<string>]> {
    return this.#sets;
  }

  add(key: K, value: string): void {
    const set = this.#sets.get(key);
    if (set === undefined) this.#sets.set(key, new Set([value]));
    else set.add(value);
  }

  delete(key: K, value: string): void {
    const set = this.#sets.get(key);
    if (set?.delete(value) === true && set.size === 0) this.#sets.delete(key);
  }

  clear(): void {
    this.#sets.clear();
  }
}
