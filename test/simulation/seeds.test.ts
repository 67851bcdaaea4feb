import { expect, test } from "vitest";
import { runSeed } from "./run-seed.ts";

const SEEDS = Array.from({ length: 12 }, (_, index) => 1_000 + index);

test.each(SEEDS)("nothing bad happens, and everything converges: seed %i", (seed) => {
  const { violations } = runSeed(seed);

  expect(violations).toEqual([]);
});
