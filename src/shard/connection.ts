import type { Code } from "../core/keeper-error.ts";
import type { Effect } from "../server/effect.ts";
import type { ConnectionId } from "../server/input.ts";

export type ReplyEffect = Extract<Effect, { type: "reply" }>;
export type ConnectedEffect = Extract<Effect, { type: "connected" }>;
export type EventEffect = Extract<Effect, { type: "event" }>;

/** Where the effects of one connection go: a WebSocket, or the promise of a call by RPC. */
export interface Connection {
  readonly id: ConnectionId;
  /** Nothing more will come in or go out: the shard reports it as closed to the server. */
  readonly isDone: boolean;
  reply(effect: ReplyEffect): void;
  connected(effect: ConnectedEffect): void;
  event(effect: EventEffect): void;
  /** Its watches, session or identities changed. */
  changed(): void;
  /** The end of a flush: sends what was queued, in order, and keeps what changed. */
  flush(): void;
  /** Closes the transport behind everything queued so far. */
  close(code: Code, reason: string): void;
}
