import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Interval,
  linearize,
  type SequentialSpec,
} from "../../simulation/checkers/linearization-search.ts";

/** A register: `write` puts a value, `read` saw one, `swap` wrote `to` and saw `from`. */
type Call =
  | { readonly op: "write" | "read"; readonly value: number }
  | { readonly op: "swap"; readonly from: number; readonly to: number };

const register: SequentialSpec<number, Call> = {
  initial: 0,
  step(state, call) {
    if (call.op === "swap") return call.from === state ? call.to : undefined;
    if (call.op === "write") return call.value;
    return call.value === state ? state : undefined;
  },
  keyOf: String,
};

const write = (value: number): Call => ({ op: "write", value });
const read = (value: number): Call => ({ op: "read", value });
const swap = (from: number, to: number): Call => ({ op: "swap", from, to });

function at(invoked: number, returned: number, call: Call): Interval<Call> {
  return { invoked, returned, call };
}

const NEVER = Infinity;

/** Tries every order of every subset that holds all answered operations. */
function hasOrder(intervals: readonly Interval<Call>[], state = 0): boolean {
  if (intervals.every(({ returned }) => returned === NEVER)) return true;
  return intervals.some((next) => {
    if (intervals.some((other) => other.returned < next.invoked)) return false;
    const after = register.step(state, next.call);
    if (after === undefined) return false;
    const rest = intervals.filter((other) => other !== next);
    return hasOrder(rest, after);
  });
}

describe("the search for a linearization", () => {
  it.each([
    ["nothing at all", []],
    ["a read behind a write", [at(0, 1, write(1)), at(2, 3, read(1))]],
    ["a read of the old value beside a write", [at(0, 9, write(1)), at(2, 3, read(0))]],
    ["two reads beside a write", [at(0, 9, write(1)), at(1, 2, read(0)), at(3, 4, read(1))]],
    ["swaps in the order of their answers", [at(0, 9, swap(1, 2)), at(0, 9, swap(0, 1))]],
    [
      "an unanswered write that was done late",
      [at(0, NEVER, write(1)), at(5, 6, read(0)), at(7, 8, read(1))],
    ],
    ["an unanswered write that was never done", [at(0, NEVER, write(1)), at(5, 6, read(0))]],
    ["operations that touch at one moment", [at(0, 5, write(1)), at(5, 6, read(0))]],
  ])("finds an order for %s", (_, intervals) => {
    expect(linearize(register, intervals).type).toBe("linearizable");
  });

  it.each([
    ["a read of the old value behind a write", [at(0, 1, write(1)), at(2, 3, read(0))]],
    ["reads that go back", [at(0, 9, write(1)), at(1, 2, read(1)), at(3, 4, read(0))]],
    ["a value that nobody wrote", [at(0, 1, write(1)), at(0, 1, read(7))]],
    ["two swaps of one value", [at(0, 9, swap(0, 1)), at(0, 9, swap(0, 2))]],
    [
      "an unanswered write that was undone",
      [at(0, NEVER, write(1)), at(1, 2, read(1)), at(3, 4, read(0))],
    ],
  ])("finds none for %s", (_, intervals) => {
    expect(linearize(register, intervals).type).toBe("contradiction");
  });

  it("names what fits and what can't come next", () => {
    const verdict = linearize(register, [at(0, 1, write(1)), at(2, 3, read(0))]);

    expect(verdict).toEqual({ type: "contradiction", order: [write(1)], stuck: [read(0)] });
  });

  it("keeps to ranks where they are known", () => {
    const later = { ...at(0, 9, write(2)), rank: 2 };
    const earlier = { ...at(0, 9, write(1)), rank: 1 };

    const fits = linearize(register, [later, earlier, at(10, 11, read(2))]);
    const contradicts = linearize(register, [later, earlier, at(10, 11, read(1))]);

    expect(fits.type).toBe("linearizable");
    expect(contradicts.type).toBe("contradiction");
  });

  it("gives up behind the steps that it was allowed", () => {
    const many = Array.from({ length: 12 }, (_, value) => at(0, 9, write(value)));

    const verdict = linearize(register, [...many, at(0, 9, read(99))], 1_000);

    expect(verdict.type).toBe("undecided");
  });

  it("agrees with trying every order", () => {
    const value = fc.integer({ min: 0, max: 2 });
    const call = fc.oneof(
      value.map(write),
      value.map(read),
      fc.tuple(value, value).map(([from, to]) => swap(from, to)),
    );
    const interval = fc
      .record({ call, invoked: fc.nat(12), length: fc.nat(6), isAnswered: fc.boolean() })
      .map(({ call: made, invoked, length, isAnswered }) =>
        at(invoked, isAnswered || length > 1 ? invoked + length : NEVER, made),
      );
    fc.assert(
      fc.property(fc.array(interval, { maxLength: 6 }), (intervals) => {
        const verdict = linearize(register, intervals);

        expect(verdict.type === "linearizable").toBe(hasOrder(intervals));
      }),
      { numRuns: 500 },
    );
  });

  it("gives an order in which the answers are right and time does not go back", () => {
    const intervals = [
      at(0, 9, swap(1, 2)),
      at(0, 9, swap(0, 1)),
      at(10, 20, write(3)),
      at(11, 12, read(2)),
    ];

    const verdict = linearize(register, intervals);

    expect(verdict).toEqual({
      type: "linearizable",
      order: [swap(0, 1), swap(1, 2), read(2), write(3)],
    });
  });
});
