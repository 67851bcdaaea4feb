import fc from "fast-check";
import { expect, it } from "vitest";
import { Histogram } from "../../../src/cli/bench/histogram.ts";

it("[SH47] percentiles are those of a sorted list to within 1 %, with max and deviation exact", () => {
  const durations = fc.array(fc.integer({ min: 0, max: 2 ** 36 }), {
    minLength: 1,
    maxLength: 300,
  });
  fc.assert(
    fc.property(durations, fc.constantFrom(0, 1, 50, 90, 99, 99.9, 100), (values, percent) => {
      const histogram = new Histogram();
      for (const value of values) histogram.record(value);
      const sorted = values.toSorted((a, b) => a - b);
      const index = Math.max(1, Math.ceil((percent / 100) * sorted.length)) - 1;
      const [right, seen] = [sorted[index] ?? 0, histogram.percentile(percent)];
      expect(seen).toBeGreaterThanOrEqual(right);
      expect(seen - right).toBeLessThanOrEqual(right / 100);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
      expect(histogram.max).toBe(sorted.at(-1));
      expect(histogram.mean).toBeCloseTo(mean, 0);
      expect(histogram.standardDeviation).toBeCloseTo(Math.sqrt(squares / values.length), -2);
    }),
  );
});

it("[SH47] what is out of every bound falls into the last bucket, and nothing is lost", () => {
  const histogram = new Histogram();
  for (const value of [0, 1, 2 ** 45]) histogram.record(value);
  expect([histogram.count, histogram.max]).toEqual([3, 2 ** 45]);
  expect(histogram.percentile(34)).toBe(1);
  expect(new Histogram().percentile(99)).toBe(0);
});
