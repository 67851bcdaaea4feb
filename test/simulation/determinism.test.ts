import { expect, test } from "vitest";
import { drawOptions } from "./options.ts";
import { Simulation } from "./simulation.ts";
import { Trace } from "./trace.ts";

function hashOf(seed: number): string {
  const trace = new Trace(undefined, true);
  new Simulation(drawOptions(seed), () => [], trace).run();
  return trace.hash;
}

test.each([1, 2, 3, 4])("the same seed runs the same way, event by event: %i", (seed) => {
  const hash = hashOf(seed);

  const again = hashOf(seed);

  expect(again).toBe(hash);
});

test("another seed runs another way", () => {
  const [one, other] = [hashOf(5), hashOf(6)];

  expect(one).not.toBe(other);
});
