import type { AdminData, AdminQuorum } from "../core/admin-data.ts";
import { learnerCounts, voters } from "../protocol/admin/quorum-view.ts";

/** A number of the status: its name for Prometheus, and what it counts. */
interface Gauge {
  readonly name: string;
  readonly help: string;
  readonly value: (status: AdminData) => number;
}

/**
 * Names are ZooKeeper's where it has the number, so that its dashboards fit.
 *
 * Source: ZooKeeper `PrometheusMetricsProvider`, `ZooKeeperServer.registerMetrics`.
 */
const GAUGES: readonly Gauge[] = [
  { name: "znode_count", help: "Znodes.", value: ({ znodes }) => znodes },
  { name: "ephemerals_count", help: "Ephemeral znodes.", value: ({ ephemerals }) => ephemerals },
  { name: "watch_count", help: "Watches of all connections.", value: ({ watches }) => watches },
  { name: "global_sessions", help: "Sessions.", value: ({ sessions }) => sessions },
  {
    name: "num_alive_connections",
    help: "Open connections.",
    value: ({ connections }) => connections,
  },
  {
    name: "outstanding_requests",
    help: "Requests not answered yet.",
    value: ({ outstandingRequests }) => outstandingRequests,
  },
  { name: "last_processed_zxid", help: "The last zxid applied.", value: ({ zxid }) => zxid },
  {
    name: "checkpoint_zxid",
    help: "The zxid of the last checkpoint.",
    value: ({ checkpointZxid }) => checkpointZxid,
  },
  {
    name: "dirty_nodes",
    help: "Znodes changed since the checkpoint.",
    value: ({ dirtyNodes }) => dirtyNodes,
  },
  {
    name: "dirty_bytes",
    help: "Bytes changed since the checkpoint.",
    value: ({ dirtyBytes }) => dirtyBytes,
  },
  {
    name: "cache_bytes",
    help: "Bytes of the node cache.",
    value: ({ cacheBytes }) => cacheBytes,
  },
];

/** What a member of an ensemble has, too. */
const QUORUM_GAUGES: readonly {
  readonly name: string;
  readonly help: string;
  readonly value: (quorum: AdminQuorum) => number;
}[] = [
  { name: "member", help: "The member that answers.", value: ({ sid }) => sid },
  { name: "leader", help: "The member that leads, 0 if none.", value: ({ leader }) => leader },
  { name: "quorum_size", help: "Members that vote.", value: (quorum) => voters(quorum).length },
  {
    name: "current_epoch",
    help: "The epoch of the leader that is followed.",
    value: ({ currentEpoch }) => currentEpoch,
  },
  {
    name: "committed_zxid",
    help: "The last zxid known to be committed.",
    value: ({ committedZxid }) => committedZxid,
  },
  {
    name: "election_time",
    help: "Duration of the last election, ms; 0 if this instance took part in none.",
    value: ({ election }) => election?.durationMs ?? 0,
  },
  {
    name: "learners",
    help: "Members that the leader knows of, itself not counted.",
    value: (quorum) => learnerCounts(quorum).learners,
  },
  {
    name: "synced_followers",
    help: "Followers that are in sync with the leader.",
    value: (quorum) => learnerCounts(quorum).syncedFollowers,
  },
  {
    name: "synced_observers",
    help: "Observers that are in sync with the leader.",
    value: (quorum) => learnerCounts(quorum).syncedObservers,
  },
  {
    name: "learner_lag",
    help: "Txns that the last of the learners is behind.",
    value: ({ learners }) => Math.max(0, ...learners.map(({ lag }) => lag)),
  },
];

/**
 * Writes a status as Prometheus text, every sample labelled with its namespace.
 *
 * Counters start at 0 with each instance of the object, which Prometheus takes for a reset.
 *
 * Source: Prometheus "Exposition formats", text format 0.0.4.
 */
export function formatMetrics(namespace: string, status: AdminData): string {
  const { quorum } = status;
  const gauges = [
    ...GAUGES.map(({ value, ...gauge }) => ({ ...gauge, now: value(status) })),
    ...(quorum === undefined
      ? []
      : QUORUM_GAUGES.map(({ value, ...gauge }) => ({ ...gauge, now: value(quorum) }))),
  ].map(({ name, help, now }) =>
    family(name, { type: "gauge", help, sample: sample(name, namespace, now) }),
  );
  const counters = Object.entries(status.counters).map(([key, value]) => {
    const name = `${snakeCase(key)}_total`;
    const help = `${key}, since this instance of the shard started.`;
    return family(name, { type: "counter", help, sample: sample(name, namespace, value) });
  });
  return [...gauges, ...counters].join("");
}

function family(
  name: string,
  {
    type,
    help,
    sample: line,
  }: { readonly type: string; readonly help: string; readonly sample: string },
): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${line}`;
}

/** Names of namespaces have no character that a label would need escaped. */
function sample(name: string, namespace: string, value: number): string {
  return `${name}{namespace="${namespace}"} ${value}\n`;
}

function snakeCase(name: string): string {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replaceAll(/[^a-zA-Z0-9]+/g, "_")
    .toLowerCase();
}
