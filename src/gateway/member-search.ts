import type { Sid } from "../zab/configuration.ts";

/** What is remembered of a namespace between requests; may be wrong, and is corrected by answers. */
export interface LeaderHint {
  readonly leader?: Sid;
  /** A leader that could not be reached: members are told to look after it. */
  readonly lost?: Sid;
}

/**
 * The search for a member that serves a call: whom to ask next, by what was answered so far. Holds
 * no clock and asks nobody.
 *
 * The hint is asked first, then whoever is said to lead, else the members in turn. It never ends by
 * itself: who asks gives up at its deadline.
 */
export class MemberSearch {
  readonly #turn: readonly Sid[];
  #sid: Sid;
  #isNamed: boolean;
  #lost: Sid | undefined;
  readonly #failed = new Set<Sid>();
  #askedSincePause = 0;

  /** @param turn - members in the order in which they are asked, at least one. */
  constructor(turn: readonly Sid[], { leader, lost }: LeaderHint = {}) {
    this.#turn = turn;
    this.#lost = lost;
    this.#sid = leader ?? this.#after(lost);
    this.#isNamed = leader !== undefined;
  }

  /** Whom to ask now. */
  get sid(): Sid {
    return this.#sid;
  }

  /** Whether somebody said that it leads; otherwise it is only its turn. */
  get isNamed(): boolean {
    return this.#isNamed;
  }

  /** The leader that could not be reached, if one. */
  get lost(): Sid | undefined {
    return this.#lost;
  }

  /** How many could not be reached so far. */
  get failedCount(): number {
    return this.#failed.size;
  }

  /** The member asked does not serve; perhaps it knows who leads. */
  notServing(leader: Sid | undefined): void {
    this.#failed.delete(this.#sid);
    this.#askedSincePause += 1;
    this.#isNamed = leader !== undefined && leader !== this.#sid;
    this.#sid = leader !== undefined && this.#isNamed ? leader : this.#after(this.#sid);
  }

  /** The member asked can't be reached. */
  failed(): void {
    this.#failed.add(this.#sid);
    this.#askedSincePause += 1;
    this.#isNamed = false;
    this.#lost = this.#sid;
    this.#sid = this.#after(this.#sid);
  }

  /** Whether so many were asked that time must pass before anybody has something new to say. */
  takePause(): boolean {
    if (this.#askedSincePause < this.#turn.length) return false;
    this.#askedSincePause = 0;
    return true;
  }

  #after(sid: Sid | undefined): Sid {
    const index = sid === undefined ? -1 : this.#turn.indexOf(sid);
    return this.#turn[(index + 1) % this.#turn.length] ?? 0;
  }
}
