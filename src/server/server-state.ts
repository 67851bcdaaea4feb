import type { DataTree } from "../core/data-tree.ts";
import type { SessionId } from "../core/data-node.ts";
import type { Limits } from "../core/limits.ts";
import type { Prep } from "../core/prep.ts";
import type { SessionTracker } from "../core/session-tracker.ts";
import type { WatchManager } from "../core/watch-manager.ts";
import type { Zxid } from "../core/zxid.ts";
import type { Store } from "../storage/store.ts";
import type { Connections } from "./connections.ts";
import type { Counters } from "./counters.ts";
import type { MemberState } from "./ensemble/member-state.ts";
import type { ConnectionId } from "./input.ts";
import type { Outbox } from "./outbox.ts";
import type { PendingKeys } from "./pending-keys.ts";
import type { Proposals } from "./proposals.ts";
import type { ServerConfig, ServerPorts } from "./server-options.ts";
import type { ServerStatistics } from "./statistics.ts";

/**
 * Everything that the server knows, in one place; the files beside this one are what it does.
 *
 * Who writes: `tree` by `commit.ts` alone; `prep` by whatever prepares txns, all of which end in
 * `proposals`; the rest by the file named after it.
 */
export interface ServerState {
  readonly store: Store;
  readonly limits: Limits;
  readonly enforceQuota: boolean;
  readonly ports: ServerPorts;
  readonly config: ServerConfig;
  readonly tree: DataTree;
  /** Another one for each epoch that this server leads. */
  prep: Prep;
  readonly watches: WatchManager;
  /** Sessions of the tree and when they were last seen. */
  readonly tracker: SessionTracker;
  readonly connections: Connections;
  readonly proposals: Proposals;
  readonly pendingKeys: PendingKeys;
  readonly outbox: Outbox;
  readonly counters: Counters;
  readonly statistics: ServerStatistics;
  /** Absent if this server stands alone. */
  readonly member: MemberState | undefined;
  /** Restored connections whose watches were not read back yet. */
  readonly watchesToLoad: Set<ConnectionId>;
  /** Connections whose head waits for a zxid to be applied. */
  readonly zxidWaiters: Set<ConnectionId>;
  /** When `seen` was last stored, by session; absent if never. */
  readonly storedSeenMs: Map<SessionId, number>;
  /** Paths whose reaping is prepared and not applied, by the zxid of it. */
  readonly reaping: Map<Zxid, string>;
  /** Sessions prepared and not applied: they count for SESSIONS_MAX, and their ids are taken. */
  readonly openingSessions: Set<SessionId>;
  /** The log holds everything up to here, durably. */
  persistedZxid: Zxid;
  /** Everything up to here is decided, be it persisted here or not. Invariant: never goes back but by `discarded`. */
  committedZxid: Zxid;
  /** Never goes back: the largest of all clocks and logged times seen. */
  nowMs: number;
  /** When a txn was applied last. */
  lastWriteMs: number;
  /** When this server was started. */
  startedMs: number;
  /** When this server wrote its last checkpoint; undefined if it wrote none. */
  checkpointMs: number | undefined;
}
