import type { AdminData, AdminMember, AdminQuorum } from "../../core/admin-data.ts";

/*
 * How ZooKeeper speaks of the ensemble that a server is in. Without one it stands alone.
 */

/** Ports of ZooKeeper's that don't exist here but have a place in its texts. */
export const QUORUM_PORT = 2888;
export const ELECTION_PORT = 3888;

/** Ticks. Source: ZooKeeper `initLimit`, `syncLimit`; in ms they are zab's timing. */
export const INIT_LIMIT = 5;
export const SYNC_LIMIT = 5;

/** `standalone`, `leader`, `follower`, `observer` or `read-only`. Source: ZooKeeper `ServerStats.Provider.getState`. */
export function serverState({ quorum }: AdminData): string {
  if (quorum === undefined) return "standalone";
  switch (quorum.state) {
    case "LEADING":
      return "leader";
    case "FOLLOWING":
      return "follower";
    case "OBSERVING":
      return "observer";
    case "LOOKING":
      return quorum.isReadOnly === true ? "read-only" : "leaderelection";
  }
}

/** `leading - broadcast`. Source: ZooKeeper `QuorumPeer.getDetailedPeerState`. */
export function peerState({ state, zabState }: AdminQuorum): string {
  return `${state.toLowerCase()} - ${zabState}`;
}

/** Members that vote. Source: ZooKeeper `QuorumPeer.getVotingView`. */
export function voters({ configuration }: AdminQuorum): readonly AdminMember[] {
  return configuration.members.filter(({ type }) => type === "participant");
}

/** What a leader counts of its learners. Source: ZooKeeper `Leader`, `LeaderZooKeeperServer`. */
export function learnerCounts(quorum: AdminQuorum): {
  readonly learners: number;
  readonly syncedFollowers: number;
  readonly syncedNonVotingFollowers: number;
  readonly syncedObservers: number;
} {
  const voting = new Set(voters(quorum).map(({ sid }) => sid));
  const synced = quorum.learners.filter(({ isSynced }) => isSynced);
  const followers = synced.filter(({ type }) => type === "participant");
  const syncedFollowers = followers.filter(({ sid }) => voting.has(sid)).length;
  return {
    learners: quorum.learners.length,
    syncedFollowers,
    syncedNonVotingFollowers: followers.length - syncedFollowers,
    syncedObservers: synced.length - followers.length,
  };
}

/** Members have no address; the region that one was placed in stands for it. */
export function hostOf({ configuration }: AdminQuorum, sid: number): string {
  return configuration.members.find((member) => member.sid === sid)?.region ?? "any";
}

/** `server.1=…` a line, as in `/zookeeper/config`. Source: ZooKeeper `QuorumMaj.toString`. */
export function formatMembership(quorum: AdminQuorum): string {
  const { version, members } = quorum.configuration;
  const lines = members.map(
    ({ sid, type }) =>
      `server.${sid}=${hostOf(quorum, sid)}:${QUORUM_PORT}:${ELECTION_PORT}:${type}\n`,
  );
  return `${lines.join("")}version=${version.toString(16)}`;
}
