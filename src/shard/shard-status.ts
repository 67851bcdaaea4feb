import type { CacheGovernor } from "../storage/cache-governor.ts";
import type { RunningShard } from "./running-shard.ts";
import type { ShardStatus } from "./shard-api.ts";

/** Puts the numbers of the server, of its store and of the isolate's cache together. */
export function shardStatus({ server, store }: RunningShard, governor: CacheGovernor): ShardStatus {
  const { tables, dirty, checkpointZxid } = store;
  let ephemerals = 0;
  for (const { id } of tables.sessions()) ephemerals += tables.ephemeralUsage(id).nodes;
  return {
    ...server.status(),
    checkpointZxid,
    znodes: tables.countDescendants("/") + 1,
    ephemerals,
    dirtyNodes: dirty.nodes,
    dirtyBytes: dirty.bytes,
    cacheBytes: governor.bytes,
  };
}
