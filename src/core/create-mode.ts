import { NodeKind } from "./data-node.ts";

/**
 * Create modes by the flags that travel on the wire.
 *
 * Source: ZooKeeper `CreateMode`.
 */
export const CreateMode = {
  PERSISTENT: 0,
  EPHEMERAL: 1,
  PERSISTENT_SEQUENTIAL: 2,
  EPHEMERAL_SEQUENTIAL: 3,
  CONTAINER: 4,
  PERSISTENT_WITH_TTL: 5,
  PERSISTENT_SEQUENTIAL_WITH_TTL: 6,
} as const;
export type CreateMode = (typeof CreateMode)[keyof typeof CreateMode];
export type CreateModeName = keyof typeof CreateMode;

/** The four operations that create; which one was used decides the kind, not the flags alone. */
export type CreateOp = "create" | "create2" | "createContainer" | "createTTL";

/** The largest TTL: 40 bits of milliseconds, about 34.8 years. Source: `EphemeralType.TTL`. */
export const TTL_MS_MAX = 0xff_ffff_ffff;

/** The operation that makes nodes of a mode what their name says. */
export function createOpOf(mode: CreateMode): Exclude<CreateOp, "create"> {
  if (mode === CreateMode.CONTAINER) return "createContainer";
  return mode >= CreateMode.PERSISTENT_WITH_TTL ? "createTTL" : "create2";
}

/** Tells whether a suffix from the parent's counter is appended. */
export function isSequential(mode: CreateMode): boolean {
  return (
    mode === CreateMode.PERSISTENT_SEQUENTIAL ||
    mode === CreateMode.EPHEMERAL_SEQUENTIAL ||
    mode === CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL
  );
}

/** Finds the mode for wire flags; undefined for a number that is none. */
export function findCreateMode(flags: number): CreateMode | undefined {
  return Number.isInteger(flags) && flags >= 0 && flags <= 6 ? (flags as CreateMode) : undefined;
}

/**
 * Decides the kind of node that an operation makes; undefined where ZooKeeper answers −8.
 *
 * Traps: `create` with flag 4 makes a plain node; `createContainer` makes a container of any flag
 * but 5 and 6, which need the TTL that only `createTTL` carries; `createTTL` with another flag
 * kills a real server and is refused here.
 *
 * Source: ZooKeeper `PrepRequestProcessor.pRequest2TxnCreate`, `EphemeralType`.
 */
export function findNodeKind(op: CreateOp, mode: CreateMode): NodeKind | undefined {
  const isTtlMode = mode >= CreateMode.PERSISTENT_WITH_TTL;
  if (op === "createTTL") return isTtlMode ? NodeKind.TTL : undefined;
  if (isTtlMode) return undefined;
  if (op === "createContainer") return NodeKind.CONTAINER;
  return mode === CreateMode.EPHEMERAL || mode === CreateMode.EPHEMERAL_SEQUENTIAL
    ? NodeKind.EPHEMERAL
    : NodeKind.PERSISTENT;
}
