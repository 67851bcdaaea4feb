import type { Zxid } from "./zxid.ts";

/**
 * The metadata of a znode as clients see it.
 *
 * Source: ZooKeeper `Stat` in `zookeeper.jute`, and `DataNode.copyStat` for `cversion`.
 */
export interface Stat {
  /** The zxid of the create. */
  readonly czxid: Zxid;
  /** The zxid of the last create or setData. */
  readonly mzxid: Zxid;
  /** The leader's clock at the create, ms since 1970. */
  readonly ctime: number;
  /** The leader's clock at the last create or setData, ms since 1970. */
  readonly mtime: number;
  /** setData calls since the create; wraps at 2^31 and skips −1, the wildcard. */
  readonly version: number;
  /** Creates plus deletes of children. */
  readonly cversion: number;
  /** setACL calls since the create. */
  readonly aversion: number;
  /** The session that owns an ephemeral, otherwise 0. */
  readonly ephemeralOwner: number;
  /** Bytes of data; 0 for null data. */
  readonly dataLength: number;
  /** Direct children. */
  readonly numChildren: number;
  /** The zxid of the last create or delete of a direct child. */
  readonly pzxid: Zxid;
}
