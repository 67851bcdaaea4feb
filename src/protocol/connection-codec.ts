import type { Outcome } from "../core/keeper-error.ts";
import type { Reply, Request, WatchedEvent } from "../core/request.ts";
import type { RequestOptions } from "../core/request-options.ts";
import type { ConnectedSession, SessionToken, TimeoutBounds } from "../core/session.ts";
import type { Zxid } from "../core/zxid.ts";

/** What a message of a client means to the server, one part of it. */
export type ClientInput =
  | { readonly type: "connect"; readonly xid: number; readonly ask: SessionAsk }
  | {
      readonly type: "request";
      readonly xid: number;
      readonly request: Request;
      readonly options?: RequestOptions;
    }
  /** The codec answers by itself, behind the answers to everything before. */
  | { readonly type: "own"; readonly answer: (zxid: Zxid) => void }
  /** Nothing more is read: close. */
  | { readonly type: "close"; readonly reason: string };

/** The session that a client asks for; with `resume` one that exists. */
export interface SessionAsk {
  readonly resume?: SessionToken;
  readonly timeoutMs: number;
  readonly bounds: TimeoutBounds;
  readonly lastZxidSeen: Zxid;
  /** A server without a quorum will do. */
  readonly canBeReadOnly?: boolean;
}

/** An answer to a request, or to a `connect`. */
export interface Answer<T> {
  readonly xid: number;
  readonly zxid: Zxid;
  readonly outcome: Outcome<T>;
}

/**
 * One connection as its protocol sees it: messages in, inputs out; answers and events in, one
 * message out. It must not outlive a hibernation, so that all it has to know between two messages of
 * an idle client is whether there is a session.
 */
export interface ConnectionCodec {
  /** As it is offered for the WebSocket. */
  readonly subprotocol: string;
  /** Whether every client acknowledges what it has read, so that answers may wait for that. */
  readonly isPaced: boolean;
  /** Whether the client is in the middle of something that no sleep survives. */
  readonly isCut: boolean;
  /** How much {@link take} would return: bytes, or UTF-16 units. */
  readonly length: number;
  receive(message: string | ArrayBuffer): readonly ClientInput[];
  /** @returns why the connection is closed behind this answer; undefined if it is not. */
  reply(answer: Answer<Reply> & { readonly isReplayed: boolean }): string | undefined;
  connected(answer: Answer<ConnectedSession>): void;
  event(event: WatchedEvent): undefined;
  /** Returns all that was encoded since the last call, to be sent as one message. */
  take(): string | Uint8Array<ArrayBuffer>;
}
