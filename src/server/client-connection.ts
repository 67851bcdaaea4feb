import type { Code } from "../core/keeper-error.ts";
import type { Effect } from "./effect.ts";
import type { ConnectionId } from "./input.ts";

export type ReplyEffect = Extract<Effect, { type: "reply" }>;
export type ConnectedEffect = Extract<Effect, { type: "connected" }>;
export type EventEffect = Extract<Effect, { type: "event" }>;

/** Where the effects of one connection go: its transport, as the runner knows it. */
export interface ClientConnection {
  readonly id: ConnectionId;
  /** Nothing more will come in or go out: the runner reports it as closed to the server. */
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
