import type { Zxid } from "../core/zxid.ts";
import type { Configuration, Sid } from "./configuration.ts";
import type { ServerState } from "./hard-state.ts";
import type { SnapshotSlice } from "./history.ts";
import type { LogRow } from "./log-row.ts";

/**
 * What every packet carries, because there are no connections: who says it to whom, in which life,
 * and by which configuration. Order and delivery are relied on by nothing.
 */
interface Envelope {
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

/**
 * What members say to each other. Named after ZooKeeper's `Leader.*` packet types and
 * `FastLeaderElection.Notification`; `epoch` is the one that the packet is about.
 *
 * Structured-cloneable.
 */
export type Packet = Envelope &
  (
    | {
        readonly type: "NOTIFICATION";
        readonly state: ServerState;
        readonly vote: Vote;
        /** The sender's round of election. */
        readonly electionEpoch: number;
      }
    | {
        readonly type: "FOLLOWERINFO" | "OBSERVERINFO";
        readonly acceptedEpoch: number;
        readonly currentEpoch: number;
        readonly lastZxid: Zxid;
      }
    | { readonly type: "LEADERINFO"; readonly epoch: number }
    | {
        readonly type: "ACKEPOCH";
        readonly epoch: number;
        readonly currentEpoch: number;
        readonly lastZxid: Zxid;
      }
    | { readonly type: "TRUNC"; readonly epoch: number; readonly zxid: Zxid }
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
    | { readonly type: "ACK"; readonly epoch: number; readonly zxid: Zxid }
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
        readonly lastZxid: Zxid;
      }
  );
