import { LEADER_CHECK_MS } from "./timing.ts";

/**
 * A follower's doubt whether its leader lives.
 *
 * Nobody sends heartbeats while nothing happens, so a silent leader is no sign of a dead one. A
 * doubt is raised by whoever needs the leader and ends with its next word; only one that is not
 * answered in time becomes an election.
 */
export class LeaderCheck {
  readonly #untilMs: number;
  #askAtMs: number;

  constructor(nowMs: number) {
    this.#untilMs = nowMs + LEADER_CHECK_MS;
    this.#askAtMs = nowMs + LEADER_CHECK_MS / 2;
  }

  isOver(nowMs: number): boolean {
    return nowMs >= this.#untilMs;
  }

  /** Tells, once, that it is time to ask again. */
  isAskDue(nowMs: number): boolean {
    if (nowMs < this.#askAtMs) return false;
    this.#askAtMs = this.#untilMs;
    return true;
  }

  nextTickMs(): number {
    return this.#askAtMs;
  }
}
