import { expect } from "vitest";

/** Fails the running test, in the words of `what`, if production and model differ. */
export function same(what: string, seen: unknown, expected: unknown): void {
  // oxlint-disable-next-line vitest/no-standalone-expect, vitest/valid-expect -- Called by tests only; vitest takes a message.
  expect(seen, what).toEqual(expected);
}
