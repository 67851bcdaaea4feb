import { expect, test } from "vitest";
import type { Vote } from "../../../src/zab/packet.ts";
import { isBetterVote, isMoreRecentThan, isSameVote } from "../../../src/zab/vote.ts";

const NUMBERS = [0, 1, 2, 2 ** 32, 2 ** 32 + 1];

/** Every vote of small and large numbers, in the order of the rule: epoch, then zxid, then sid. */
const ASCENDING: readonly Vote[] = [0, 1, 2, 3].flatMap((peerEpoch) =>
  NUMBERS.flatMap((zxid) => [1, 2, 3].map((leader): Vote => ({ leader, zxid, peerEpoch }))),
);

const pairs = ASCENDING.flatMap((vote, at) =>
  ASCENDING.map((other, otherAt) => ({ vote, other, order: Math.sign(at - otherAt) })),
);

test("[EL1] votes are in one total order", () => {
  const wrong = pairs.filter(({ vote, other, order }) => isBetterVote(vote, other) !== order > 0);
  expect(wrong).toEqual([]);
});

test("[EL1] only a vote for the same leader with the same history is the same vote", () => {
  const wrong = pairs.filter(({ vote, other, order }) => isSameVote(vote, other) !== (order === 0));
  expect(wrong).toEqual([]);
});

test("[DY4] a history is later by epoch, then by zxid, whoever has it", () => {
  const summaryOf = ({ peerEpoch, zxid }: Vote): { currentEpoch: number; lastZxid: number } => {
    return { currentEpoch: peerEpoch, lastZxid: zxid };
  };
  const wrong = pairs.filter(({ vote, other, order }) => {
    const isSame = vote.peerEpoch === other.peerEpoch && vote.zxid === other.zxid;
    return isMoreRecentThan(summaryOf(vote), summaryOf(other)) !== (order > 0 && !isSame);
  });
  expect(wrong).toEqual([]);
});
