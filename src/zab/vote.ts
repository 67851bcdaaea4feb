import type { Vote } from "./packet.ts";

/**
 * Tells whether `vote` wins over `other`: by epoch, then zxid, then sid, so that the winner of a
 * quorum holds everything that any quorum ever acknowledged.
 *
 * The epoch is the one whose history the candidate holds (`currentEpoch`), not the one of its last
 * zxid: of two logs with the same end the one that was synchronised later is the later history.
 *
 * Source: ZooKeeper `FastLeaderElection.totalOrderPredicate`; DSN 2011 §IV.A.
 */
export function isBetterVote(vote: Vote, other: Vote): boolean {
  if (vote.peerEpoch !== other.peerEpoch) return vote.peerEpoch > other.peerEpoch;
  if (vote.zxid !== other.zxid) return vote.zxid > other.zxid;
  return vote.leader > other.leader;
}

/** Source: ZooKeeper `Vote.equals` for LOOKING votes. */
export function isSameVote(vote: Vote, other: Vote): boolean {
  return (
    vote.leader === other.leader && vote.zxid === other.zxid && vote.peerEpoch === other.peerEpoch
  );
}

/** What a member holds: which epoch's history, and how much of it. */
export interface StateSummary {
  readonly currentEpoch: number;
  readonly lastZxid: number;
}

/** What a learner tells its leader that it has. */
export interface LearnerSummary extends StateSummary {
  /** A snapshot was received up to here; "" if none was. */
  readonly stagedCursor: string;
}

/**
 * Tells whether somebody's history is later than mine: then I must not lead.
 *
 * Source: ZooKeeper `StateSummary.isMoreRecentThan`, `Leader.waitForEpochAck`.
 */
export function isMoreRecentThan(theirs: StateSummary, mine: StateSummary): boolean {
  if (theirs.currentEpoch !== mine.currentEpoch) return theirs.currentEpoch > mine.currentEpoch;
  return theirs.lastZxid > mine.lastZxid;
}
