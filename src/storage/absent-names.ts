/** Parents that are remembered at once. */
const PARENTS_MAX = 1_024;

/** Names from `from` on, up to but without `to`; undefined = to the end. */
interface Gap {
  from: string;
  to: string | undefined;
}

/**
 * Remembers, for each parent, one range of names that the table does not hold.
 *
 * A create looks first whether its path exists. The answer to one such look names the next row,
 * and so a whole gap; sequence numbers, and creates under a parent with few children, then fall
 * into it without a query. Must be cleared whenever rows are inserted.
 */
export class AbsentNames {
  readonly #gaps = new Map<string, Gap>();

  has(parent: string, name: string): boolean {
    const gap = this.#gaps.get(parent);
    return gap !== undefined && name >= gap.from && (gap.to === undefined || name < gap.to);
  }

  /** There is no row from `from` on before `to`. */
  add(parent: string, from: string, to: string | undefined): void {
    const gap = this.#gaps.get(parent);
    if (gap !== undefined && from < gap.from && (to === undefined || to >= gap.from)) {
      gap.from = from;
      return;
    }
    if (this.#gaps.size >= PARENTS_MAX) this.#gaps.clear();
    this.#gaps.set(parent, { from, to });
  }

  clear(): void {
    this.#gaps.clear();
  }
}
