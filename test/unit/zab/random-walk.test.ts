import { describe, expect, test } from "vitest";
import { heal, takeStep, type Walk, walkOf, type Weather } from "./random-walk.ts";

/** Seeds are numbers from `ZAB_FIRST` on, `ZAB_SEEDS` of each kind; a long hunt asks for more. */
const SEEDS = Number(process.env["ZAB_SEEDS"] ?? 30);
const FIRST = Number(process.env["ZAB_FIRST"] ?? 1);
const STEPS = Number(process.env["ZAB_STEPS"] ?? 2_000);

const seeds = Array.from({ length: SEEDS }, (_, at) => at + FIRST);
let committedCount = 0;
let configurationsCount = 0;

/** A healed cluster has a leader, one log, and falls silent. @returns how much was committed. */
function expectConverged({ cluster, watcher }: Walk): number {
  const { leader = 0 } = cluster;
  expect(leader, "a healed cluster has a leader").toBeGreaterThan(0);
  cluster.propose(leader, "last");
  cluster.advance(12_000);
  watcher.check();
  const { members, version } = cluster.machine(leader).status().configuration;
  const logs = members.map(({ sid }) => cluster.contentOf(sid));
  for (const log of logs) expect(log).toEqual(cluster.contentOf(leader));
  expect(logs[0]?.at(-1)).toBe("last");
  const idle = members.map(({ sid }) => cluster.machine(sid).nextTickMs());
  expect(idle).toEqual(members.map(() => undefined));
  committedCount += watcher.committed.size;
  if (version > 0) configurationsCount += 1;
  return watcher.committed.size;
}

function go(seed: number, weather: Weather): number {
  const walk = walkOf(seed, weather);
  for (let at = 0; at < STEPS; at += 1) takeStep(walk, at);
  heal(walk);
  return expectConverged(walk);
}

describe("a walk through faults keeps one history and heals", () => {
  test.each(seeds)("[BC1] seed %i: loss, doubles, disorder and crashes", (seed) => {
    expect(go(seed, { isSlow: false, isChanging: false })).toBeGreaterThan(0);
  });

  test.each(seeds)("[BC1][DY2] seed %i: slow disks, which forget what is not durable", (seed) => {
    expect(go(seed, { isSlow: true, isChanging: false })).toBeGreaterThan(0);
  });

  test.each(seeds)("[BC1][QC2][QC3] seed %i: voters and observers change", (seed) => {
    expect(go(seed, { isSlow: false, isChanging: true })).toBeGreaterThan(0);
  });

  test.each(seeds)("[BC1][QC2][QC3] seed %i: changes on slow disks", (seed) => {
    expect(go(seed, { isSlow: true, isChanging: true })).toBeGreaterThan(0);
  });

  // Otherwise the walks would prove nothing: who commits nothing, breaks nothing.
  test("all of them together committed plenty, and changed voters", () => {
    expect(committedCount).toBeGreaterThan(SEEDS * 4 * 10);
    expect(configurationsCount).toBeGreaterThan(SEEDS);
  });
});
