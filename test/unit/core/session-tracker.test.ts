import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Session } from "../../../src/core/session.ts";
import { deadlineOf, SessionTracker, wasOutage } from "../../../src/core/session-tracker.ts";

function session(id: number, timeoutMs: number): Session {
  return { id, password: new Uint8Array(16), timeoutMs, member: 0 };
}

/** A tracker with sessions given as `[id, timeoutMs, lastSeenMs]`. */
function tracking(...sessions: readonly (readonly [number, number, number])[]): SessionTracker {
  const tracker = new SessionTracker();
  for (const [id, timeoutMs, lastSeenMs] of sessions)
    tracker.add(session(id, timeoutMs), lastSeenMs);
  return tracker;
}

describe("deadlines", () => {
  it("[SB1] a deadline is the next tick behind the timeout, a whole one if it falls on a tick", () => {
    expect(deadlineOf(0, 4_000)).toBe(6_000);
    expect(deadlineOf(1, 4_000)).toBe(6_000);
    expect(deadlineOf(1_999, 4_000)).toBe(6_000);
    expect(deadlineOf(2_000, 4_000)).toBe(8_000);
    expect(deadlineOf(500, 4_100)).toBe(6_000);
  });

  it("[SB1] a session ends more than its timeout and at most a tick later behind its last sign", () => {
    const ms = fc.integer({ min: 0, max: 2 ** 43 });
    fc.assert(
      fc.property(ms, fc.integer({ min: 1, max: 600_000 }), (lastSeenMs, timeoutMs) => {
        const late = deadlineOf(lastSeenMs, timeoutMs) - lastSeenMs - timeoutMs;
        expect(late).toBeGreaterThan(0);
        expect(late).toBeLessThanOrEqual(2_000);
      }),
    );
  });

  it("[SB2] a session is over at its deadline, not a millisecond before", () => {
    const tracker = tracking([1, 4_000, 0]);
    expect(tracker.expired(5_999)).toEqual([]);
    expect(tracker.expired(6_000)).toEqual([1]);
  });

  it("[SB2] sessions that end in the same tick end together, in order of their ids", () => {
    const tracker = tracking([3, 4_000, 1_000], [1, 5_000, 0], [2, 5_000, 1_000]);
    expect(tracker.expired(6_000)).toEqual([1, 3]);
    expect(tracker.expired(8_000)).toEqual([1, 2, 3]);
  });

  it("[SB3] a touch moves the deadline, and an older one does not move it back", () => {
    const tracker = tracking([1, 4_000, 0]);
    expect(tracker.touch(1, 3_000)).toBe(true);
    expect(tracker.touch(1, 1_000)).toBe(true);
    expect(tracker.expired(6_000)).toEqual([]);
    expect(tracker.expired(8_000)).toEqual([1]);
  });

  it("[SB3] adding a session again gives it the new timeout from its latest sign", () => {
    const tracker = tracking([1, 40_000, 0]);
    tracker.touch(1, 5_000);
    tracker.add(session(1, 4_000), 3_000);
    expect(tracker.count).toBe(1);
    expect(tracker.expired(9_999)).toEqual([]);
    expect(tracker.expired(10_000)).toEqual([1]);
  });

  it("[SB4] what the runtime heard counts before a session is declared over", () => {
    const tracker = tracking([1, 4_000, 0], [2, 4_000, 0]);
    expect(tracker.expired(6_000, (id) => (id === 1 ? 5_000 : undefined))).toEqual([2]);
    expect(tracker.get(1)?.lastSeenMs).toBe(5_000);
    tracker.setClosing(2, true);
    expect(tracker.nextDeadlineMs()).toBe(10_000);
  });
});

describe("the next deadline", () => {
  it("[SB5] there is none without sessions, nor with closing ones only", () => {
    const tracker = tracking([1, 4_000, 0]);
    tracker.remove(1);
    expect(tracker.nextDeadlineMs()).toBeUndefined();
    tracker.add(session(2, 4_000), 0);
    tracker.setClosing(2, true);
    expect(tracker.expired(6_000)).toEqual([]);
    expect(tracker.nextDeadlineMs()).toBeUndefined();
  });

  it("[SB5] it does not move with a touch until it has come", () => {
    const tracker = tracking([1, 30_000, 0], [2, 30_000, 0]);
    expect(tracker.nextDeadlineMs()).toBe(32_000);
    for (let nowMs = 0; nowMs < 32_000; nowMs += 1_000) {
      tracker.touch(1, nowMs);
      tracker.touch(2, nowMs);
      expect(tracker.expired(nowMs)).toEqual([]);
      expect(tracker.nextDeadlineMs()).toBe(32_000);
    }
    expect(tracker.expired(32_000)).toEqual([]);
    expect(tracker.nextDeadlineMs()).toBe(62_000);
  });

  it("[SB5] a thousand idle sessions with a 30 s timeout share three wake-ups a minute", () => {
    const tracker = tracking();
    const pingMs = 10_000;
    const heard = (id: number, nowMs: number) =>
      id + Math.floor(Math.max(0, nowMs - id) / pingMs) * pingMs;
    for (let id = 1; id <= 1_000; id += 1) tracker.add(session(id, 30_000), id);
    let wakeUps = 0;
    for (let nowMs = tracker.nextDeadlineMs() ?? 0; nowMs < 600_000;) {
      wakeUps += 1;
      expect(tracker.expired(nowMs, (id) => heard(id, nowMs))).toEqual([]);
      nowMs = tracker.nextDeadlineMs() ?? Infinity;
    }
    expect(wakeUps).toBeLessThanOrEqual(30);
  });

  it("[SB5] it is never later than a session's end, whatever happens", () => {
    const step = fc.record({
      what: fc.constantFrom("add", "touch", "remove", "close", "reopen", "look"),
      id: fc.integer({ min: 1, max: 5 }),
      timeoutMs: fc.integer({ min: 4_000, max: 40_000 }),
      passedMs: fc.integer({ min: 0, max: 9_000 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const tracker = new SessionTracker();
        let nowMs = 0;
        for (const { what, id, timeoutMs, passedMs } of steps) {
          nowMs += passedMs;
          if (what === "add") tracker.add(session(id, timeoutMs), nowMs);
          else if (what === "touch") tracker.touch(id, nowMs);
          else if (what === "remove") tracker.remove(id);
          else if (what === "look") tracker.expired(nowMs);
          else tracker.setClosing(id, what === "close");
          const ends = [1, 2, 3, 4, 5].flatMap((one) => {
            const tracked = tracker.get(one);
            if (tracked === undefined || tracked.isClosing) return [];
            return [deadlineOf(tracked.lastSeenMs, tracked.session.timeoutMs)];
          });
          const next = tracker.nextDeadlineMs() ?? Infinity;
          expect(next).toBeLessThanOrEqual(Math.min(Infinity, ...ends));
        }
      }),
    );
  });
});

describe("closing", () => {
  it("[SB6] a closing session takes no touch and does not expire again", () => {
    const tracker = tracking([1, 4_000, 0]);
    tracker.setClosing(1, true);
    expect(tracker.touch(1, 5_000)).toBe(false);
    expect(tracker.get(1)).toMatchObject({ lastSeenMs: 0, isClosing: true });
    expect(tracker.expired(6_000)).toEqual([]);
  });

  it("[SB6] a session whose end was discarded lives on and can expire", () => {
    const tracker = tracking([1, 4_000, 0]);
    expect(tracker.expired(6_000)).toEqual([1]);
    tracker.setClosing(1, true);
    expect(tracker.expired(6_000)).toEqual([]);
    tracker.setClosing(1, false);
    expect(tracker.expired(6_000)).toEqual([1]);
  });

  it("[SB6] a session that is gone takes no touch", () => {
    const tracker = tracking([1, 4_000, 0]);
    tracker.remove(1);
    expect(tracker.touch(1, 1_000)).toBe(false);
    expect(tracker.get(1)).toBeUndefined();
  });
});

describe("an outage", () => {
  it("[SB7] an alarm more than two ticks late was one", () => {
    expect(wasOutage(10_000, 14_000)).toBe(false);
    expect(wasOutage(10_000, 14_001)).toBe(true);
  });

  it("[SB7] sessions whose deadline fell into it get a full timeout from now", () => {
    const tracker = tracking([1, 4_000, 0], [2, 8_000, 0], [3, 60_000, 0]);
    expect(tracker.forgive(6_000, 30_000)).toEqual([1, 2]);
    expect(tracker.expired(30_000)).toEqual([]);
    expect(tracker.nextDeadlineMs()).toBe(36_000);
    expect(tracker.expired(40_000)).toEqual([1, 2]);
    expect(tracker.get(3)?.lastSeenMs).toBe(0);
  });

  it("[SB7] an alarm in time forgives nobody", () => {
    const tracker = tracking([1, 4_000, 0]);
    expect(tracker.forgive(6_000, 10_000)).toEqual([]);
    expect(tracker.expired(10_000)).toEqual([1]);
  });

  it("[SB7] sessions that were heard in it or are closing are not touched", () => {
    const tracker = tracking([2, 10_000, 0], [3, 10_000, 0]);
    tracker.setClosing(3, true);
    const heard = (id: number) => (id === 2 ? 29_000 : undefined);
    expect(tracker.forgive(8_000, 30_000, heard)).toEqual([]);
    expect(tracker.get(2)?.lastSeenMs).toBe(29_000);
    expect(tracker.get(3)?.lastSeenMs).toBe(0);
  });

  it("[SB7] a stored time older than what the alarm was set by costs nobody the session", () => {
    const tracker = tracking([1, 4_000, 1_900]);
    expect(tracker.forgive(8_000, 30_000)).toEqual([1]);
  });
});
