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
  if (confirmations.openRound !== undefined && confirmationDueMs(member) <= nowMs) {
    askForConfirmation(state, member, role);
    state.outbox.needLeader();
  }
  if ((leaderCheckMs(state, member) ?? Infinity) <= nowMs) {
    member.leaderHeardMs = nowMs;
    state.outbox.needLeader();
  }
}

/** When a member wants a tick; undefined = never. Deadlines of sessions are the leader's. */
export function memberWakeMs(
  state: ServerState,
  member: MemberState,
  ownWakeMs: number | undefined,
): number | undefined {
  const { role, seenRound } = member;
  if (role.type === "leading") {
    return seenRound === undefined ? ownWakeMs : seenRound.startedMs + SEEN_WAIT_MS;
  }
  if (role.type !== "learning") return undefined;
  const wakeMs = Math.min(
    member.forwards.dueMs ?? Infinity,
    member.confirmations.openRound === undefined ? Infinity : confirmationDueMs(member),
    leaderCheckMs(state, member) ?? Infinity,
  );
  return wakeMs === Infinity ? undefined : wakeMs;
}

function confirmationDueMs({ confirmations }: MemberState): number {
  return confirmations.askedMs + FORWARD_RESEND_MS;
}

/**
 * A leader asks after each session within its timeout and two ticks. One that asks after none may be
 * dead, and then nobody ends sessions: it is looked after [EN24].
 */
function leaderCheckMs(
  { tracker }: ServerState,
  { leaderHeardMs }: MemberState,
): number | undefined {
  const timeoutMs = tracker.minTimeoutMs();
  return timeoutMs === undefined ? undefined : leaderHeardMs + timeoutMs + 2 * TICK_MS;
}
