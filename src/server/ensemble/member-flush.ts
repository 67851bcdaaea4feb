import type { ServerState } from "../server-state.ts";
import { flushForwards } from "./forwarding.ts";
import type { MemberState } from "./member-state.ts";

/** Something waits for the end of the turn, beside txns. */
export function memberWantsFlush({
  role,
  confirmations,
  forwarded,
  forwards,
  isLeaderAsked,
}: MemberState): boolean {
  if (role.type === "leading") return confirmations.isWanted || forwarded.hasAnswers;
  if (role.type !== "learning" || (role.incarnation === 0 && isLeaderAsked)) return false;
  return confirmations.isWanted || forwards.hasUnsent;
}

/** Ends the turn of a member: one message to each of the others, one round for all reads. */
export function flushMember(state: ServerState, member: MemberState): void {
  const { role, confirmations, forwarded } = member;
  if (role.type === "learning") return flushForwards(state, member, role);
  if (role.type !== "leading") return;
  const { epoch } = role;
  for (const { to, id, answers } of forwarded.takeAnswers()) {
    state.outbox.memberMessage(to, { type: "forwardAnswers", epoch, ...id, answers });
  }
  if (confirmations.isWanted) state.outbox.confirmQuorum(confirmations.ask(state.nowMs));
}
