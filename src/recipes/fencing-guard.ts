import type { Zxid } from "../client/index.ts";

/**
 * A token that is older than one that was seen already: its holder lost what it stands for.
 *
 * @example
 * ```ts
 * import { FencingGuard, StaleTokenError } from "edgekeeper/recipes";
 *
 * const guard = new FencingGuard();
 * function write(token: number): Response {
 *   try {
 *     guard.check(token);
 *     return new Response("written");
 *   } catch (error) {
 *     if (!(error instanceof StaleTokenError)) throw error;
 *     return new Response(error.message, { status: 409 });
 *   }
 * }
 * ```
 */
export class StaleTokenError extends Error {
  override readonly name = "StaleTokenError";
  readonly token: Zxid;
  readonly highest: Zxid;

  constructor(token: Zxid, highest: Zxid) {
    super(`expected a fencing token of at least ${highest}, saw ${token}`);
    this.token = token;
    this.highest = highest;
  }
}

/**
 * Refuses old fencing tokens, where the resource is that a lock protects.
 *
 * A holder may be paused for longer than his session lasts, and go on without having heard that
 * somebody else holds the lock: no lock can prevent that, only the resource. It remembers
 * {@link highest}, in the same transaction as its data if it can.
 *
 * @example
 * ```ts
 * import { FencingGuard } from "edgekeeper/recipes";
 *
 * const guard = new FencingGuard();
 * guard.check(17); // whoever holds the lock
 * guard.check(12); // throws: whoever held it before
 * ```
 *
 * Source: Kleppmann, "How to do distributed locking"; Burrows, "The Chubby lock service", 2.4.
 */
export class FencingGuard {
  #highest: Zxid;

  /** @param highest - the largest token seen, by whoever protected the resource before. */
  constructor(highest: Zxid = 0) {
    this.#highest = highest;
  }

  get highest(): Zxid {
    return this.#highest;
  }

  /** Lets a holder do something, and from now on nobody who held before. @throws StaleTokenError */
  check(token: Zxid): void {
    if (token < this.#highest) throw new StaleTokenError(token, this.#highest);
    this.#highest = token;
  }
}
