import type { Configuration, Sid } from "../../zab/configuration.ts";
import type { PeerRole } from "../../zab/ready.ts";
import { Confirmations } from "./confirmations.ts";
import { ForwardQueue } from "./forward-queue.ts";
import { ForwardedStreams } from "./forwarded-streams.ts";
import type { ForwardAnswer } from "./member-message.ts";
import type { LeaderStart } from "./leader-start.ts";
import type { RemoteConfirmation } from "./linearizable-reads.ts";
import { ReadOnlySessions } from "./read-only-sessions.ts";
import type { SeenRound } from "./seen-round.ts";
import { SessionOwners } from "./session-owners.ts";

/** What makes a server a member of an ensemble. */
export interface MemberOptions {
  readonly sid: Sid;
  /** Drawn at each start: tells the instances of a member apart. */
  readonly incarnation: number;
  /** The last one that is known to be committed, or the initial one. */
  readonly configuration: Configuration;
  /** The learners that have what this leader has; absent = all. A reconfiguration asks. */
  readonly syncedMembers?: (() => Iterable<Sid>) | undefined;
}

/**
 * What a server is in its ensemble. `waiting` is before the first word of the peer, and between that
 * it leads and that everything logged is applied: requests are taken in and none is done.
 */
export type MemberRole = PeerRole | { readonly type: "waiting" };

export type LeadingRole = Extract<PeerRole, { readonly type: "leading" }>;
export type LearningRole = Extract<PeerRole, { readonly type: "learning" }>;

/** Everything that a server knows as a member; the files beside this one are what it does. */
export interface MemberState {
  readonly sid: Sid;
  readonly incarnation: number;
  configuration: Configuration;
  readonly syncedMembers: (() => Iterable<Sid>) | undefined;
  role: MemberRole;
  /** To be taken up once everything logged is applied. */
  nextRole: LeadingRole | undefined;
  readonly confirmations: Confirmations;
  /** Since when it has no leader, ms since 1970; only while it looks for one. */
  lookingSinceMs: number;
  /** Made while it serves read-only, and over with that. */
  readonly readOnlySessions: ReadOnlySessions;
  /** As a learner. */
  readonly forwards: ForwardQueue;
  /** As a learner: answers that show what is not applied here yet, in the order of arrival. */
  answersAhead: ForwardAnswer[];
  /** As a learner: when the leader was heard last, ms since 1970. */
  leaderHeardMs: number;
  /** As a learner: when that is looked at next, ms since 1970; undefined while nobody needs it. */
  leaderCheckMs: number | undefined;
  /** As a learner that woke: somebody waits, and the peer was asked to look after the leader. */
  isLeaderAsked: boolean;
  /** As the leader. */
  readonly forwarded: ForwardedStreams;
  readonly owners: SessionOwners;
  /** As the leader: rounds that learners wait for. */
  remoteConfirmations: RemoteConfirmation[];
  leaderStart: LeaderStart | undefined;
  seenRound: SeenRound | undefined;
  lastSeenRound: number;
  /** The alarm that was set when the last instance ended, until the role says whether it counts. */
  alarmAtMs: number | undefined;
}

export function createMemberState({
  sid,
  incarnation,
  configuration,
  syncedMembers,
}: MemberOptions): MemberState {
  return {
    syncedMembers,
    sid,
    incarnation,
    configuration,
    role: { type: "waiting" },
    nextRole: undefined,
    confirmations: new Confirmations(),
    lookingSinceMs: 0,
    readOnlySessions: new ReadOnlySessions(),
    forwards: new ForwardQueue(incarnation),
    answersAhead: [],
    leaderHeardMs: 0,
    leaderCheckMs: undefined,
    isLeaderAsked: false,
    forwarded: new ForwardedStreams(),
    owners: new SessionOwners(),
    remoteConfirmations: [],
    leaderStart: undefined,
    seenRound: undefined,
    lastSeenRound: 0,
    alarmAtMs: undefined,
  };
}
