import type { Zxid } from "../core/zxid.ts";
import type { Configuration, Sid } from "./configuration.ts";

/** What a member is doing. Source: ZooKeeper `QuorumPeer.ServerState`. */
export type ServerState = "LOOKING" | "FOLLOWING" | "LEADING" | "OBSERVING";

/**
 * What a member promised and must not forget, written before anything that relies on it is sent.
 *
 * The role is part of it because members sleep: whoever wakes goes on in the role and epoch that he
 * had, and no election is held because of it.
 *
 * Invariant: `currentEpoch ≤ acceptedEpoch`.
 *
 * Source: Junqueira, Reed, Serafini (DSN 2011) §IV: f.p = `acceptedEpoch`, f.a = `currentEpoch`.
 */
export interface HardState {
  /** The last epoch for which this member acknowledged a NEWEPOCH (LEADERINFO). */
  readonly acceptedEpoch: number;
  /** The last epoch whose NEWLEADER this member acknowledged, so whose history it holds. */
  readonly currentEpoch: number;
  /** Known to be committed; may lag behind what is. Never above the end of the log. */
  readonly committedZxid: Zxid;
  /** The role in `acceptedEpoch`; standalone and new members are LOOKING. */
  readonly state: ServerState;
  /**
   * To whom `acceptedEpoch` was promised: two prospective leaders may pick the same epoch, and a
   * member follows only one of them through it. 0 = nobody yet.
   */
  readonly leader: Sid;
  /** The last configuration that is committed; undefined before the first: the initial one. */
  readonly configuration: Configuration | undefined;
}

/** Of a member that never was one. */
export const INITIAL_HARD_STATE: HardState = {
  acceptedEpoch: 0,
  currentEpoch: 0,
  committedZxid: 0,
  state: "LOOKING",
  leader: 0,
  configuration: undefined,
};
