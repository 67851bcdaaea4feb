import type { RunningShard } from "./running-shard.ts";
import type { ShardStatus } from "./shard-api.ts";

/** Puts the numbers of the server and of its store together. */
export function shardStatus({ server, store }: RunningShard): ShardStatus {
  const { nodes, bytes } = store.dirty;
  return {
    ...server.status(),
    checkpointZxid: store.checkpointZxid,
    znodes: store.tables.countDescendants("/") + 1,
    dirtyNodes: nodes,
    dirtyBytes: bytes,
  };
}
