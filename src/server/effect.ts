import type { Code, Outcome } from "../core/keeper-error.ts";
import type { Reply, WatchedEvent } from "../core/request.ts";
import type { ConnectedSession } from "../core/session.ts";
import type { Zxid } from "../core/zxid.ts";
import type { Member, Sid } from "../zab/configuration.ts";
import type { LogRow } from "../zab/log-row.ts";
import type { MemberMessage, Origins } from "./ensemble/member-message.ts";
import type { ConnectionId } from "./input.ts";

/**
 * What the server wants done, in this order. The runner owns the effects once taken.
 *
 * Order: `append` before any effect behind it leaves the object (the output gate sees to that
 * standalone); effects of one connection leave in the order given, so that an event is ahead of
 * any reply that shows its change [OR2].
 */
export type Effect =
  /** Make these rows durable, then report `persisted` with the last row's `lastZxid`. */
  | {
      readonly type: "append";
      readonly rows: readonly LogRow[];
      /** What travels with them to each learner, in an ensemble. */
      readonly originsOf?: (sid: Sid) => Origins;
    }
  /** A durable row without meaning: what follows must not leave unless we still own the storage. */
  | { readonly type: "confirm" }
  | {
      readonly type: "reply";
      readonly connection: ConnectionId;
      readonly xid: number;
      /** Of the write; for everything else the last zxid applied. */
      readonly zxid: Zxid;
      readonly outcome: Outcome<Reply>;
      /** The answer was given before, to the same idempotency key. */
      readonly isReplayed: boolean;
    }
  /** Answers `connect`: the session, or why not. */
  | {
      readonly type: "connected";
      readonly connection: ConnectionId;
      readonly xid: number;
      readonly zxid: Zxid;
      readonly outcome: Outcome<ConnectedSession>;
    }
  | { readonly type: "event"; readonly connection: ConnectionId; readonly event: WatchedEvent }
  /** Close the transport behind everything sent so far. No `closed` input is expected for it. */
  | {
      readonly type: "close";
      readonly connection: ConnectionId;
      readonly code: Code;
      readonly reason: string;
    }
  /** This connection's watches, session or ids changed: keep them with the socket. */
  | { readonly type: "changed"; readonly connection: ConnectionId }
  | MemberEffect;

/** What only a member of an ensemble wants done. */
export type MemberEffect =
  | { readonly type: "memberMessage"; readonly to: Sid; readonly message: MemberMessage }
  /** Ask a quorum whether this member still leads, then report `confirmed` with this round. */
  | { readonly type: "confirmQuorum"; readonly round: number }
  /** These are to join: let them catch up, without a vote. */
  | { readonly type: "admit"; readonly members: readonly Member[] }
  /** Somebody waits for a leader: the one that is known may be dead. */
  | { readonly type: "needLeader" };
