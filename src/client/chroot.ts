import { findPathFault, isWithin } from "../core/path.ts";

/**
 * A subtree that a client takes for the whole tree: paths get its prefix on the way out and lose it
 * on the way in.
 *
 * Source: ZooKeeper `ZooKeeper.prependChroot`.
 */
export class Chroot {
  readonly #prefix: string;

  /** @throws RangeError unless it is "" or an absolute path. */
  constructor(prefix: string) {
    const fault = prefix === "" ? undefined : findPathFault(prefix);
    if (fault !== undefined) throw new RangeError(`expected a chroot, saw "${prefix}": ${fault}`);
    this.#prefix = prefix === "/" ? "" : prefix;
  }

  /** The path as the server knows it. What is no path stays one that the server refuses. */
  outer(path: string): string {
    if (this.#prefix === "" || !path.startsWith("/")) return path;
    return path === "/" ? this.#prefix : this.#prefix + path;
  }

  /** The path as the user knows it; one that is not within stays as it is. */
  inner(path: string): string {
    if (this.#prefix === "" || !isWithin(path, this.#prefix)) return path;
    return path.length === this.#prefix.length ? "/" : path.slice(this.#prefix.length);
  }
}
