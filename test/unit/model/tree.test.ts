import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { run } from "./operations.ts";
import { inMemory, Pair } from "./pair.ts";

/** More runs on demand: `MODEL_RUNS=20000 npx vitest run test/unit/model`. */
const numRuns = Number(process.env["MODEL_RUNS"] ?? 150);

describe("the tree and the naive model", () => {
  it("[ZX4][TR1][WA9] agree on every reply, code, Stat, event, zxid and sequence number", () => {
    fc.assert(
      fc.property(run, (operations) => {
        const pair = new Pair(inMemory()).run(operations);
        expect(pair.digestOfReplay()).toBe(pair.digest());
      }),
      { numRuns },
    );
  }, 600_000);
});
