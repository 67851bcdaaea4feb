import type { Identity } from "../core/identity.ts";
import type { Request } from "../core/request.ts";
import type { Consistency, RequestOptions } from "../core/request-options.ts";
import type { SessionToken, TimeoutBounds } from "../core/session.ts";
import type { Zxid } from "../core/zxid.ts";
import type { MemberInput } from "./ensemble/member-input.ts";

/** The server's name for one transport, unique in the life of the object; never reused. */
export type ConnectionId = number;

/** Asks for a session on a connection. */
export interface ConnectAsk {
  /** The session to resume or to speak for; without it a new one is made. */
  readonly resume?: SessionToken;
  /** What the client wants, ms; negotiated into `bounds`. Ignored with `use`. */
  readonly timeoutMs: number;
  readonly bounds: TimeoutBounds;
  /**
   * `bind`: this connection serves the session and takes it over from another.
   * `use`: an HTTP call speaks for the session (needs `resume`), beside whoever serves it.
   * `open`: makes a session that no connection serves (HTTP).
   * `manage`: an admin keeps or closes the session `resume.id`; its password is not looked at, and
   * nothing but `ping` and `closeSession` is allowed afterwards.
   */
  readonly mode: "bind" | "use" | "open" | "manage";
  /** The last zxid that the client saw; a server that is behind refuses. */
  readonly lastZxidSeen: Zxid;
  /** With `bind`: a member of an ensemble without a quorum will do [EN31]. */
  readonly canBeReadOnly?: boolean;
}

/**
 * What happens to the server. Each input is a whole: `step` runs it to its end, then the effects
 * are taken. `nowMs` is the shard's clock, ms since 1970.
 */
export type Input = { readonly nowMs: number } &
  /** A transport was accepted. */
  (
    | {
        readonly type: "opened";
        readonly connection: ConnectionId;
        readonly identity: Identity;
        /** Bytes of answers that it takes until the first `room`; without one, any. */
        readonly room?: number;
        /** Of its reads, unless they say otherwise; linearizable if absent. */
        readonly consistency?: Consistency;
      }
    | {
        readonly type: "connect";
        readonly connection: ConnectionId;
        readonly xid: number;
        readonly ask: ConnectAsk;
      }
    | {
        readonly type: "request";
        readonly connection: ConnectionId;
        readonly xid: number;
        readonly request: Request;
        readonly options?: RequestOptions;
      }
    /** The transport takes so many bytes of answers from now on: reads wait for room [NA21]. */
    | { readonly type: "room"; readonly connection: ConnectionId; readonly bytes: number }
    /** The transport is gone. Its watches go with it, its session stays until the timeout. */
    | { readonly type: "closed"; readonly connection: ConnectionId }
    /** The end of a turn: what prep made becomes one batch. */
    | { readonly type: "flush" }
    /** The log holds everything up to `zxid` durably. */
    | { readonly type: "persisted"; readonly zxid: Zxid }
    /** Everything up to `zxid` is decided (and persisted here); it is applied now. */
    | { readonly type: "committed"; readonly zxid: Zxid }
    /** A deposed leader: txns after `zxid` never happened. Their requests fail with CONNECTIONLOSS. */
    | { readonly type: "discarded"; readonly zxid: Zxid }
    /** Time passed: an alarm, or a timer. May come early, late, or twice. */
    | { readonly type: "tick" }
    | MemberInput
  );

/** An input before the clock was asked; `Omit` alone would lose the union. */
export type UntimedInput = Input extends infer I
  ? I extends unknown
    ? Omit<I, "nowMs">
    : never
  : never;
