import type { SessionId } from "./data-node.ts";
import { type Session, TICK_MS } from "./session.ts";

/** A session with what the log does not know of it. */
export interface TrackedSession {
  readonly session: Session;
  /** When it was last seen, ms since 1970. */
  readonly lastSeenMs: number;
  /** Its end is on the way through the log; it takes no requests any more. */
  readonly isClosing: boolean;
}

/** Tells when a session was last seen by somebody else: the runtime that answers heartbeats. */
export type LastSeen = (id: SessionId) => number | undefined;

/**
 * Returns when a session expires: its timeout behind the last sign of life, rounded up to the next
 * tick, and always after the timeout itself.
 *
 * Rounding puts sessions into buckets, so that one look at the clock ends all of a bucket.
 *
 * Source: ZooKeeper `ExpiryQueue.roundToNextInterval`.
 */
export function deadlineOf(lastSeenMs: number, timeoutMs: number): number {
  return (Math.floor((lastSeenMs + timeoutMs) / TICK_MS) + 1) * TICK_MS;
}

/**
 * Tells whether an alarm came so late that the service itself was away: more than two ticks.
 * Nobody could be heard in that time, so nobody is punished for it.
 */
export function wasOutage(alarmAtMs: number, nowMs: number): boolean {
  return nowMs - alarmAtMs > 2 * TICK_MS;
}

interface Entry {
  session: Session;
  lastSeenMs: number;
  isClosing: boolean;
  /** The deadline as it was last worked out; undefined while the session is closing. */
  bucketMs: number | undefined;
}

/**
 * Knows when each session ends.
 *
 * A touch only stores a number. Deadlines are worked out when the earliest that was known comes
 * due, for all sessions in one pass: a touch moves no alarm, and many sessions share a wake-up.
 * Passes are as rare as living sessions allow, and never more than one a tick.
 *
 * Never forgets a session by itself, and is not part of the replicated state.
 *
 * Source: ZooKeeper `SessionTrackerImpl`, `ExpiryQueue`.
 */
export class SessionTracker {
  readonly #entries = new Map<SessionId, Entry>();
  /** Deadline → number of sessions. Invariant: counts the `bucketMs` of all entries, none is 0. */
  readonly #buckets = new Map<number, number>();
  /** Negotiated timeout → number of sessions; there are few different ones. */
  readonly #timeouts = new Map<number, number>();
  /** The smallest key of {@link #buckets}; Infinity if there is none. */
  #nextDeadlineMs = Infinity;

  /** Number of sessions, closing ones included. */
  get count(): number {
    return this.#entries.size;
  }

  /**
   * Tracks a session from `lastSeenMs` on. One that is tracked already gets what was negotiated
   * anew and keeps the later sign of life.
   */
  add(session: Session, lastSeenMs: number): void {
    let entry = this.#entries.get(session.id);
    if (entry === undefined) {
      entry = { session, lastSeenMs, isClosing: false, bucketMs: undefined };
      this.#entries.set(session.id, entry);
      this.#countTimeout(session.timeoutMs, 1);
    } else {
      this.#countTimeout(entry.session.timeoutMs, -1);
      this.#countTimeout(session.timeoutMs, 1);
      entry.session = session;
      entry.lastSeenMs = Math.max(entry.lastSeenMs, lastSeenMs);
    }
    this.#rebucket(entry);
  }

  /** The shortest timeout of all sessions; undefined if there is none. */
  minTimeoutMs(): number | undefined {
    const minMs = Math.min(Infinity, ...this.#timeouts.keys());
    return minMs === Infinity ? undefined : minMs;
  }

  /** Notes a sign of life. Returns false, and does nothing, if the session is gone or closing. */
  touch(id: SessionId, nowMs: number): boolean {
    const entry = this.#entries.get(id);
    if (entry === undefined || entry.isClosing) return false;
    if (nowMs > entry.lastSeenMs) entry.lastSeenMs = nowMs;
    return true;
  }

  /** Finds a session; what it returns changes with the tracker. */
  get(id: SessionId): TrackedSession | undefined {
    return this.#entries.get(id);
  }

  /** Tells whether the end of a session is on its way. */
  isClosing(id: SessionId): boolean {
    return this.#entries.get(id)?.isClosing ?? false;
  }

  /** Marks a session whose end was prepared, or, if that was discarded, one that lives on. */
  setClosing(id: SessionId, isClosing: boolean): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    entry.isClosing = isClosing;
    this.#rebucket(entry);
  }

  /** Forgets a session that the tree has no more. */
  remove(id: SessionId): void {
    this.setClosing(id, true);
    const entry = this.#entries.get(id);
    if (entry !== undefined) this.#countTimeout(entry.session.timeoutMs, -1);
    this.#entries.delete(id);
  }

  #countTimeout(timeoutMs: number, change: number): void {
    const count = (this.#timeouts.get(timeoutMs) ?? 0) + change;
    if (count > 0) this.#timeouts.set(timeoutMs, count);
    else this.#timeouts.delete(timeoutMs);
  }

  /**
   * Lists the sessions that are over, in order of their ids. They stay tracked: the caller marks
   * them closing and ends them through the log.
   *
   * @param lastSeen - asked for every session before any is declared over, so that heartbeats
   * which woke nobody count.
   */
  expired(nowMs: number, lastSeen: LastSeen = () => undefined): SessionId[] {
    if (nowMs < this.#nextDeadlineMs) return [];
    this.#rebucketAll(lastSeen);
    const due: SessionId[] = [];
    for (const { bucketMs, session } of this.#entries.values()) {
      if (bucketMs !== undefined && bucketMs <= nowMs) due.push(session.id);
    }
    return due.toSorted((one, other) => one - other);
  }

  /**
   * Grants a full timeout from now to the sessions whose deadline came in an outage, and lists
   * them: the caller stores when they were seen, so that the same outage is forgiven once.
   *
   * A deadline before the alarm counts too. Nobody is left over from before it, so that such a one
   * comes from a stored time that is older than what the alarm was set by.
   *
   * @param alarmAtMs - when the object was to be woken.
   */
  forgive(alarmAtMs: number, nowMs: number, lastSeen: LastSeen = () => undefined): SessionId[] {
    if (!wasOutage(alarmAtMs, nowMs)) return [];
    const forgiven = this.expired(nowMs, lastSeen);
    const isForgiven = new Set(forgiven);
    this.#rebucketAll((id) => (isForgiven.has(id) ? nowMs : undefined));
    return forgiven;
  }

  /**
   * When {@link expired} wants to be called: never after the first real deadline, sometimes before
   * it. Undefined while nobody can expire.
   */
  nextDeadlineMs(): number | undefined {
    return this.#nextDeadlineMs === Infinity ? undefined : this.#nextDeadlineMs;
  }

  #rebucketAll(lastSeen: LastSeen): void {
    for (const entry of this.#entries.values()) {
      if (entry.isClosing) continue;
      entry.lastSeenMs = Math.max(entry.lastSeenMs, lastSeen(entry.session.id) ?? 0);
      this.#rebucket(entry);
    }
  }

  #rebucket(entry: Entry): void {
    const from = entry.bucketMs;
    const to = entry.isClosing ? undefined : deadlineOf(entry.lastSeenMs, entry.session.timeoutMs);
    if (from === to) return;
    entry.bucketMs = to;
    if (to !== undefined) this.#buckets.set(to, (this.#buckets.get(to) ?? 0) + 1);
    if (from !== undefined) {
      const left = (this.#buckets.get(from) ?? 0) - 1;
      if (left > 0) this.#buckets.set(from, left);
      else this.#buckets.delete(from);
    }
    if (to !== undefined && to < this.#nextDeadlineMs) this.#nextDeadlineMs = to;
    else if (!this.#buckets.has(this.#nextDeadlineMs)) {
      this.#nextDeadlineMs = Math.min(Infinity, ...this.#buckets.keys());
    }
  }
}
