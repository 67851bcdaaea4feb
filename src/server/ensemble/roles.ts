import { Prep } from "../../core/prep.ts";
import type { PeerRole } from "../../zab/ready.ts";
import { loseConnection } from "../closing.ts";
import { discardAfter } from "../commit.ts";
import { forgiveOutage } from "../liveness.ts";
import { lastLoggedMs } from "../recovery.ts";
import { drain } from "../request-pipeline.ts";
import type { ServerState } from "../server-state.ts";
import { askForConfirmation } from "./forwarding.ts";
import { readLeaderStart, writeLeaderStart, type LeaderStart } from "./leader-start.ts";
import { loseForwards } from "./learned.ts";
import type { LeadingRole, LearningRole, MemberRole, MemberState } from "./member-state.ts";

/** Zxids of an epoch are behind this. */
const EPOCH_ZXIDS = 2 ** 32;

/**
 * The peer says what this member is from now on.
 *
 * Who learns from the same leader as before, or from its next instance, keeps its connections; any
 * other change ends them, as in ZooKeeper, where a server is made anew for each role.
 *
 * Source: ZooKeeper `QuorumPeer.run`, `ZooKeeperServer.shutdown`.
 */
export function setRole(state: ServerState, member: MemberState, role: PeerRole): void {
  const before = member.nextRole ?? member.role;
  if (isSameRole(before, role)) return;
  const isRelearning = before.type === "learning" && role.type === "learning";
  if (!isRelearning && before.type !== "waiting") endRole(state, member);
  member.nextRole = undefined;
  switch (role.type) {
    case "looking":
      member.role = role;
      member.lookingSinceMs = state.nowMs;
      loseConnections(state);
      return;
    case "learning":
      member.role = role;
      member.leaderHeardMs = state.nowMs;
      member.leaderCheckMs = undefined;
      member.isLeaderAsked = false;
      // Its own alarm woke it: the leader was not heard of in time [EN24].
      if (role.incarnation === 0 && (member.alarmAtMs ?? Infinity) <= state.nowMs) {
        state.outbox.needLeader();
      }
      if (isRelearning && isOtherLeader(before, role)) {
        member.answersAhead = [];
        loseForwards(state, member, "another leader took over before it answered");
      }
      if (role.incarnation !== 0) askForConfirmation(state, member, role);
      drainAll(state);
      return;
    default:
      member.role = { type: "waiting" };
      member.nextRole = role;
      leadWhenApplied(state, member);
  }
}

function isSameRole(before: MemberRole, role: PeerRole): boolean {
  if (before.type !== role.type) return false;
  if (before.type === "leading" && role.type === "leading") return before.epoch === role.epoch;
  return before.type === "learning" && role.type === "learning" && !isOtherLeader(before, role);
}

/** Another instance knows nothing of what the former one was sent. */
function isOtherLeader(
  before: LearningRole,
  { epoch, leader, incarnation }: LearningRole,
): boolean {
  return before.epoch !== epoch || before.leader !== leader || before.incarnation !== incarnation;
}

function endRole(state: ServerState, member: MemberState): void {
  // Prepared and not logged: nobody will ever hear of it.
  const { lastFlushedZxid, lastZxid } = state.proposals;
  loseConnections(state);
  if (lastFlushedZxid < lastZxid) discardAfter(state, lastFlushedZxid);
  member.readOnlySessions.clear();
  member.forwards.clear();
  member.answersAhead = [];
  member.forwarded.clear();
  member.owners.clear();
  member.remoteConfirmations = [];
  member.seenRound = undefined;
}

function loseConnections(state: ServerState): void {
  for (const connection of state.connections.all()) {
    loseConnection(state, connection, "this member of the ensemble has no leader");
  }
}

/** Begins to lead once the tree holds everything that is logged; called until it does. */
export function leadWhenApplied(state: ServerState, member: MemberState): void {
  const role = member.nextRole;
  if (role === undefined || state.proposals.peek() !== undefined) return;
  member.nextRole = undefined;
  member.role = role;
  const { limits, enforceQuota, tree } = state;
  const lastZxid = Math.max(tree.lastZxid, role.epoch * EPOCH_ZXIDS);
  const lastTimeMs = lastLoggedMs(state.store.log);
  state.prep = new Prep(tree.tables, { lastZxid, lastTimeMs, limits, enforceQuota });
  startSessions(state, member, role);
  drainAll(state);
}

/**
 * Every session gets a full timeout from a new leader, which knows nothing of when it was heard. One
 * that wakes in its epoch goes on where it slept: or waking would keep every session alive.
 *
 * Source: ZooKeeper `LeaderZooKeeperServer.createSessionTracker`, `SessionTrackerImpl`.
 */
function startSessions(state: ServerState, member: MemberState, { epoch }: LeadingRole): void {
  const kept = readLeaderStart(state.store);
  if (kept?.epoch === epoch) {
    touchAll(state, kept);
    member.leaderStart = kept;
    if (member.alarmAtMs !== undefined) forgiveOutage(state, member.alarmAtMs);
  } else {
    const started = { epoch, startedMs: state.nowMs, extended: new Map<number, number>() };
    touchAll(state, started);
    member.leaderStart = started;
    writeLeaderStart(state.store, started, () => false);
  }
  member.alarmAtMs = undefined;
}

function touchAll({ tracker, tree }: ServerState, { startedMs, extended }: LeaderStart): void {
  for (const session of tree.tables.sessions()) {
    tracker.add(session, Math.max(startedMs, extended.get(session.id) ?? 0));
  }
}

function drainAll(state: ServerState): void {
  for (const connection of state.connections.all()) drain(state, connection);
}
