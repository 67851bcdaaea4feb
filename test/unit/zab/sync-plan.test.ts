import fc from "fast-check";
import { expect, test } from "vitest";
import { planSync } from "../../../src/zab/sync-plan.ts";

/** Ends of batches, ascending. */
type Ends = readonly number[];

interface Logs {
  readonly leader: Ends;
  readonly learner: Ends;
  /** How many of the leader's first batches are trimmed. */
  readonly trimmedCount: number;
  /** What both have: the naive twin of every plan. */
  readonly common: Ends;
}

/** Steps from one batch end to the next. */
const anySteps = (maxLength: number): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: 1, max: 5 }), { maxLength });

function endsOf(steps: Ends, after: number, factor: number, shift: number): Ends {
  let end = after;
  return steps.map((step) => {
    end += step * factor;
    return end + shift;
  });
}

/**
 * Logs with a common past. Behind it no zxid stands in both: a zxid names one batch of one leader, so
 * the ends of the leader are even there, and those of the learner odd.
 */
const anyLogs: fc.Arbitrary<Logs> = fc
  .tuple(anySteps(6), anySteps(6), anySteps(6), fc.nat())
  .map(([past, ofLeader, ofLearner, trimmed]) => {
    const common = endsOf(past, 0, 2, 0);
    const last = common.at(-1) ?? 0;
    const leader = [...common, ...endsOf(ofLeader, last, 2, 0)];
    const learner = [...common, ...endsOf(ofLearner, last, 2, 1)];
    return { leader, learner, common, trimmedCount: trimmed % (leader.length + 1) };
  });

const endAtOrBefore = (log: Ends, zxid: number): number => log.findLast((end) => end <= zxid) ?? 0;

/** The leader's side of the interface. */
function syncLogOf({ leader, trimmedCount }: Logs): Parameters<typeof planSync>[0] {
  const trimmedZxid = leader[trimmedCount - 1] ?? 0;
  return {
    trimmedZxid,
    batchEndAtOrBefore: (zxid) => (zxid < trimmedZxid ? undefined : endAtOrBefore(leader, zxid)),
  };
}

interface Outcome {
  readonly log: Ends;
  /** The shortest that the learner's log ever was. */
  readonly kept: Ends;
  readonly types: readonly string[];
}

/** Carries out plans as a learner does: a cut is made at its own batch end before the place. */
function synchronize(logs: Logs): Outcome {
  const syncLog = syncLogOf(logs);
  const types: string[] = [];
  let { learner: log } = logs;
  let kept = log;
  for (let round = 0; round < 20; round += 1) {
    const plan = planSync(syncLog, log.at(-1) ?? 0);
    types.push(plan.type);
    if (plan.type === "DIFF") {
      const rows = logs.leader.filter((end) => end > plan.zxid);
      return { log: [...log, ...rows], kept, types };
    }
    const cutAt = plan.type === "TRUNC" ? plan.zxid : Infinity;
    if (plan.type === "TRUNC") log = log.filter((end) => end <= endAtOrBefore(log, cutAt));
    else log = logs.leader.slice(0, logs.trimmedCount);
    if (plan.type === "TRUNC" && log.length < kept.length) kept = log;
  }
  throw new Error("plans go on and on");
}

test("[ZB22] plans make the learner's log the leader's", () => {
  fc.assert(
    fc.property(anyLogs, (logs) => {
      expect(synchronize(logs).log).toEqual(logs.leader);
    }),
  );
});

test("[ZB22] no plan cuts into the common past", () => {
  fc.assert(
    fc.property(anyLogs, (logs) => {
      expect(synchronize(logs).kept.slice(0, logs.common.length)).toEqual(logs.common);
    }),
  );
});

test("[ZB22] a SNAP is sent only to whom the rest of the leader's log does not help", () => {
  fc.assert(
    fc.property(anyLogs, (logs) => {
      const { trimmedZxid } = syncLogOf(logs);
      const { types } = synchronize(logs);
      fc.pre((logs.common.at(-1) ?? 0) >= trimmedZxid);
      expect(types).not.toContain("SNAP");
    }),
  );
});

test("[ZB22] a SNAP never makes a log end earlier", () => {
  fc.assert(
    fc.property(anyLogs, fc.nat(80), (logs, lastZxid) => {
      const syncLog = syncLogOf(logs);
      fc.pre(planSync(syncLog, lastZxid).type === "SNAP");
      expect(lastZxid).toBeLessThan(syncLog.trimmedZxid);
    }),
  );
});
