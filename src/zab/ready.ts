import type { Zxid } from "../core/zxid.ts";
import type { Configuration, Sid } from "./configuration.ts";
import type { HardState } from "./hard-state.ts";
import type { SnapshotSlice } from "./history.ts";
import type { LogRow } from "./log-row.ts";
import type { Packet } from "./packet.ts";

/** The role that the server beside the machine plays from now on. */
export type PeerRole =
  /** No leader is known, or not yet one that a quorum has confirmed: nothing is served. */
  | { readonly type: "looking" }
  /** Established leader of `epoch`: a quorum holds its history, all of which is committed. */
  | { readonly type: "leading"; readonly epoch: number }
  /** Synchronised with the leader of `epoch`. */
  | {
      readonly type: "learning";
      readonly epoch: number;
      readonly leader: Sid;
      /**
       * The leader's instance: what was forwarded to an earlier one is lost. 0 = not heard of it
       * since this member woke; `needLeader` asks, and the answer is another report.
       */
      readonly incarnation: number;
      readonly isObserver: boolean;
    };

/** What is to be made durable, in this order. */
export type PersistStep =
  /** Cut the log behind this zxid, the end of a batch. */
  | { readonly type: "truncate"; readonly after: Zxid }
  | { readonly type: "append"; readonly rows: readonly LogRow[] }
  /** Put a slice aside; nothing that is served or voted with changes. */
  | { readonly type: "stageSnapshot"; readonly slice: SnapshotSlice }
  /** Forget what was put aside: the log reached far enough after all. */
  | { readonly type: "dropStagedSnapshot" }
  /** Replace tables and log by the staged snapshot, whole, at this zxid. */
  | { readonly type: "installSnapshot"; readonly zxid: Zxid }
  | { readonly type: "hardState"; readonly hardState: HardState };

/** What the server beside the machine has to hear, in this order. */
export type Report =
  | { readonly type: "role"; readonly role: PeerRole }
  /**
   * Rows are in the log here that the server did not propose: they wait for their commit. `origins`
   * is what the leader's server passed to `propose` for this member; absent when the rows came by
   * synchronization.
   */
  | { readonly type: "learned"; readonly rows: readonly LogRow[]; readonly origins?: unknown }
  /** The log was cut: txns behind `zxid` never happened. */
  | { readonly type: "discarded"; readonly zxid: Zxid }
  /** The tables were replaced; the server starts anew over them. */
  | { readonly type: "installed"; readonly zxid: Zxid }
  /** The log is durable up to here. */
  | { readonly type: "persisted"; readonly zxid: Zxid }
  | { readonly type: "committed"; readonly zxid: Zxid }
  /** A quorum confirmed after `confirm()` had returned `round` that this leader still leads. */
  | { readonly type: "confirmed"; readonly round: number }
  /** A configuration was committed, here or where this member heard of it. */
  | { readonly type: "configuration"; readonly configuration: Configuration };

/**
 * What the machine wants done. Its caller, in this order:
 *
 * 1. carries out `persist`, all of it in one transaction, or none;
 * 2. calls `persisted()` once that is durable, or will be before anything leaves (an output gate);
 * 3. only then sends `send`: a leader logs a batch before it sends it, a follower before it
 *    acknowledges it, a promise is kept before it is made;
 * 4. hands `reports` to the server.
 *
 * `takeReady` gives the next one only after `persisted()`.
 *
 * Source: etcd raft `Ready`; ZooKeeper `SyncRequestProcessor`, `SendAckRequestProcessor`.
 */
export interface Ready {
  readonly persist: readonly PersistStep[];
  readonly send: readonly Packet[];
  readonly reports: readonly Report[];
}
