import { expect, test } from "vitest";
import { checkHistory } from "./checkers/check-history.ts";
import { drawOptions, type SimulationOptions } from "./options.ts";
import { Simulation } from "./simulation.ts";

/**
 * Bugs of our own that the simulator found, each with the seed that shows it when the fix is taken
 * back, and the trouble that it needs.
 */
const REGRESSIONS: readonly {
  readonly title: string;
  readonly seed: number;
  readonly change: (options: SimulationOptions) => SimulationOptions;
}[] = [
  {
    title: "[DY7] a learner that comes back behind the trimmed log gets a snapshot, not a gap",
    seed: 10,
    change: (options) => ({ ...options, participants: 5, logWindowBytes: 500 }),
  },
  {
    title: "[EL8] a member that woke looks after a dead leader for a client that waits",
    seed: 19,
    change: (options) => ({ ...options, participants: 3, sleepUs: 10_000_000 }),
  },
  {
    title: "[EN24] a member that its own alarm woke looks after a dead leader",
    seed: 69,
    change: (options) => ({ ...options, participants: 3, sleepUs: 10_000_000 }),
  },
  {
    title: "[EN7] what a lost connection had not forwarded yet is never done",
    seed: 331,
    change: (options) => ({
      ...options,
      participants: 3,
      clients: { ...options.clients, pipelineMax: 16 },
    }),
  },
  {
    title: "[DY16] a commit that comes together with a snapshot does not touch the new tables",
    seed: 6186,
    change: (options) => options,
  },
];

test.each(REGRESSIONS)("$title", ({ seed, change }) => {
  const simulation = new Simulation(change(drawOptions(seed)), checkHistory);

  const { violations } = simulation.run();

  expect(violations).toEqual([]);
});
