import { StoreHistory } from "../../storage/store-history.ts";
import type { Store } from "../../storage/store.ts";
import type { Configuration } from "../../zab/configuration.ts";
import { QuorumPeer } from "../../zab/quorum-peer.ts";
import type { ZooKeeperServer } from "../zookeeper-server.ts";
import { configurationIn } from "./configuration-text.ts";
import { EnsembleRunner, type EnsembleRunnerOptions } from "./ensemble-runner.ts";
import type { MemberOptions } from "./member-state.ts";

/** What a member of an ensemble is put together from. */
export interface CreateMemberOptions extends Pick<EnsembleRunnerOptions, "send"> {
  readonly store: Store;
  readonly sid: number;
  /** Names the ensemble. */
  readonly ensemble: string;
  /** Counts until another configuration was committed. */
  readonly initial: Configuration;
  /** Drawn at each start, not 0. */
  readonly incarnation: number;
  readonly nowMs: number;
  readonly makeServer: (member: MemberOptions) => ZooKeeperServer;
}

/** Puts replication, server and store together, in the state of before the sleep. */
export function createMember(options: CreateMemberOptions): {
  readonly peer: QuorumPeer;
  readonly runner: EnsembleRunner;
} {
  const { store, sid, initial, incarnation, makeServer, send } = options;
  const hardState = store.hardState();
  const peer = new QuorumPeer({
    ...options,
    initialConfiguration: initial,
    hardState,
    history: new StoreHistory(store),
    configurationIn,
  });
  const configuration = hardState.configuration ?? initial;
  const runner = new EnsembleRunner({
    store,
    peer,
    makeServer: (known) => makeServer({ sid, incarnation, configuration, ...known }),
    send,
  });
  return { peer, runner };
}
