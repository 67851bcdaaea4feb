import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkHistory } from "../../simulation/checkers/check-history.ts";
import { randomHistory } from "./random-history.ts";

describe("all checkers", () => {
  it("find nothing in histories of a service that is right", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const history = randomHistory(seed, 120);

        const violations = checkHistory(history);

        expect(violations).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });
});
