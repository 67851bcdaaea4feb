import { TICK_MS } from "../../core/session.ts";
import { nextWakeMs } from "../deadlines.ts";
import { reapDue, sessionsDue } from "../expiry.ts";
import { forgiveOutage } from "../liveness.ts";
import type { ServerState } from "../server-state.ts";
import { FORWARD_RESEND_MS } from "./forward-queue.ts";
import { askForConfirmation, repeatForwards } from "./forwarding.ts";
import { loseForwards } from "./learned.ts";
import type { LeadingRole, LearningRole, MemberState } from "./member-state.ts";
import { askBeforeExpiry, endOverdueRound, SEEN_WAIT_MS } from "./seen-round.ts";

/** A member looks at the clock: the leader for sessions and znodes, a learner for its leader. */
export function tickMember(state: ServerState, member: MemberState): void {
  const { role } = member;
  if (role.type === "leading") tickLeader(state, member, role);
  if (role.type === "learning") tickLearner(state, member, role);
}

function tickLeader(state: ServerState, member: MemberState, role: LeadingRole): void {
  const plannedMs = memberWakeMs(state, member, nextWakeMs(state));
  if (plannedMs !== undefined) forgiveOutage(state, plannedMs);
  endOverdueRound(state, member);
  askBeforeExpiry(state, member, role, sessionsDue(state));
  reapDue(state);
}

/** What was not answered is asked again, and a leader that is silent is looked after. */
function tickLearner(state: ServerState, member: MemberState, role: LearningRole): void {
  const { forwards, confirmations } = member;
  const { nowMs } = state;
  if (forwards.isOverdue(nowMs)) {
    loseForwards(state, member, "the leader did not answer");
  } else if ((forwards.dueMs ?? Infinity) <= nowMs) {
    repeatForwards(state, member, role);
    state.outbox.needLeader();
  }
  const askedMs = confirmations.openRound === undefined ? Infinity : confirmations.askedMs;
  if (askedMs + FORWARD_RESEND_MS <= nowMs) {
    askForConfirmation(state, member, role);
    state.outbox.needLeader();
  }
  if ((leaderCheckMs(state, member) ?? Infinity) <= nowMs) checkLeader(state, member);
}

/** When a member has to be awake; undefined = never. Deadlines of sessions are the leader's. */
export function memberWakeMs(
  state: ServerState,
  member: MemberState,
  ownWakeMs: number | undefined,
): number | undefined {
  const { role, seenRound } = member;
  if (role.type === "leading") {
    return seenRound === undefined ? ownWakeMs : seenRound.startedMs + SEEN_WAIT_MS;
  }
  return role.type === "learning" ? leaderCheckMs(state, member) : undefined;
}

/** When a learner that is awake wants a tick, for what it waits for; nothing of it outlives it. */
export function memberTimerMs({ role, forwards, confirmations }: MemberState): number | undefined {
  if (role.type !== "learning") return undefined;
  const isOpen = confirmations.openRound !== undefined;
  const confirmationMs = isOpen ? confirmations.askedMs + FORWARD_RESEND_MS : Infinity;
  const timerMs = Math.min(forwards.dueMs ?? Infinity, confirmationMs);
  return timerMs === Infinity ? undefined : timerMs;
}

/**
 * A leader asks after each session within its timeout and two ticks. One that asks after none may be
 * dead, and then nobody ends sessions: it is looked after [EN24].
 *
 * A word of the leader does not move this time, only the look at the clock does: an alarm that moved
 * with each batch would be a write for each.
 */
function leaderCheckMs(state: ServerState, member: MemberState): number | undefined {
  const timeoutMs = state.tracker.minTimeoutMs();
  const periodMs = (timeoutMs ?? 0) + 2 * TICK_MS;
  if (timeoutMs === undefined) member.leaderCheckMs = undefined;
  else if ((member.leaderCheckMs ?? Infinity) > state.nowMs + periodMs) {
    member.leaderCheckMs = member.leaderHeardMs + periodMs;
  }
  return member.leaderCheckMs;
}

function checkLeader(state: ServerState, member: MemberState): void {
  const periodMs = (state.tracker.minTimeoutMs() ?? 0) + 2 * TICK_MS;
  if (member.leaderHeardMs + periodMs <= state.nowMs) {
    member.leaderHeardMs = state.nowMs;
    state.outbox.needLeader();
  }
  member.leaderCheckMs = member.leaderHeardMs + periodMs;
}
