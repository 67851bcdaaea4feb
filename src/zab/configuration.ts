import type { Zxid } from "../core/zxid.ts";

/** A member's number in its ensemble, 1 to 255. Source: ZooKeeper `myid`. */
export type Sid = number;

/** What a member is for. Source: ZooKeeper `QuorumPeer.LearnerType`. */
export type LearnerType = "participant" | "observer";

/** One member of an ensemble. */
export interface Member {
  readonly sid: Sid;
  readonly type: LearnerType;
  /** Where it should live, a location hint of the platform; absent = near whoever asks first. */
  readonly region?: string;
}

/**
 * Who belongs to an ensemble, and who votes.
 *
 * The initial one has version 0 and comes from outside; every later one is the data of
 * `/zookeeper/config`, and its version is the zxid of the txn that made it.
 *
 * Source: ZooKeeper `QuorumMaj`, `QuorumVerifier.getVersion`.
 */
export interface Configuration {
  readonly version: Zxid;
  /** Ascending by sid, each sid once. */
  readonly members: readonly Member[];
}
