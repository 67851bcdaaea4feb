import type { CacheGovernor } from "../storage/cache-governor.ts";
import type { DurableObjectSql } from "../storage/durable-object-sql.ts";
import type { RunningShard } from "./running-shard.ts";
import type { ShardStatus } from "./shard-api.ts";

/** Puts the numbers of the server, its store, its database and the isolate's cache together. */
export function shardStatus(
  { server, store }: RunningShard,
  { rowsWritten }: DurableObjectSql,
  governor: CacheGovernor,
): ShardStatus {
  const { tables, dirty, checkpointZxid } = store;
  let ephemerals = 0;
  for (const { id } of tables.sessions()) ephemerals += tables.ephemeralUsage(id).nodes;
  const { counters, ...status } = server.status();
  return {
    ...status,
    counters: { ...counters, rowsWritten },
    checkpointZxid,
    znodes: tables.countDescendants("/") + 1,
    ephemerals,
    dirtyNodes: dirty.nodes,
    dirtyBytes: dirty.bytes,
    cacheBytes: governor.bytes,
  };
}
