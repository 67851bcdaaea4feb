/**
 * Finds out whether operations that overlapped can have happened one after the other.
 *
 * The algorithm of Wing and Gong, with Lowe's memory of what was tried: take an operation that no
 * other one had to precede, let the sequential machine answer it, and go on; where an answer does
 * not fit, go back and take another. A set of operations that led nowhere from one state leads
 * nowhere again.
 *
 * Knows nothing of znodes. Source: Wing, Gong (JPDC 1993); Lowe, "Testing for linearizability"
 * (2017); Porcupine.
 */

/** The machine that answers one operation after the other. */
export interface SequentialSpec<State, Call> {
  readonly initial: State;
  /**
   * The state behind `call`; undefined if `state` would have answered something else.
   *
   * Leaves `state` as it is.
   */
  step(state: State, call: Call): State | undefined;
  /** Equal for states that no call can tell apart. */
  keyOf(state: State): string;
}

/** An operation, with the time in which it took effect. */
export interface Interval<Call> {
  readonly call: Call;
  readonly invoked: number;
  /** Infinity: nobody knows the outcome, it may take effect at any later time, or never. */
  readonly returned: number;
  /** Known order beside time: of two operations with ranks the lower one comes first. */
  readonly rank?: number;
}

/** What a search came to. */
export type Verdict<Call> =
  | { readonly type: "linearizable"; readonly order: readonly Call[] }
  /** `order` is the longest that fits; none of `stuck` can come next. */
  | {
      readonly type: "contradiction";
      readonly order: readonly Call[];
      readonly stuck: readonly Call[];
    }
  /** Too many possibilities: nothing is known. */
  | { readonly type: "undecided"; readonly steps: number };

const STEPS_MAX = 2_000_000;

/** Searches for an order in which `spec` gives the answers that were seen. */
export function linearize<State, Call>(
  spec: SequentialSpec<State, Call>,
  intervals: readonly Interval<Call>[],
  stepsMax: number = STEPS_MAX,
): Verdict<Call> {
  return new Search(spec, intervals, stepsMax).run();
}

interface Frame<State> {
  readonly state: State;
  readonly candidates: readonly number[];
  /** Which candidate is to be tried next. */
  next: number;
}

class Search<State, Call> {
  readonly #spec: SequentialSpec<State, Call>;
  /** By time of invocation. */
  readonly #intervals: readonly Interval<Call>[];
  readonly #stepsMax: number;
  /** Operations that are not yet in {@link #order}, as a list over indices; the last one is its end. */
  readonly #nextOf: number[];
  readonly #previousOf: number[];
  readonly #isTaken: boolean[];
  readonly #byRank: readonly number[];
  readonly #order: number[] = [];
  /** Answered operations that must still find their place. */
  #needed: number;
  /** Names the set of taken operations: two lanes of 32 bits, each the exclusive or of random words. */
  #laneA = 0;
  #laneB = 0;
  readonly #words: readonly (readonly [number, number])[];
  /** States that led nowhere, by the set of operations taken. */
  readonly #dead = new Map<string, Set<string>>();

  constructor(
    spec: SequentialSpec<State, Call>,
    intervals: readonly Interval<Call>[],
    stepsMax: number,
  ) {
    this.#spec = spec;
    this.#intervals = intervals.toSorted((one, other) => one.invoked - other.invoked);
    this.#stepsMax = stepsMax;
    const { length } = intervals;
    this.#nextOf = Array.from({ length: length + 1 }, (_, at) => (at === length ? 0 : at + 1));
    this.#previousOf = Array.from({ length: length + 1 }, (_, at) => (at === 0 ? length : at - 1));
    this.#isTaken = Array.from({ length }, () => false);
    this.#needed = intervals.filter(({ returned }) => Number.isFinite(returned)).length;
    this.#words = randomWords(length);
    const rankAt = (at: number): number => this.#at(at).rank ?? Infinity;
    this.#byRank = Array.from({ length }, (_, at) => at)
      .filter((at) => this.#at(at).rank !== undefined)
      .sort((one, other) => rankAt(one) - rankAt(other));
  }

  run(): Verdict<Call> {
    const frames: Frame<State>[] = [this.#frame(this.#spec.initial)];
    let best: { readonly order: readonly number[]; readonly stuck: readonly number[] } | undefined;
    let steps = 0;
    for (;;) {
      if (this.#needed === 0) return { type: "linearizable", order: this.#calls(this.#order) };
      const frame = frames.at(-1);
      if (frame === undefined) break;
      const at = frame.candidates[frame.next];
      if (at === undefined) {
        if (best === undefined || this.#order.length > best.order.length) {
          best = { order: [...this.#order], stuck: frame.candidates };
        }
        this.#bury(frame.state);
        frames.pop();
        const last = this.#order.pop();
        if (last !== undefined) this.#putBack(last);
        continue;
      }
      frame.next += 1;
      steps += 1;
      if (steps > this.#stepsMax) return { type: "undecided", steps };
      const state = this.#spec.step(frame.state, this.#at(at).call);
      if (state === undefined) continue;
      this.#take(at);
      if (this.#isDead(state)) {
        this.#putBack(at);
        continue;
      }
      this.#order.push(at);
      frames.push(this.#frame(state));
    }
    const { order, stuck } = best ?? { order: [], stuck: [] };
    return { type: "contradiction", order: this.#calls(order), stuck: this.#calls(stuck) };
  }

  #calls(places: readonly number[]): Call[] {
    return places.map((at) => this.#at(at).call);
  }

  #at(at: number): Interval<Call> {
    const interval = this.#intervals[at];
    if (interval === undefined) throw new Error(`no interval ${at}`);
    return interval;
  }

  /** Those that no other one had to precede; the earliest answered first, unanswered ones last. */
  #frame(state: State): Frame<State> {
    const end = this.#intervals.length;
    const lowestRank = this.#lowestRank();
    const candidates: number[] = [];
    let firstReturned = Infinity;
    for (let at = this.#nextOf[end] ?? end; at !== end; at = this.#nextOf[at] ?? end) {
      const { invoked, returned, rank } = this.#at(at);
      if (invoked > firstReturned) break;
      firstReturned = Math.min(firstReturned, returned);
      if (rank === undefined || rank <= lowestRank) candidates.push(at);
    }
    candidates.sort((one, other) => this.#at(one).returned - this.#at(other).returned);
    return { state, candidates, next: 0 };
  }

  #lowestRank(): number {
    const first = this.#byRank.find((at) => this.#isTaken[at] === false);
    return first === undefined ? Infinity : (this.#at(first).rank ?? Infinity);
  }

  #take(at: number): void {
    const next = this.#nextOf[at] ?? 0;
    const previous = this.#previousOf[at] ?? 0;
    this.#nextOf[previous] = next;
    this.#previousOf[next] = previous;
    this.#mark(at, true);
  }

  /** Undoes {@link #take}; the last one taken is the first put back. */
  #putBack(at: number): void {
    const next = this.#nextOf[at] ?? 0;
    const previous = this.#previousOf[at] ?? 0;
    this.#nextOf[previous] = at;
    this.#previousOf[next] = at;
    this.#mark(at, false);
  }

  #mark(at: number, isTaken: boolean): void {
    const [a = 0, b = 0] = this.#words[at] ?? [];
    this.#laneA ^= a;
    this.#laneB ^= b;
    this.#isTaken[at] = isTaken;
    if (Number.isFinite(this.#at(at).returned)) this.#needed += isTaken ? -1 : 1;
  }

  #isDead(state: State): boolean {
    return this.#dead.get(this.#takenKey())?.has(this.#spec.keyOf(state)) ?? false;
  }

  #bury(state: State): void {
    const key = this.#takenKey();
    const states = this.#dead.get(key);
    if (states === undefined) this.#dead.set(key, new Set([this.#spec.keyOf(state)]));
    else states.add(this.#spec.keyOf(state));
  }

  #takenKey(): string {
    return `${this.#laneA},${this.#laneB}`;
  }
}

/** The same words each time: a search is as repeatable as the history it looks at. */
function randomWords(count: number): [number, number][] {
  let seed = 0x9e3779b9;
  const word = (): number => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), seed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return mixed ^ (mixed >>> 14);
  };
  return Array.from({ length: count }, () => [word(), word()]);
}
