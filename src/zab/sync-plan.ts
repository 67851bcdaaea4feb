import type { Zxid } from "../core/zxid.ts";

/** What a plan asks of the leader's log. */
export interface SyncLog {
  readonly trimmedZxid: Zxid;
  batchEndAtOrBefore(zxid: Zxid): Zxid | undefined;
}

/** How a learner's log becomes the leader's. */
export type SyncPlan =
  /** Its end stands in the leader's log: rows behind it are enough. */
  | { readonly type: "DIFF"; readonly zxid: Zxid }
  /** It has a tail of its own, to be cut behind `zxid`; then rows follow. */
  | { readonly type: "TRUNC"; readonly zxid: Zxid }
  /** What it lacks is no longer in the leader's log. */
  | { readonly type: "SNAP" };

/**
 * Plans the synchronization of a learner whose log ends at `lastZxid`.
 *
 * A learner's end that stands in the leader's log as the end of a batch is a common past, because a
 * zxid names one batch of one leader (`rowsBehind`). Otherwise the last batch end of the leader
 * before it is the latest place where both may agree. If it is not in the learner's log either,
 * the learner cuts at its own batch end before it and says where it stands, and the plan is made
 * anew: both go down to the common past, and never below it, since it is a batch end of both.
 * So what a TRUNC takes away is in no committed history: that is all in the leader's log.
 *
 * A SNAP never takes anything away: it stands at a checkpoint, so behind the trimmed part of the
 * leader's log, where the learner's log has ended.
 *
 * Source: ZooKeeper `LearnerHandler.syncFollower`; there a TRUNC never crosses an epoch.
 */
export function planSync(log: SyncLog, lastZxid: Zxid): SyncPlan {
  if (lastZxid < log.trimmedZxid) return { type: "SNAP" };
  const zxid = log.batchEndAtOrBefore(lastZxid);
  if (zxid === undefined) return { type: "SNAP" };
  return zxid === lastZxid ? { type: "DIFF", zxid } : { type: "TRUNC", zxid };
}
