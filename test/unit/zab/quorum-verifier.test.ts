import fc from "fast-check";
import { expect, test } from "vitest";
import { ActiveConfigurations } from "../../../src/zab/active-configurations.ts";
import type { Configuration } from "../../../src/zab/configuration.ts";
import { QuorumMaj } from "../../../src/zab/quorum-verifier.ts";
import { configurationIn, rowOf } from "./disk.ts";

/** Small sids, so that sets meet often; 8 and 9 are strangers everywhere. */
const anySids = fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { maxLength: 9 });

const anyConfiguration: fc.Arbitrary<Configuration> = fc
  .uniqueArray(fc.tuple(fc.integer({ min: 1, max: 7 }), fc.boolean()), {
    minLength: 1,
    selector: ([sid]) => sid,
  })
  .map((pairs) => ({
    version: 0,
    members: pairs
      .map(([sid, isObserver]) => ({
        sid,
        type: isObserver ? ("observer" as const) : ("participant" as const),
      }))
      .toSorted((a, b) => a.sid - b.sid),
  }))
  .filter(({ members }) => members.some(({ type }) => type === "participant"));

/** The naive twin: counts those who are there and those who are not. */
function isQuorum({ members }: Configuration, sids: readonly number[]): boolean {
  let balance = 0;
  for (const { sid, type } of members) {
    if (type === "participant") balance += sids.includes(sid) ? 1 : -1;
  }
  return balance > 0;
}

const joint = (committed: Configuration, next: Configuration): ActiveConfigurations => {
  const both = new ActiveConfigurations(committed, configurationIn);
  both.append([rowOf(1, { ...next, version: 1 })]);
  return both;
};

test("[ZB20] a majority of the participants is a quorum, whoever else is there", () => {
  fc.assert(
    fc.property(anyConfiguration, anySids, (configuration, sids) => {
      const verifier = new QuorumMaj(configuration);
      expect(verifier.containsQuorum(new Set(sids))).toBe(isQuorum(configuration, sids));
    }),
  );
});

test("[ZB20] any two quorums share a member", () => {
  fc.assert(
    fc.property(anyConfiguration, anySids, anySids, (configuration, some, others) => {
      const verifier = new QuorumMaj(configuration);
      fc.pre([some, others].every((sids) => verifier.containsQuorum(new Set(sids))));
      expect(some.some((sid) => others.includes(sid))).toBe(true);
    }),
  );
});

test("[ZB21] while a configuration is proposed a quorum is one of each", () => {
  fc.assert(
    fc.property(anyConfiguration, anyConfiguration, anySids, (committed, next, sids) => {
      const expected = isQuorum(committed, sids) && isQuorum(next, sids);
      expect(joint(committed, next).hasQuorum(new Set(sids))).toBe(expected);
    }),
  );
});

test("[ZB21] what a quorum reached is the greatest number that enough members have", () => {
  const anyReached = fc.uniqueArray(
    fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 5 })),
    { selector: ([sid]) => sid },
  );
  fc.assert(
    fc.property(anyConfiguration, anyConfiguration, anyReached, (committed, next, reached) => {
      let greatest: number | undefined;
      for (let value = 0; value <= 5; value += 1) {
        const sids = reached.filter(([, number]) => number >= value).map(([sid]) => sid);
        if (isQuorum(committed, sids) && isQuorum(next, sids)) greatest = value;
      }
      const found = joint(committed, next).reachedByQuorum(new Map(reached));
      expect(found).toBe(greatest);
    }),
  );
});
