import type { Zxid } from "../core/zxid.ts";
import type { Configuration, LearnerType, Sid } from "./configuration.ts";
import type { ServerState } from "./hard-state.ts";
import type { Vote } from "./packet.ts";

/** How far a member got in Zab. Source: ZooKeeper `QuorumPeer.ZabState`. */
export type ZabState = "election" | "discovery" | "synchronization" | "broadcast";

/** An election as this member saw it. */
export interface ElectionStatus {
  /** The round in which it ended, or is. */
  readonly electionEpoch: number;
  /** What each member voted in the last round, ascending by sid; this member included. */
  readonly votes: readonly { readonly sid: Sid; readonly vote: Vote }[];
  readonly startedMs: number;
  /** undefined while it goes on. */
  readonly durationMs: number | undefined;
}

/** What a leader knows of one learner. Source: ZooKeeper `LearnerHandler`, command `voting_view`. */
export interface LearnerStatus {
  readonly sid: Sid;
  readonly type: LearnerType;
  /** Everything up to this zxid is durable there and the same as here. */
  readonly lastZxid: Zxid;
  /** Txns behind the leader's log; of an earlier epoch, as many as the leader has in this one. */
  readonly lag: number;
  readonly isSynced: boolean;
  readonly isReachable: boolean;
}

/** What is told of a member to operators. */
export interface PeerStatus {
  readonly sid: Sid;
  readonly state: ServerState;
  readonly zabState: ZabState;
  readonly acceptedEpoch: number;
  readonly currentEpoch: number;
  /** 0 = none is known. */
  readonly leader: Sid;
  readonly lastZxid: Zxid;
  readonly committedZxid: Zxid;
  /** The committed one. */
  readonly configuration: Configuration;
  /** Proposed, not yet committed. */
  readonly proposedConfiguration: Configuration | undefined;
  /** undefined if this instance never took part in one. */
  readonly election: ElectionStatus | undefined;
  /** Ascending by sid; empty unless this member leads. */
  readonly learners: readonly LearnerStatus[];
  /** Packets of strangers, or malformed ones, that were dropped. */
  readonly droppedCount: number;
}
