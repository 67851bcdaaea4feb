import type { Zxid } from "../core/zxid.ts";
import type { Configuration, Sid } from "./configuration.ts";
import type { ServerState } from "./hard-state.ts";
import type { SnapshotSlice } from "./history.ts";
import type { LogRow } from "./log-row.ts";

/**
 * What every packet carries, because there are no connections: who says it to whom, in which life,
 * and by which configuration. Order and delivery are relied on by nothing.
 */
export interface Envelope {
  readonly from: Sid;
  readonly to: Sid;
  /** Names the ensemble: a packet of a stranger is refused. */
  readonly ensemble: string;
  /** Drawn at each start of the sender: tells its instances apart. */
  readonly incarnation: number;
  /** Version of the sender's last committed configuration. */
  readonly configVersion: Zxid;
}

/** A proposal for leader. Greater wins by (peerEpoch, zxid, leader). Source: ZooKeeper `Vote`. */
export interface Vote {
  readonly leader: Sid;
  /** End of the proposed leader's log. */
  readonly zxid: Zxid;
  /** The proposed leader's `currentEpoch`. */
  readonly peerEpoch: number;
}

/** What one packet says. `epoch` is the one that it is about. */
export type PacketBody =
  | {
      readonly type: "NOTIFICATION";
      readonly state: ServerState;
      /** Of a LOOKING sender its vote, else the leader that it has; leader 0 = none. */
      readonly vote: Vote;
      /** The sender's round of election. */
      readonly electionEpoch: number;
      /** Whoever leads an earlier epoch learns here that it is over. */
      readonly acceptedEpoch: number;
      /** The sender's last committed one; undefined while that is the initial one. */
      readonly configuration: Configuration | undefined;
    }
  /** What the sender has; asks its leader for whatever follows, or for a sign of life. */
  | {
      readonly type: "FOLLOWERINFO" | "OBSERVERINFO";
      readonly acceptedEpoch: number;
      readonly currentEpoch: number;
      readonly lastZxid: Zxid;
      /** A snapshot was received up to here; "" if none was. A SNAP goes on behind it. */
      readonly stagedCursor: string;
    }
  | { readonly type: "LEADERINFO"; readonly epoch: number }
  | {
      readonly type: "ACKEPOCH";
      readonly epoch: number;
      readonly currentEpoch: number;
      readonly lastZxid: Zxid;
      readonly stagedCursor: string;
    }
  /**
   * Cut the log behind `zxid`, or the batch end before it; meant for a log that ends at `lastZxid`,
   * so that a late one cuts nothing.
   */
  | {
      readonly type: "TRUNC";
      readonly epoch: number;
      readonly zxid: Zxid;
      readonly lastZxid: Zxid;
    }
  /** `rows` follow directly on `prevZxid`. Outside of a synchronization it is a PROPOSAL. */
  | {
      readonly type: "DIFF" | "PROPOSAL" | "INFORM";
      readonly epoch: number;
      readonly prevZxid: Zxid;
      readonly rows: readonly LogRow[];
      readonly committedZxid: Zxid;
      readonly origins?: unknown;
    }
  | {
      readonly type: "SNAP";
      readonly epoch: number;
      /** The cursor that this slice continues. */
      readonly after: string;
      readonly slice: SnapshotSlice;
      /** The last one that is committed: the txn that made it may be in the snapshot, unseen. */
      readonly configuration: Configuration | undefined;
    }
  /** The learner has everything up to this cursor. */
  | { readonly type: "SNAPACK"; readonly epoch: number; readonly cursor: string }
  | {
      readonly type: "NEWLEADER";
      readonly epoch: number;
      /** End of the leader's initial history, or of its log when it resumes. */
      readonly zxid: Zxid;
      readonly configuration: Configuration | undefined;
    }
  | { readonly type: "UPTODATE"; readonly epoch: number; readonly committedZxid: Zxid }
  /** Everything up to `zxid` is durable at the sender, in its `currentEpoch` = `epoch`. */
  | {
      readonly type: "ACK";
      readonly epoch: number;
      readonly zxid: Zxid;
      /** Known to be committed at the sender: a COMMIT that was lost is sent again. */
      readonly committedZxid: Zxid;
    }
  | { readonly type: "COMMIT"; readonly epoch: number; readonly zxid: Zxid }
  | {
      readonly type: "PING";
      readonly epoch: number;
      /** The leader's round of confirmation; answered by a PONG with the same. */
      readonly round: number;
      readonly committedZxid: Zxid;
    }
  | {
      readonly type: "PONG";
      readonly epoch: number;
      readonly round: number;
      /** The instance of the leader whose round it is. */
      readonly leaderIncarnation: number;
    };

/**
 * What members say to each other. Named after ZooKeeper's `Leader.*` packet types and
 * `FastLeaderElection.Notification`. Structured-cloneable.
 */
export type Packet = Envelope & PacketBody;
