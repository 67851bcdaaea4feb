import type { SessionId } from "../../core/data-node.ts";
import type { Sid } from "../../zab/configuration.ts";
import { endSession } from "../expiry.ts";
import { lastSeenOfSession } from "../liveness.ts";
import type { ServerState } from "../server-state.ts";
import { writeLeaderStart } from "./leader-start.ts";
import type { SessionAge } from "./member-message.ts";
import type { LeadingRole, MemberState } from "./member-state.ts";

/** How long a leader waits for the members' word on sessions that are due, ms. */
export const SEEN_WAIT_MS = 2_000;

/** Sessions that are due, and the members that were not heard about them yet. */
export interface SeenRound {
  readonly round: number;
  readonly due: readonly SessionId[];
  readonly waitingFor: Set<Sid>;
  /** Those that are out of reach: they may have heard what they can't tell. */
  readonly silent: Set<Sid>;
  readonly startedMs: number;
}

/**
 * Before a session is expired every member is asked when it heard of it: nobody tells while all is
 * well, so that heartbeats wake nobody [EN21].
 *
 * One round at a time; what comes due meanwhile is in the next one.
 */
export function askBeforeExpiry(
  state: ServerState,
  member: MemberState,
  role: LeadingRole,
  due: readonly SessionId[],
): void {
  if (due.length === 0 || member.seenRound !== undefined) return;
  const others = member.configuration.members.flatMap(({ sid }) =>
    sid === member.sid ? [] : [sid],
  );
  member.lastSeenRound += 1;
  const round = member.lastSeenRound;
  member.seenRound = {
    round,
    due,
    waitingFor: new Set(others),
    silent: new Set(),
    startedMs: state.nowMs,
  };
  for (const sid of others) {
    const { epoch } = role;
    state.outbox.memberMessage(sid, { type: "askSeen", epoch, round, sessionIds: due });
  }
  if (others.length === 0) endRound(state, member);
}

/** A member says how long it has not heard of the sessions of a round. */
export function takeSeen(
  state: ServerState,
  member: MemberState,
  from: Sid,
  { round, ages }: { readonly round: number; readonly ages: readonly SessionAge[] },
): void {
  for (const { id, ageMs } of ages) state.tracker.touch(id, state.nowMs - Math.max(0, ageMs));
  const { seenRound } = member;
  if (seenRound?.round !== round || !seenRound.waitingFor.delete(from)) return;
  if (seenRound.waitingFor.size === 0) endRound(state, member);
}

/** A member is out of reach: the round does not wait for it. */
export function giveUpOn(state: ServerState, member: MemberState, sid: Sid): void {
  const { seenRound } = member;
  if (seenRound?.waitingFor.delete(sid) !== true) return;
  seenRound.silent.add(sid);
  if (seenRound.waitingFor.size === 0) endRound(state, member);
}

/** A round does not wait for ever. */
export function endOverdueRound(state: ServerState, member: MemberState): void {
  const { seenRound } = member;
  if (seenRound === undefined || state.nowMs < seenRound.startedMs + SEEN_WAIT_MS) return;
  endRound(state, member);
}

/** Ends what nobody heard of, and extends, once, what a silent member may have heard of. */
function endRound(state: ServerState, member: MemberState): void {
  const { seenRound, leaderStart } = member;
  member.seenRound = undefined;
  if (seenRound === undefined || leaderStart === undefined) return;
  const { due } = seenRound;
  const silent = new Set([...seenRound.silent, ...seenRound.waitingFor]);
  const lastSeen = (id: SessionId): number | undefined => lastSeenOfSession(state, id);
  const expired = new Set(state.tracker.expired(state.nowMs, lastSeen));
  let isExtended = false;
  for (const id of due) {
    if (!expired.has(id)) continue;
    const owner = member.owners.find(id)?.sid;
    const mayLive = owner === undefined ? silent.size > 0 : silent.has(owner);
    if (mayLive && !leaderStart.extended.has(id)) {
      leaderStart.extended.set(id, state.nowMs);
      state.tracker.touch(id, state.nowMs);
      isExtended = true;
    } else {
      endSession(state, id);
    }
  }
  if (!isExtended) return;
  // Also puts those that were extended behind what is due now.
  state.tracker.expired(state.nowMs, lastSeen);
  writeLeaderStart(state.store, leaderStart, (id) => state.tracker.get(id) !== undefined);
}

/** What this member heard of sessions: its sockets' heartbeats, and calls that spoke for them. */
export function agesOf(state: ServerState, ids: readonly SessionId[]): SessionAge[] {
  const ages: SessionAge[] = [];
  for (const id of ids) {
    const heardMs = state.tracker.get(id)?.lastSeenMs ?? 0;
    const seenMs = Math.max(heardMs, lastSeenOfSession(state, id) ?? 0);
    if (seenMs > 0) ages.push({ id, ageMs: state.nowMs - seenMs });
  }
  return ages;
}
