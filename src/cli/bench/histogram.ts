/** Buckets for each power of two: a value is known to within 1 of 128. */
const STEPS = 128;
const STEP_BITS = 7;
/** Values below this have a bucket each. */
const EXACT = 2 * STEPS;
/** Powers of two above that; together they reach 2^40 microseconds, twelve days. */
const POWERS = 32;

/**
 * Counts of durations in buckets that grow with them: its memory is the same for any number of them,
 * and a percentile is right to within 1 %. The smallest, largest and mean are exact.
 *
 * Source: HdrHistogram, "log-linear" buckets.
 */
export class Histogram {
  readonly #counts = new Float64Array(EXACT + POWERS * STEPS);
  #count = 0;
  #max = 0;
  #mean = 0;
  /** Sum of squared distances from the mean. Source: Welford 1962. */
  #squares = 0;

  /** @param value - at least 0; microseconds, or whatever the reader agrees on. */
  record(value: number): void {
    const index = bucketOf(value);
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#count += 1;
    if (value > this.#max) this.#max = value;
    const distance = value - this.#mean;
    this.#mean += distance / this.#count;
    this.#squares += distance * (value - this.#mean);
  }

  get count(): number {
    return this.#count;
  }

  /** 0 if there is none. */
  get max(): number {
    return this.#max;
  }

  /** 0 if there is none. */
  get mean(): number {
    return this.#mean;
  }

  /** 0 if there is none. */
  get standardDeviation(): number {
    return this.#count === 0 ? 0 : Math.sqrt(this.#squares / this.#count);
  }

  /** The value that `percent` of all are not above; 0 if there is none. */
  percentile(percent: number): number {
    const wanted = Math.max(1, Math.ceil((percent / 100) * this.#count));
    let seen = 0;
    for (const [index, count] of this.#counts.entries()) {
      seen += count;
      if (seen >= wanted) return Math.min(upperEndOf(index), this.#max);
    }
    return 0;
  }
}

function bucketOf(value: number): number {
  const whole = Math.floor(value);
  if (whole < EXACT) return whole;
  const power = Math.floor(Math.log2(whole)) - STEP_BITS;
  const step = Math.floor(whole / 2 ** power) - STEPS;
  return Math.min(EXACT + (power - 1) * STEPS + step, EXACT + POWERS * STEPS - 1);
}

/** The largest whole value in a bucket. */
function upperEndOf(index: number): number {
  if (index < EXACT) return index;
  const power = Math.floor((index - EXACT) / STEPS) + 1;
  const step = (index - EXACT) % STEPS;
  return (STEPS + step + 1) * 2 ** power - 1;
}
