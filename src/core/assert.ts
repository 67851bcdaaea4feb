/** Assertions that stay on in production: a broken invariant stops the shard, never a client. */

/** Thrown when an invariant of our own code is broken; the shard aborts and recovers from its log. */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
}

/**
 * Asserts an invariant.
 *
 * @param message - a function where the text is made of values and every request passes by.
 * @throws AssertionError with `message` if `condition` is false.
 */
export function assert(condition: boolean, message: string | (() => string)): asserts condition {
  if (!condition) throw new AssertionError(typeof message === "string" ? message : message());
}

/**
 * Marks the end of an exhaustive `switch`; the compiler proves that it is never reached.
 *
 * @throws AssertionError if a value of a newer format gets here all the same.
 */
export function unreachable(value: never): never {
  throw new AssertionError(`unreachable: ${JSON.stringify(value)}`);
}
