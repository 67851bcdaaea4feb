import { type Code, type Outcome, failure, isFailure } from "../core/keeper-error.ts";
import type { Reply } from "../core/request.ts";
import type { Session } from "../core/session.ts";
import type { ConnectionId } from "../server/input.ts";
import type {
  ConnectedEffect,
  ClientConnection,
  ReplyEffect,
} from "../server/client-connection.ts";
import type { ShardAnswer } from "./shard-api.ts";

/** The xid of the last step of a call: its reply is the call's answer. */
export const CALL_XID = 1;

/** The xid of what comes before it (`auth`, the session): only its failure is of interest. */
export const CALL_PREPARATION_XID = 0;

/** A connection that lives for one call by RPC. */
export class CallConnection implements ClientConnection {
  readonly id: ConnectionId;
  readonly answer: Promise<ShardAnswer<Reply | Session>>;
  readonly #resolve: (answer: ShardAnswer<Reply | Session>) => void;
  #isDone = false;

  constructor(id: ConnectionId) {
    this.id = id;
    const { promise, resolve } = Promise.withResolvers<ShardAnswer<Reply | Session>>();
    this.answer = promise;
    this.#resolve = resolve;
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
  #finish(answer: ShardAnswer<Reply | Session>): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#resolve(answer);
  }
}
