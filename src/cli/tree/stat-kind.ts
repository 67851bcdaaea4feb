import type { CopiedKind } from "./tree-node.ts";

/** What a Stat says of a znode's life. */
export interface StatKind {
  readonly kind: CopiedKind | "EPHEMERAL";
  /** Of a `TTL`, milliseconds; else 0. */
  readonly ttlMs: number;
}

const CONTAINER = 1n << 63n;
const TTL_MASK = (1n << 40n) - 1n;

/**
 * Tells what a znode is by its owner: servers that show what they keep mark containers and TTLs in the
 * same place. ZooKeeper 3.8 and edgekeeper show 0 for both.
 *
 * Source: ZooKeeper `EphemeralType`, `EphemeralTypeEmulate353`.
 */
export function kindOf(ephemeralOwner: number | bigint): StatKind {
  const owner = BigInt.asUintN(64, BigInt(ephemeralOwner));
  if (owner === 0n) return { kind: "PERSISTENT", ttlMs: 0 };
  if (owner === CONTAINER) return { kind: "CONTAINER", ttlMs: 0 };
  if (owner >> 56n === 0xffn) return { kind: "TTL", ttlMs: Number(owner & TTL_MASK) };
  return { kind: "EPHEMERAL", ttlMs: 0 };
}
