import type { SessionId } from "../../../src/core/data-node.ts";
import { TICK_MS } from "../../../src/core/session.ts";
import type { LoggedTxn } from "../../../src/core/txn.ts";
import type { Zxid } from "../../../src/core/zxid.ts";
import type { Sid } from "../../../src/zab/configuration.ts";
import type { Checker, History, Touch, Violation } from "../history.ts";
import { describeTime, describeTxn } from "./describe.ts";
import { indexHistory } from "./index-history.ts";
import { replay } from "./replay.ts";
import { type Row, violation } from "./violation.ts";

const EARLY = { checker: "session-timeouts", rule: "CG17" };
const IMMORTAL = { checker: "session-timeouts", rule: "CG18" };

const EPOCH = 2 ** 32;
/** For finding a leader, for members to wake up, and for the txn that ends the session. */
const SETTLE_US = 20_000_000;

/**
 * Checks that a session is never expired before its timeout since it was last heard of, and that it
 * doesn't live on for ever once nobody hears of it.
 *
 * When the leader decided is not recorded; it lies between the latest request of a txn before and
 * the first time that a member applied the expiry. What the leader can't know is no fault of its:
 *
 * - a sign of life that reached another member counts only where nothing keeps members apart, behind
 *   the end of faults;
 * - a clock that jumps forward makes every session older by the jump.
 */
export const checkSessionTimeouts: Checker = (history) => [
  ...checkEarly(history),
  ...checkImmortal(history),
];

/** When a decision was made at the earliest and at the latest, and by whom. */
interface Decision {
  readonly logged: LoggedTxn;
  readonly timeoutUs: number;
  readonly earliestUs: number;
  readonly latestUs: number;
  readonly leader: Sid | undefined;
  /** When the epoch's leader was established first: every session had a full timeout from there. */
  readonly epochUs: number;
}

function checkEarly(history: History): Violation[] {
  const touchesOf = groupTouches(history.touches);
  return decisionsOf(history).flatMap((decision) => {
    const { logged, timeoutUs, earliestUs, latestUs, epochUs, leader } = decision;
    const { sessionId } = logged.header;
    const healedUs = history.healedUs ?? Infinity;
    const relevant = (touchesOf.get(sessionId) ?? []).filter(
      ({ sid, atUs }) => leader === undefined || sid === leader || atUs > healedUs,
    );
    const moments = [latestUs];
    for (const { atUs } of relevant) {
      if (atUs > earliestUs && atUs <= latestUs) moments.push(atUs - 1);
    }
    const isLegal = moments.some((atUs) => {
      const last = lastBefore(relevant, atUs)?.atUs ?? -Infinity;
      const heardUs = Math.max(last, epochUs);
      return atUs - heardUs >= timeoutUs - jumpsUs(history, heardUs, atUs);
    });
    if (isLegal) return [];
    const heard = lastBefore(relevant, latestUs);
    const sentence = `session ${sessionId.toString(16)} was expired before its timeout of ${timeoutUs / 1_000} ms`;
    const rows: Row[] = [
      ["leader since", describeTime(epochUs), `member ${leader ?? "?"}`],
      ["last heard of", describeTime(heard?.atUs), `member ${heard?.sid ?? "?"}`],
      ["decided from", describeTime(earliestUs), `to ${describeTime(latestUs)}`],
      describeTxn(logged),
    ];
    return [violation(EARLY, sentence, rows)];
  });
}

/** Expiries: ends of sessions that no client asked for. */
function decisionsOf(history: History): Decision[] {
  const { operationOf } = indexHistory(history);
  const appliedUs = firstApplied(history);
  const leaders = leadersOf(history);
  const timeouts = new Map<SessionId, number>();
  const decisions: Decision[] = [];
  let earliestUs = 0;
  let epoch = -1;
  for (const logged of history.txns) {
    const { header, txn } = logged;
    const now = Math.floor(header.zxid / EPOCH);
    if (now !== epoch) [epoch, earliestUs] = [now, leaders.get(now)?.atUs ?? 0];
    const operation = operationOf.get(logged);
    earliestUs = Math.max(earliestUs, operation?.invokedUs ?? 0);
    if (txn.type === "createSession") timeouts.set(txn.id, txn.timeoutMs * 1_000);
    const timeoutUs = timeouts.get(header.sessionId);
    if (txn.type !== "closeSession" || operation !== undefined || timeoutUs === undefined) continue;
    const leader = leaders.get(epoch);
    const latestUs = appliedUs.get(header.zxid) ?? history.endedUs;
    const epochUs = leader?.atUs ?? 0;
    decisions.push({ logged, timeoutUs, earliestUs, latestUs, leader: leader?.sid, epochUs });
  }
  return decisions;
}

/** When each txn was applied first, by any member. */
function firstApplied({ members }: History): Map<Zxid, number> {
  const first = new Map<Zxid, number>();
  for (const { events } of members) {
    for (const event of events) {
      if (event.type !== "applied") continue;
      for (const { zxid } of event.txns) {
        first.set(zxid, Math.min(first.get(zxid) ?? Infinity, event.atUs));
      }
    }
  }
  return first;
}

/** The leader of each epoch, and when it was established first. */
function leadersOf({
  members,
}: History): Map<number, { readonly sid: Sid; readonly atUs: number }> {
  const leaders = new Map<number, { readonly sid: Sid; readonly atUs: number }>();
  for (const { sid, events } of members) {
    for (const event of events) {
      if (event.type !== "role" || event.role.type !== "leading") continue;
      if (!leaders.has(event.role.epoch)) leaders.set(event.role.epoch, { sid, atUs: event.atUs });
    }
  }
  return leaders;
}

function groupTouches(touches: readonly Touch[]): Map<SessionId, Touch[]> {
  const groups = new Map<SessionId, Touch[]>();
  for (const touch of touches) {
    const others = groups.get(touch.session);
    if (others === undefined) groups.set(touch.session, [touch]);
    else others.push(touch);
  }
  return groups;
}

function lastBefore(touches: readonly Touch[], atUs: number): Touch | undefined {
  return touches.findLast((touch) => touch.atUs <= atUs);
}

/** By how much clocks jumped forward in a time: all of them, because each knows its own sessions. */
function jumpsUs({ members }: History, fromUs: number, toUs: number): number {
  let sum = 0;
  for (const { events } of members) {
    for (const event of events) {
      if (event.type !== "clock" || event.jumpMs <= 0) continue;
      if (event.atUs >= fromUs && event.atUs <= toUs) sum += event.jumpMs * 1_000;
    }
  }
  return sum;
}

/** Once faults have ended, a session that nobody hears of ends. */
function checkImmortal(history: History): Violation[] {
  const { healedUs, endedUs } = history;
  const { openSessions, isComplete } = replay(history);
  if (healedUs === undefined || !isComplete) return [];
  const touchesOf = groupTouches(history.touches);
  let settledUs = healedUs;
  for (const { events } of history.members) {
    const last = events.findLast(({ type }) => type === "started" || type === "role");
    settledUs = Math.max(settledUs, last?.atUs ?? 0);
  }
  return [...openSessions].flatMap(([id, timeoutMs]) => {
    const heard = touchesOf.get(id)?.at(-1);
    const fromUs = Math.max(settledUs, heard?.atUs ?? 0);
    const limitUs = (2 * timeoutMs + 2 * TICK_MS) * 1_000 + SETTLE_US;
    if (endedUs - fromUs <= limitUs) return [];
    const sentence = `session ${id.toString(16)} lives on, with a timeout of ${timeoutMs} ms`;
    const rows: Row[] = [
      ["last heard of", describeTime(heard?.atUs), `member ${heard?.sid ?? "?"}`],
      ["faults ended", describeTime(healedUs)],
      ["all settled", describeTime(settledUs)],
      ["run ended", describeTime(endedUs)],
    ];
    return [violation(IMMORTAL, sentence, rows)];
  });
}
