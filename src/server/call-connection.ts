import { type Code, type Outcome, failure, isFailure } from "../core/keeper-error.ts";
import type { Reply } from "../core/request.ts";
import type { Session } from "../core/session.ts";
import type { CallAnswer } from "./call.ts";
import type { ClientConnection, ConnectedEffect, ReplyEffect } from "./client-connection.ts";
import type { ConnectionId } from "./input.ts";

/** Takes the answer to a call, once. */
export type Settle<T> = (answer: CallAnswer<T>) => void;

/** The xid of the last step of a call: its reply is the call's answer. */
export const CALL_XID = 1;

/** The xid of what comes before it (`auth`, the session): only its failure is of interest. */
export const CALL_PREPARATION_XID = 0;

/** A connection that lives for one call. */
export class CallConnection implements ClientConnection {
  readonly id: ConnectionId;
  readonly #answer: Settle<Reply | Session>;
  #isDone = false;

  constructor(id: ConnectionId, answer: Settle<Reply | Session>) {
    this.id = id;
    this.#answer = answer;
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  reply(effect: ReplyEffect): void {
    this.#settle(effect, effect.isReplayed);
  }

  connected(effect: ConnectedEffect): void {
    this.#settle(effect, false);
  }

  /** A call has no place for events; their watches end with it. */
  event(): void {}

  changed(): void {}

  flush(): void {}

  close(code: Code, reason: string): void {
    this.#finish({ zxid: 0, outcome: failure(code, reason), isReplayed: false });
  }

  #settle(
    { xid, zxid, outcome }: { xid: number; zxid: number; outcome: Outcome<Reply | Session> },
    isReplayed: boolean,
  ): void {
    if (xid === CALL_XID || isFailure(outcome)) this.#finish({ zxid, outcome, isReplayed });
  }

  /** Only the first counts: behind a preparation that failed comes the refusal of the rest. */
  #finish(answer: CallAnswer<Reply | Session>): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#answer(answer);
  }
}
