import type { SessionId } from "./data-node.ts";
import type { Request } from "./request.ts";
import type { Zxid } from "./zxid.ts";

/**
 * What a server tells operators: plain values of one moment, the same for the four-letter words, for
 * `/commands` over HTTP and for whoever else shows them.
 *
 * Numbers count since this instance of the server was made, or since they were reset. A heartbeat
 * that woke nobody is in none of them.
 *
 * Source: ZooKeeper `ServerStats`, `ServerCnxn`.
 */

/** The lists of {@link AdminData} that may be long: only those that are asked for are made. */
export type AdminDetail = "connections" | "sessions" | "watches";

/** The two sets of statistics that operators reset: `crst` and `srst`. */
export type StatisticsKind = "connections" | "server";

/** Time from the arrival of requests to their answers, ms; all 0 before the first one. */
export interface AdminLatency {
  readonly minMs: number;
  readonly avgMs: number;
  readonly maxMs: number;
}

/** What a connection was last asked; `createSession` is the handshake. */
export type AdminOp = Request["op"] | "createSession";

/** One connection. */
export interface AdminConnection {
  /** Of the client, in text form; empty if it isn't known. */
  readonly address: string;
  /** Of the client; 0 if it isn't known. */
  readonly port: number;
  readonly outstandingRequests: number;
  readonly packetsReceived: number;
  /** Answers and events. */
  readonly packetsSent: number;
  /** 0 without a session. */
  readonly sessionId: SessionId;
  /** 0 without a session. */
  readonly sessionTimeoutMs: number;
  /** When it was accepted, ms since 1970. */
  readonly establishedMs: number;
  /** Undefined before the first one that was answered. */
  readonly lastOp: AdminOp | undefined;
  /** −1 before the first one; the xids that clients use by themselves don't count. */
  readonly lastCxid: number;
  /** As of the last answer; −1 before it. */
  readonly lastZxid: Zxid;
  /** When it was last answered, ms since 1970; 0 before that. */
  readonly lastResponseMs: number;
  readonly lastLatencyMs: number;
  readonly latency: AdminLatency;
}

/** One session of the tree. */
export interface AdminSession {
  readonly id: SessionId;
  /** When it expires if it isn't heard of, ms since 1970. */
  readonly deadlineMs: number;
  /** Paths, sorted. */
  readonly ephemerals: readonly string[];
}

/** The data watches on one path, by session; 0 stands for connections without one. */
export interface AdminWatch {
  readonly path: string;
  readonly sessions: readonly SessionId[];
}

/** Numbers of the data watches, the only ones that ZooKeeper lists. */
export interface AdminWatchSummary {
  readonly connections: number;
  readonly paths: number;
  readonly watches: number;
}

/** A proposal for leader. Source: ZooKeeper `Vote`. */
export interface AdminVote {
  readonly leader: number;
  readonly zxid: Zxid;
  readonly peerEpoch: number;
}

/** A member of an ensemble, as its configuration names it. */
export interface AdminMember {
  readonly sid: number;
  readonly type: "participant" | "observer";
  readonly region?: string;
}

/** What a member of an ensemble tells of itself, and a leader of its learners. */
export interface AdminQuorum {
  readonly sid: number;
  readonly state: "LOOKING" | "FOLLOWING" | "LEADING" | "OBSERVING";
  /** Without a leader, and serving what needs none. */
  readonly isReadOnly?: boolean;
  /** Source: ZooKeeper `QuorumPeer.ZabState`. */
  readonly zabState: "election" | "discovery" | "synchronization" | "broadcast";
  readonly acceptedEpoch: number;
  readonly currentEpoch: number;
  /** 0 = none is known. */
  readonly leader: number;
  /** Of the log. */
  readonly lastZxid: Zxid;
  readonly committedZxid: Zxid;
  readonly configuration: { readonly version: Zxid; readonly members: readonly AdminMember[] };
  /** The last election of this instance. */
  readonly election:
    | {
        readonly electionEpoch: number;
        readonly votes: readonly { readonly sid: number; readonly vote: AdminVote }[];
        readonly startedMs: number;
        /** Undefined while it goes on. */
        readonly durationMs: number | undefined;
      }
    | undefined;
  /** Of a leader. */
  readonly learners: readonly {
    readonly sid: number;
    readonly type: "participant" | "observer";
    readonly lastZxid: Zxid;
    /** Txns behind the leader. */
    readonly lag: number;
    readonly isSynced: boolean;
    readonly isReachable: boolean;
  }[];
  /** Packets of strangers, and malformed ones. */
  readonly droppedCount: number;
  /** What an operator should know of the configuration. */
  readonly warnings: readonly string[];
}

/** All of it: numbers, and lists of which those that were not asked for are empty. */
export interface AdminData {
  /** When this was put together, ms since 1970. */
  readonly nowMs: number;
  /** When this instance of the server started, ms since 1970. */
  readonly startedMs: number;
  /** Of a member of an ensemble; undefined for a shard that stands alone. */
  readonly quorum?: AdminQuorum | undefined;
  /** The last zxid applied. */
  readonly zxid: Zxid;
  readonly checkpointZxid: Zxid;
  /** When this instance wrote its last checkpoint, ms since 1970; undefined if it wrote none. */
  readonly checkpointMs: number | undefined;
  readonly znodes: number;
  readonly ephemerals: number;
  readonly sessions: number;
  readonly connections: number;
  /** Data and child watches of all connections. */
  readonly watches: number;
  readonly watchSummary: AdminWatchSummary;
  /** Requests not answered yet, of all connections. */
  readonly outstandingRequests: number;
  readonly packetsReceived: number;
  readonly packetsSent: number;
  readonly latency: AdminLatency;
  readonly dirtyNodes: number;
  readonly dirtyBytes: number;
  readonly cacheBytes: number;
  /** Of the database: log and tables. */
  readonly databaseBytes: number;
  /** Since this instance of the server started, by name. */
  readonly counters: Readonly<Record<string, number>>;
  readonly connectionList: readonly AdminConnection[];
  readonly sessionList: readonly AdminSession[];
  readonly watchList: readonly AdminWatch[];
}
