import { assert, unreachable } from "../../core/assert.ts";
import type { Sid } from "../../zab/configuration.ts";
import type { ServerState } from "../server-state.ts";
import { takeAnswers } from "./forward-answers.ts";
import { takeForwarded } from "./forwarded.ts";
import { repeatForwards } from "./forwarding.ts";
import { learn } from "./learned.ts";
import { answerConfirmations, confirmFor } from "./linearizable-reads.ts";
import type { MemberInput } from "./member-input.ts";
import type { MemberMessage } from "./member-message.ts";
import type { MemberState } from "./member-state.ts";
import { setRole } from "./roles.ts";
import { agesOf, giveUpOn, takeSeen } from "./seen-round.ts";
import { closeMoved } from "./session-moves.ts";
import { wakeConfirmed } from "./wake-confirmed.ts";

/** Takes in what only a member of an ensemble hears. */
export function takeMemberInput(state: ServerState, input: MemberInput): void {
  const { member } = state;
  assert(member !== undefined, `a server that stands alone hears ${input.type}`);
  switch (input.type) {
    case "role":
      return setRole(state, member, input.role);
    case "configuration":
      member.configuration = input.configuration;
      return;
    case "learned":
      member.leaderHeardMs = state.nowMs;
      return learn(state, member, input.txns, input.origins);
    case "confirmed":
      return confirmed(state, member, input.round, 0);
    case "memberMessage":
      return takeMessage(state, member, input.from, input.message);
    case "memberLost":
      return takeLoss(state, member, input.sid);
    default:
      return unreachable(input);
  }
}

function takeMessage(
  state: ServerState,
  member: MemberState,
  from: Sid,
  message: MemberMessage,
): void {
  const { role } = member;
  if (role.type === "leading" && message.epoch === role.epoch) {
    takeFromLearner(state, member, from, message);
  } else if (role.type === "learning" && message.epoch === role.epoch && from === role.leader) {
    takeFromLeader(state, member, message);
  }
}

function takeFromLearner(
  state: ServerState,
  member: MemberState,
  from: Sid,
  message: MemberMessage,
): void {
  switch (message.type) {
    case "forward":
      if (message.leader === member.incarnation) takeForwarded(state, member, from, message.batch);
      return;
    case "confirm":
      return confirmFor(state, member, {
        to: from,
        incarnation: message.incarnation,
        round: message.round,
      });
    case "seen":
      return takeSeen(state, member, from, message);
    default:
  }
}

function takeFromLeader(state: ServerState, member: MemberState, message: MemberMessage): void {
  const { role } = member;
  assert(role.type === "learning", "a leader speaks to those who learn from it");
  member.leaderHeardMs = state.nowMs;
  switch (message.type) {
    case "forwardAnswers":
      return takeAnswers(state, member, message, message.answers);
    case "forwardGap":
      if (member.forwards.isOwn(message)) repeatForwards(state, member, role, message.expectedSeq);
      return;
    case "confirmed":
      if (message.incarnation !== member.incarnation) return;
      return confirmed(state, member, message.round, message.zxid);
    case "sessionMoved":
      return closeMoved(state, message.sessionId);
    case "askSeen": {
      const { epoch, round, sessionIds } = message;
      const ages = agesOf(state, sessionIds);
      state.outbox.memberMessage(role.leader, { type: "seen", epoch, round, ages });
      return;
    }
    default:
  }
}

/** A round is confirmed: reads run once the tree has what it saw. */
function confirmed(state: ServerState, member: MemberState, round: number, zxid: number): void {
  member.confirmations.confirm(round, zxid);
  answerConfirmations(state, member, round);
  wakeConfirmed(state, member);
}

/** A member is out of reach: nobody waits for its word on sessions. */
function takeLoss(state: ServerState, member: MemberState, sid: Sid): void {
  if (member.role.type !== "leading") return;
  giveUpOn(state, member, sid);
}
