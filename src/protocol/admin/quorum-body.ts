import type { AdminData, AdminQuorum } from "../../core/admin-data.ts";
import { formatZxid } from "../../core/zxid.ts";
import type { AdminJson } from "./jackson.ts";
import { ELECTION_PORT, hostOf, QUORUM_PORT, voters } from "./quorum-view.ts";

type Body = Record<string, AdminJson>;

const COUNTERS = 2 ** 32;

/** `leader`. Source: ZooKeeper `Commands.LeaderCommand`. */
export function leaderBody({ quorum }: AdminData): Body {
  if (quorum === undefined) return { error: "server is not initialized" };
  const { leader, state } = quorum;
  return {
    is_leader: state === "LEADING",
    leader_id: leader === 0 ? -1 : leader,
    leader_ip: leader === 0 ? "" : hostOf(quorum, leader),
  };
}

/** `observers`. Source: ZooKeeper `Commands.ObserverCommand`, `LearnerHandler`. */
export function observersBody({ quorum }: AdminData): Body {
  const observers = (quorum?.learners ?? []).filter(({ type }) => type === "observer");
  return {
    synced_observers: observers.filter(({ isSynced }) => isSynced).length,
    observers: observers.map(({ sid, lastZxid }) => ({ sid, last_zxid: formatZxid(lastZxid) })),
  };
}

/** `voting_view`. Source: ZooKeeper `Commands.VotingViewCommand`. */
export function votingViewBody({ quorum }: AdminData): Body {
  if (quorum === undefined) return { current_config: {} };
  return {
    current_config: Object.fromEntries(
      voters(quorum).map(({ sid, type }) => [
        sid,
        {
          server_addresses: [`${hostOf(quorum, sid)}:${QUORUM_PORT}`],
          election_addresses: [`${hostOf(quorum, sid)}:${ELECTION_PORT}`],
          client_address: "",
          learner_type: type,
        },
      ]),
    ),
  };
}

/** `zabstate`. Source: ZooKeeper `Commands.ZabStateCommand`. */
export function zabStateBody({ quorum, zxid }: AdminData): Body {
  if (quorum === undefined) return { voting: false, zabstate: "" };
  const { sid, state, zabState } = quorum;
  return {
    myid: sid,
    is_leader: state === "LEADING",
    quorum_address: `${hostOf(quorum, sid)}:${QUORUM_PORT}`,
    election_address: `${hostOf(quorum, sid)}:${ELECTION_PORT}`,
    client_address: "",
    voting: state !== "LOOKING" && isVoter(quorum),
    last_zxid: formatZxid(zxid),
    zab_epoch: Math.floor(zxid / COUNTERS),
    zab_counter: zxid % COUNTERS,
    zabstate: zabState,
  };
}

function isVoter(quorum: AdminQuorum): boolean {
  return voters(quorum).some(({ sid }) => sid === quorum.sid);
}
