/** Parents that are remembered at once. */
const PARENTS_MAX = 1_024;

/** Gaps of one parent that are remembered at once: about as many as clients create side by side. */
const GAPS_MAX = 64;

/** Names from `from` on, up to but without `to`; undefined = to the end. */
interface Gap {
  from: string;
  readonly to: string | undefined;
}

/**
 * Remembers, for each parent, some ranges of names that the table does not hold.
 *
 * A create looks first whether its path exists. The answer to one such look names the next row,
 * and so a whole gap; sequence numbers, names that a client counts up, and creates under a parent
 * with few children then fall into one without a query. Must be cleared whenever rows are inserted.
 */
export class AbsentNames {
  /** The newest gap last. */
  readonly #gaps = new Map<string, Gap[]>();

  has(parent: string, name: string): boolean {
    const gaps = this.#gaps.get(parent);
    return gaps !== undefined && gaps.some((gap) => isWithin(name, gap));
  }

  /** There is no row from `from` on before `to`. */
  add(parent: string, from: string, to: string | undefined): void {
    const gaps = this.#gaps.get(parent) ?? [];
    // A gap with the same end is the same gap, seen from a later name.
    const known = gaps.find((gap) => gap.to === to);
    if (known !== undefined) {
      if (from < known.from) known.from = from;
      return;
    }
    gaps.push({ from, to });
    if (gaps.length > GAPS_MAX) gaps.shift();
    if (gaps.length > 1) return;
    if (this.#gaps.size >= PARENTS_MAX) this.#gaps.clear();
    this.#gaps.set(parent, gaps);
  }

  clear(): void {
    this.#gaps.clear();
  }
}

function isWithin(name: string, { from, to }: Gap): boolean {
  return name >= from && (to === undefined || name < to);
}
