import type { AdminData, AdminDetail } from "../core/admin-data.ts";
import type { CacheGovernor } from "../storage/cache-governor.ts";
import type { DurableObjectSql } from "../storage/durable-object-sql.ts";
import type { RunningShard } from "./running-shard.ts";

/** Puts what the server, its database and the isolate's cache say together. */
export function shardStatus(
  { server, member }: Pick<RunningShard, "server" | "member">,
  details: readonly AdminDetail[],
  sql: Pick<DurableObjectSql, "rowsWritten" | "databaseBytes">,
  cache: Pick<CacheGovernor, "bytes">,
): AdminData {
  const { counters, ...data } = server.admin(details);
  const { rowsWritten, databaseBytes } = sql;
  const quorum = member?.status();
  const own = { nowMs: Date.now(), databaseBytes, cacheBytes: cache.bytes };
  return {
    ...data,
    ...own,
    ...(quorum !== undefined && { quorum }),
    counters: { ...counters, rowsWritten },
  };
}
