import type { Id } from "../../core/acl.ts";
import type { SessionId } from "../../core/data-node.ts";
import type { Failure, Outcome } from "../../core/keeper-error.ts";
import type { Reply, WriteRequest } from "../../core/request.ts";
import type { Session, SessionToken } from "../../core/session.ts";
import type { Zxid } from "../../core/zxid.ts";
import type { Packet } from "../../zab/packet.ts";

/**
 * One run of requests that a learner forwards, counted from 1 without gaps.
 *
 * A learner starts another stream whenever it gives up what is under way, so that whatever of an
 * earlier one still arrives is known to be late.
 */
export interface StreamId {
  /** Of the learner's instance. */
  readonly incarnation: number;
  /** Ascends within the instance. */
  readonly stream: number;
}

/** A request that only the leader can carry out. */
export type ForwardedRequest =
  | {
      readonly type: "write";
      readonly request: WriteRequest;
      /** 0 for a connection without a session. */
      readonly sessionId: SessionId;
      /** The connection serves the session, so the session is where the request comes from. */
      readonly isBound: boolean;
      /** Of the connection when it received the request: the leader holds ACLs against them. */
      readonly ids: readonly Id[];
      readonly cxid: number;
      readonly idempotencyKey?: string;
      /** Refused if the leader has not given out that zxid: the client saw another history. */
      readonly minZxid?: Zxid;
    }
  | { readonly type: "createSession"; readonly timeoutMs: number; readonly isBound: boolean }
  /** Is there such a session? `isBound` moves it to the learner. Source: ZooKeeper `REVALIDATE`. */
  | {
      readonly type: "revalidate";
      readonly token: SessionToken;
      readonly isAdmin: boolean;
      readonly isBound: boolean;
    };

/** What a learner sends at the end of a flush; what is not answered yet is sent again. */
export interface ForwardBatch extends StreamId {
  /** Of the first request of the batch. */
  readonly firstSeq: number;
  /** Everything below was answered: the leader may forget the answers. */
  readonly openSeq: number;
  readonly requests: readonly ForwardedRequest[];
}

/** The answer to a forwarded request that made no txn. */
export interface ForwardAnswer {
  readonly seq: number;
  /** Has to be applied at the learner before the client hears of it. */
  readonly zxid: Zxid;
  readonly outcome: Outcome<Reply | Session>;
  readonly isReplayed: boolean;
}

/** A txn that was made from a forwarded request. */
export interface Origin {
  readonly zxid: Zxid;
  readonly seq: number;
  /** Why it is an error, in words: the log has only the code. */
  readonly failure?: Failure;
}

/** Which txns of a batch were made from requests of one learner; travels with the proposal. */
export interface Origins extends StreamId {
  readonly entries: readonly Origin[];
}

/** How long a session was not heard at a member, at the time of the answer. */
export interface SessionAge {
  readonly id: SessionId;
  /** A difference of times, because the clocks of two members are never compared. */
  readonly ageMs: number;
}

/**
 * What servers of an ensemble say to each other, beside what replication does.
 *
 * Each names the epoch in which it was said; one of another epoch is dropped. Nothing relies on
 * delivery: who waits for an answer asks again, or gives up.
 *
 * Source: ZooKeeper `Leader.REQUEST`, `REVALIDATE`, `SYNC`, and the touches in `PING`.
 */
export type MemberMessage = { readonly epoch: number } & (
  | {
      readonly type: "forward";
      /** The leader's instance that it is meant for. */
      readonly leader: number;
      readonly batch: ForwardBatch;
    }
  | ({ readonly type: "forwardAnswers"; readonly answers: readonly ForwardAnswer[] } & StreamId)
  /** What came does not follow on what came before: the learner sends it again from here. */
  | ({ readonly type: "forwardGap"; readonly expectedSeq: number } & StreamId)
  /** A learner wants to read what is committed by now. Source: ZooKeeper `SYNC`. */
  | { readonly type: "confirm"; readonly incarnation: number; readonly round: number }
  /** A quorum confirmed the leader after that; `zxid` was the last one given out before. */
  | {
      readonly type: "confirmed";
      readonly incarnation: number;
      readonly round: number;
      readonly zxid: Zxid;
    }
  /** The session is served by another member now. */
  | { readonly type: "sessionMoved"; readonly sessionId: SessionId }
  /** The leader is about to expire these. */
  | { readonly type: "askSeen"; readonly round: number; readonly sessionIds: readonly SessionId[] }
  | { readonly type: "seen"; readonly round: number; readonly ages: readonly SessionAge[] }
);

/** What members of an ensemble send each other: of replication, and of the servers beside it. */
export type MemberPacket =
  | { readonly type: "zab"; readonly packet: Packet }
  | { readonly type: "server"; readonly message: MemberMessage };
