import type { ACL } from "./acl.ts";
import type { Stat } from "./stat.ts";
import type { Zxid } from "./zxid.ts";

/** What a znode is for its whole life. */
export const NodeKind = { PERSISTENT: 0, EPHEMERAL: 1, CONTAINER: 2, TTL: 3 } as const;
export type NodeKind = (typeof NodeKind)[keyof typeof NodeKind];

/** A session id: 48 random bits, never 0. */
export type SessionId = number;

/**
 * A znode as the tree keeps it. Immutable: a change puts a new value in its place, so that prep,
 * cache and checkpoint can share one without copying.
 *
 * `data` belongs to the node: it was copied out of the frame it came in. `acl` is shared.
 *
 * Source: ZooKeeper `DataNode`, `StatPersisted`.
 */
export interface DataNode {
  /** null and empty differ, as in ZooKeeper. */
  readonly data: Uint8Array | null;
  readonly acl: readonly ACL[];
  readonly kind: NodeKind;
  /** The owner of an ephemeral, otherwise 0. */
  readonly ephemeralOwner: SessionId;
  /** Milliseconds after mtime at which a childless TTL node goes; 0 for other kinds. */
  readonly ttlMs: number;
  readonly czxid: Zxid;
  readonly mzxid: Zxid;
  readonly pzxid: Zxid;
  readonly ctime: number;
  readonly mtime: number;
  readonly version: number;
  /** Child creates only: the source of sequence numbers. Clients see `2 · creates − children`. */
  readonly createCounter: number;
  readonly aversion: number;
  /** Stored, never counted: Invariant: equals the number of children in the table. */
  readonly numChildren: number;
}

/** Returns the Stat that clients see; container and TTL nodes show owner 0. */
export function statOf(node: DataNode): Stat {
  return {
    czxid: node.czxid,
    mzxid: node.mzxid,
    ctime: node.ctime,
    mtime: node.mtime,
    version: node.version,
    cversion: (2 * node.createCounter - node.numChildren) | 0,
    aversion: node.aversion,
    ephemeralOwner: node.ephemeralOwner,
    dataLength: node.data === null ? 0 : node.data.length,
    numChildren: node.numChildren,
    pzxid: node.pzxid,
  };
}
