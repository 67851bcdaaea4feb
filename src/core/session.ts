import type { SessionId } from "./data-node.ts";

/** Proof of a session: whoever shows it may resume the session and speak for it. */
export interface SessionToken {
  readonly id: SessionId;
  /** 16 random bytes, a secret. */
  readonly password: Uint8Array;
}

/**
 * A session as the log knows it. When it was last seen is no part of it: that changes with every
 * heartbeat and is kept beside the tree, outside of replication.
 */
export interface Session extends SessionToken {
  /** Negotiated, milliseconds. */
  readonly timeoutMs: number;
  /** The ensemble member that holds its connection; 0 standalone. */
  readonly member: number;
}

/** A session as its client is given it. */
export interface ConnectedSession extends Session {
  /** By a server without a quorum: it knows no writes, and the session ends with that state. */
  readonly isReadOnly?: boolean;
}

/** Bounds for the negotiation of a timeout, milliseconds. */
export interface TimeoutBounds {
  readonly minMs: number;
  readonly maxMs: number;
}

/** Tick of expiry, milliseconds; ZooKeeper's `tickTime`. */
export const TICK_MS = 2_000;

/** What ZooKeeper grants: 2 to 20 ticks. */
export const NATIVE_TIMEOUT_BOUNDS: TimeoutBounds = { minMs: 2 * TICK_MS, maxMs: 20 * TICK_MS };

/** What JSON and HTTP sessions may have: ours sleep at no cost, so they may be long. */
export const JSON_TIMEOUT_BOUNDS: TimeoutBounds = { minMs: 2 * TICK_MS, maxMs: 600_000 };

/** Clamps what a client asked for; a value that is no number gets the minimum. */
export function negotiateTimeoutMs(askedMs: number, bounds: TimeoutBounds): number {
  if (Number.isNaN(askedMs)) return bounds.minMs;
  return Math.trunc(Math.min(bounds.maxMs, Math.max(bounds.minMs, askedMs)));
}
