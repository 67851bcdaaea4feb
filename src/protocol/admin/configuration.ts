import type { AdminData, AdminQuorum } from "../../core/admin-data.ts";
import { NATIVE_TIMEOUT_BOUNDS, TICK_MS } from "../../core/session.ts";
import type { AdminJson } from "./jackson.ts";
import {
  ELECTION_PORT,
  formatMembership,
  INIT_LIMIT,
  QUORUM_PORT,
  SYNC_LIMIT,
} from "./quorum-view.ts";

/** Fast Leader Election, the only one that ZooKeeper has left. */
const ELECTION_ALGORITHM = 3;

/** What only the door knows. */
export interface AdminContext {
  /** Where clients of the native protocol connect; −1 if nobody listens there, or it isn't known. */
  readonly clientPort: number;
}

/** Log and tables are in one database, so both directories are this one and have its size. */
const DATA_DIR = "durable-object";

const { minMs, maxMs } = NATIVE_TIMEOUT_BOUNDS;

/**
 * `conf`. −1 and 0 stand for what isn't there, as in ZooKeeper: no TLS port, no limit of connections
 * to an address, no backlog of our own.
 *
 * Source: ZooKeeper `ZooKeeperServer.dumpConf`.
 */
export function formatConfiguration(data: AdminData, { clientPort }: AdminContext): string {
  const { databaseBytes, quorum } = data;
  const lines = [
    `clientPort=${clientPort}`,
    "secureClientPort=-1",
    `dataDir=${DATA_DIR}`,
    `dataDirSize=${databaseBytes}`,
    `dataLogDir=${DATA_DIR}`,
    `dataLogSize=${databaseBytes}`,
    `tickTime=${TICK_MS}`,
    "maxClientCnxns=0",
    `minSessionTimeout=${minMs}`,
    `maxSessionTimeout=${maxMs}`,
    "clientPortListenBacklog=-1",
    `serverId=${quorum?.sid ?? 0}`,
    ...(quorum === undefined ? [] : quorumLines(quorum)),
  ];
  return `${lines.join("\n")}\n`;
}

/** Source: ZooKeeper `QuorumZooKeeperServer.dumpConf`. */
function quorumLines(quorum: AdminQuorum): readonly string[] {
  return [
    `initLimit=${INIT_LIMIT}`,
    `syncLimit=${SYNC_LIMIT}`,
    `electionAlg=${ELECTION_ALGORITHM}`,
    `electionPort=${ELECTION_PORT}`,
    `quorumPort=${QUORUM_PORT}`,
    `peerType=${peerType(quorum)}`,
    "membership: ",
    formatMembership(quorum),
  ];
}

/** Source: ZooKeeper `LearnerType.ordinal`. */
function peerType({ state }: AdminQuorum): number {
  return state === "OBSERVING" ? 1 : 0;
}

/** `configuration`. Source: ZooKeeper `ZooKeeperServerConf.toMap`. */
export function configurationBody(
  { quorum }: AdminData,
  { clientPort }: AdminContext,
): Record<string, AdminJson> {
  return {
    client_port: clientPort,
    data_dir: DATA_DIR,
    data_log_dir: DATA_DIR,
    tick_time: TICK_MS,
    max_client_cnxns: 0,
    min_session_timeout: minMs,
    max_session_timeout: maxMs,
    server_id: quorum?.sid ?? 0,
    client_port_listen_backlog: -1,
    ...(quorum !== undefined && {
      init_limit: INIT_LIMIT,
      sync_limit: SYNC_LIMIT,
      election_alg: ELECTION_ALGORITHM,
      election_port: ELECTION_PORT,
      quorum_port: QUORUM_PORT,
      peer_type: peerType(quorum),
    }),
  };
}

/** The file that a ZooKeeper of this configuration would have been started with. */
export function initialConfiguration({ clientPort }: AdminContext): string {
  return `tickTime=${TICK_MS}\ndataDir=${DATA_DIR}\nclientPort=${clientPort}\nmaxClientCnxns=0\n`;
}
