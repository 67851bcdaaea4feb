import type { WatchedEvent } from "../core/request.ts";
import type { Member, Sid } from "../zab/configuration.ts";
import type { LogRow } from "../zab/log-row.ts";
import type { CloseReason } from "./connection.ts";
import type { Effect } from "./effect.ts";
import type { MemberMessage, Origins } from "./ensemble/member-message.ts";
import type { ConnectionId } from "./input.ts";

/** Collects effects until they are taken, in the order in which they must leave. */
export class Outbox {
  #effects: Effect[] = [];
  #isConfirmed = false;
  /** A set, because a connection's state is kept once however often it changed. */
  readonly #changed = new Set<ConnectionId>();

  append(rows: readonly LogRow[], originsOf?: (sid: Sid) => Origins): void {
    if (originsOf === undefined) this.#effects.push({ type: "append", rows });
    else this.#effects.push({ type: "append", rows, originsOf });
  }

  memberMessage(to: Sid, message: MemberMessage): void {
    this.#effects.push({ type: "memberMessage", to, message });
  }

  confirmQuorum(round: number): void {
    this.#effects.push({ type: "confirmQuorum", round });
  }

  admit(members: readonly Member[]): void {
    if (members.length > 0) this.#effects.push({ type: "admit", members });
  }

  needLeader(): void {
    this.#effects.push({ type: "needLeader" });
  }

  /** Asks for proof that we still own the storage; one for all that ask before the next taking [OR7]. */
  confirm(): void {
    if (this.#isConfirmed) return;
    this.#isConfirmed = true;
    this.#effects.push({ type: "confirm" });
  }

  answer(effect: Extract<Effect, { type: "reply" | "connected" }>): void {
    this.#effects.push(effect);
  }

  event(connection: ConnectionId, event: WatchedEvent): void {
    this.#effects.push({ type: "event", connection, event });
  }

  close(connection: ConnectionId, { code, reason }: CloseReason): void {
    this.#effects.push({ type: "close", connection, code, reason });
    this.#changed.delete(connection);
  }

  changed(connection: ConnectionId): void {
    this.#changed.add(connection);
  }

  /** The connection is gone: there is nothing to keep for it. */
  forget(connection: ConnectionId): void {
    this.#changed.delete(connection);
  }

  /** Hands over everything since the last call; the changes of connections come last. */
  take(): Effect[] {
    const effects = this.#effects;
    for (const connection of this.#changed) effects.push({ type: "changed", connection });
    this.#effects = [];
    this.#isConfirmed = false;
    this.#changed.clear();
    return effects;
  }
}
