import { InvalidArgumentError } from "commander";

/** What a load may consist of. */
export const LOAD_OPERATIONS = ["create", "sequential", "set", "get"] as const;

/** One of {@link LOAD_OPERATIONS}. */
export type LoadOperation = (typeof LOAD_OPERATIONS)[number];

/** How often each operation is drawn, in proportion to the others. */
export type OperationMix = Readonly<Partial<Record<LoadOperation, number>>>;

/**
 * Reads `set=20,get=80`; the numbers are shares, of whatever they sum up to.
 *
 * @throws InvalidArgumentError that commander turns into one line
 */
export function operationMix(text: string): OperationMix {
  const mix: Partial<Record<LoadOperation, number>> = {};
  for (const part of text.split(",")) {
    const { name, share } = /^(?<name>[a-z]+)=(?<share>\d{1,6})$/.exec(part.trim())?.groups ?? {};
    const operation = LOAD_OPERATIONS.find((known) => known === name);
    if (operation === undefined || mix[operation] !== undefined || Number(share) === 0) {
      throw new InvalidArgumentError(
        `expected ${LOAD_OPERATIONS.join("=N, ")}=N, each at most once, saw "${part.trim()}"`,
      );
    }
    mix[operation] = Number(share);
  }
  return mix;
}

/** Draws an operation. @param random - from 0 up to, and without, 1. */
export function drawOperation(mix: OperationMix, random: number): LoadOperation {
  const shares = LOAD_OPERATIONS.map((operation) => mix[operation] ?? 0);
  let left = random * shares.reduce((sum, share) => sum + share, 0);
  const index = shares.findIndex((share) => (left -= share) < 0);
  return LOAD_OPERATIONS[index] ?? LOAD_OPERATIONS[0];
}
