import type { ReconfigRequest } from "../core/request.ts";
import type { Zxid } from "../core/zxid.ts";

/**
 * How an ensemble is to change: who joins and who leaves, or all of its members at once.
 *
 * A member is named by its line, `server.<id>=<host>:<port>:<port>[:participant|:observer]`; the
 * service has a region, or `any`, where ZooKeeper has a host. Who joins under an id that is there
 * replaces it.
 *
 * Source: ZooKeeper `ZooKeeperAdmin.reconfigure`.
 */
export type Reconfiguration = FromConfig &
  (
    | {
        readonly joining?: readonly string[] | undefined;
        /** Ids. */
        readonly leaving?: readonly (number | string)[] | undefined;
        readonly members?: undefined;
      }
    | {
        readonly members: readonly string[];
        readonly joining?: undefined;
        readonly leaving?: undefined;
      }
  );

interface FromConfig {
  /** The version of the configuration that it is meant for; any if absent. */
  readonly fromConfig?: Zxid | undefined;
}

export function reconfigRequest({
  joining,
  leaving,
  members,
  fromConfig = -1,
}: Reconfiguration): ReconfigRequest {
  return {
    op: "reconfig",
    joiningServers: joining?.join(",") ?? null,
    leavingServers: leaving?.join(",") ?? null,
    newMembers: members?.join(",") ?? null,
    curConfigId: fromConfig,
  };
}
