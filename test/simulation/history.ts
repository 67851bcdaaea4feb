import type { Id } from "../../src/core/acl.ts";
import type { SessionId } from "../../src/core/data-node.ts";
import type { Code, Outcome } from "../../src/core/keeper-error.ts";
import type { Reply, Request, WatchedEvent } from "../../src/core/request.ts";
import type { Session } from "../../src/core/session.ts";
import type { LoggedTxn } from "../../src/core/txn.ts";
import type { Zxid } from "../../src/core/zxid.ts";
import type { RequestOptions } from "../../src/core/request-options.ts";
import type { Sid } from "../../src/zab/configuration.ts";
import type { PeerRole } from "../../src/zab/ready.ts";

/**
 * Everything that one run of the simulator made visible: what clients asked, when, and what they got,
 * and what each member did. Checkers are pure functions of it and know nothing of the simulator.
 *
 * Times are true time, microseconds from the start of the run; no member's clock shows it. Lists are
 * in the order in which things happened; of two entries with the same time the earlier one in its
 * list came first. What a client is said to have received had arrived at the client.
 */
export interface History {
  readonly seed: number;
  /** By `invokedUs`; `operations[id].id === id`. */
  readonly operations: readonly Operation[];
  /** By `openedUs`; `connections[id].id === id`. */
  readonly connections: readonly ConnectionRecord[];
  /** By `sid`; those that joined later included. */
  readonly members: readonly MemberRecord[];
  /** Every sign of life of a session that reached a member, heartbeats included. */
  readonly touches: readonly Touch[];
  /**
   * Txns that some member applied, by zxid: one list for all, taken from whoever applied it first.
   * That the others applied the same is for a checker to see from `AppliedTxn.hash`.
   */
  readonly txns: readonly LoggedTxn[];
  /** When faults ended; undefined if the run ended before. */
  readonly healedUs: number | undefined;
  /** When the run ended. An operation without completion by then was never answered. */
  readonly endedUs: number;
}

/** One client from its start to its end; it has one session at a time and may have several in its life. */
export type ClientId = number;

/**
 * What a client may expect of its reads.
 * `linearizable`: the HTTP and JSON door. `ordered`: the native door, ZooKeeper's own contract.
 */
export type Door = "linearizable" | "ordered";

/**
 * A request as its client sent it. `connect` is not among them: see {@link ConnectionRecord}.
 *
 * Every attempt is one of its own and is sent with {@link xidOf} as its xid, so that the `cxid` of a
 * txn names the operation that asked for it, also where no answer arrived.
 */
export interface Operation {
  readonly id: number;
  readonly client: ClientId;
  /** Index in {@link History.connections}. */
  readonly connection: number;
  /** The session of the connection when the request was sent; 0 = none. */
  readonly session: SessionId;
  /** Its place among all requests of its connection, from 0, in the order sent. */
  readonly place: number;
  readonly request: Request;
  /**
   * `isLocal`: asked for `Consistency: local`, so no linearizable read although the door is.
   * `minZxid`, `idempotencyKey`: as in the request.
   */
  readonly options: RequestOptions & { readonly isLocal?: boolean };
  readonly invokedUs: number;
  /** Undefined: no answer arrived; the request may have been carried out or not, or still may be. */
  readonly completion: Completion | undefined;
}

/** The xid that an operation is sent with: 0 is for what nobody sent. */
export function xidOf({ id }: Pick<Operation, "id">): number {
  return id + 1;
}

/** The answer of a request as it arrived. */
export interface Completion {
  readonly completedUs: number;
  /** Of the write; for everything else the last zxid applied where it was answered. */
  readonly zxid: Zxid;
  readonly outcome: Outcome<Reply>;
  /** The answer had been given before, to the same idempotency key. */
  readonly isReplayed: boolean;
  /** Index of this answer in {@link ConnectionRecord.deliveries}. */
  readonly delivery: number;
}

/** One transport between a client and a member. */
export interface ConnectionRecord {
  readonly id: number;
  readonly client: ClientId;
  readonly door: Door;
  /** The member that it ended at. */
  readonly sid: Sid;
  /** The member's instance: {@link MemberEvent} `started` has the same number. */
  readonly incarnation: number;
  readonly openedUs: number;
  /** The ids it was opened with, by address or certificate; `auth` requests add theirs. */
  readonly ids: readonly Id[];
  /** The session that the client asked to resume, and the last zxid it claimed to have seen. */
  readonly resume: SessionId | undefined;
  readonly lastZxidSeen: Zxid;
  /** The session that it got; undefined before, and if it was refused. */
  readonly session: Session | undefined;
  /** All that arrived at the client, in order. */
  readonly deliveries: readonly Delivery[];
  /** When the client knew that it is over, or let go of it; undefined while it lasts. */
  readonly closedUs: number | undefined;
}

/** What arrived at a client. */
export type Delivery = { readonly atUs: number } & (
  | { readonly type: "connected"; readonly zxid: Zxid; readonly outcome: Outcome<Session> }
  /** The answer of {@link History.operations}`[operation]`. */
  | { readonly type: "reply"; readonly operation: number }
  | { readonly type: "event"; readonly event: WatchedEvent }
  /** The server closed it. */
  | { readonly type: "closed"; readonly code: Code; readonly reason: string }
);

/** One member of the ensemble and what it did. */
export interface MemberRecord {
  readonly sid: Sid;
  readonly events: readonly MemberEvent[];
}

/** What a member did, in order. */
export type MemberEvent = { readonly atUs: number } &
  /** A new instance recovered. Instances are numbered from 1 in the life of a member. */
  (
    | {
        readonly type: "started";
        readonly incarnation: number;
        readonly acceptedEpoch: number;
        readonly currentEpoch: number;
        /** End of the log, of what is known as committed, and of what is applied. */
        readonly lastZxid: Zxid;
        readonly committedZxid: Zxid;
        readonly appliedZxid: Zxid;
      }
    /** Memory gone: crashed, stopped or evicted. */
    | { readonly type: "stopped" }
    | { readonly type: "role"; readonly role: PeerRole }
    /** Txns that were applied since the last such event, in order. */
    | { readonly type: "applied"; readonly txns: readonly AppliedTxn[] }
    /** A snapshot took the place of tree and log; no `applied` for what it brought. */
    | { readonly type: "installed"; readonly zxid: Zxid }
    /** The fingerprint of the tree at a zxid (`digestOf`). Taken now and then, not at every zxid. */
    | { readonly type: "digest"; readonly zxid: Zxid; readonly digest: string }
    /** Txns behind `zxid` were cut off the log. */
    | { readonly type: "discarded"; readonly zxid: Zxid }
    /** The member's clock jumped, or its offset was set at a start, by so many ms. */
    | { readonly type: "clock"; readonly jumpMs: number }
  );

/** One txn as a member applied it. */
export interface AppliedTxn {
  readonly zxid: Zxid;
  /** Of the encoded txn: equal at all members. */
  readonly hash: string;
}

/** A client was heard at a member. */
export interface Touch {
  readonly atUs: number;
  readonly session: SessionId;
  readonly sid: Sid;
}

/** A promise that a run broke, in words that name what was expected and what was seen. */
export interface Violation {
  /** The checker's name: file name without suffix. */
  readonly checker: string;
  /** The broken rule of `docs/SPEC.md`, like `WA3`. */
  readonly rule: string;
  readonly message: string;
}

/** Finds what a history breaks. `checkers/check-history.ts` exports `checkHistory`, all of them. */
export type Checker = (history: History) => readonly Violation[];
