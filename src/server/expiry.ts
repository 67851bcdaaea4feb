import type { SessionId } from "../core/data-node.ts";
import type { WriteRequest } from "../core/request.ts";
import type { Zxid } from "../core/zxid.ts";
import { forgiveOutage, lastSeenOfSession } from "./liveness.ts";
import type { ServerState } from "./server-state.ts";

/** Znodes reaped by one tick at most; what is left is due at once, for the next one. */
const REAPED_PER_TICK_MAX = 1_000;

/**
 * Looks at the clock: ends sessions that were not heard of for their timeout, reaps containers and
 * TTL nodes, forgets old idempotency keys.
 *
 * Trusts nothing but `state.nowMs`: called early it does nothing, called twice nothing more.
 *
 * @param plannedMs - when this tick was wanted; much later than that is an outage.
 */
export function tick(state: ServerState, plannedMs: number | undefined): void {
  if (plannedMs !== undefined) forgiveOutage(state, plannedMs);
  for (const id of sessionsDue(state)) endSession(state, id);
  reapDue(state);
}

/** Sessions that nobody heard of for their timeout, as far as this server knows. */
export function sessionsDue(state: ServerState): SessionId[] {
  return state.tracker.expired(state.nowMs, (id) => lastSeenOfSession(state, id));
}

/** Ends a session by the server's own hand. */
export function endSession(state: ServerState, id: SessionId): void {
  state.tracker.setClosing(id, true);
  prepareOwn(state, { op: "closeSession" }, id);
  state.counters.add("sessionsExpired");
}

/** Reaps what is due, and forgets old idempotency keys. */
export function reapDue(state: ServerState): void {
  reap(state);
  state.tree.tables.dropOutcomes(state.nowMs);
}

function reap(state: ServerState): void {
  const underWay = new Set(state.reaping.values());
  const limit = REAPED_PER_TICK_MAX + underWay.size;
  for (const path of state.tree.tables.reapable(state.nowMs, limit)) {
    if (underWay.has(path)) continue;
    const zxid = prepareOwn(state, { op: "reap", path }, 0);
    state.reaping.set(zxid, path);
  }
}

/** Prepares what no client asked for. Server-made requests pass every ACL: they are not checked. */
function prepareOwn(
  state: ServerState,
  request: Extract<WriteRequest, { readonly op: "closeSession" | "reap" }>,
  sessionId: SessionId,
): Zxid {
  const prepared = state.prep.prepare(request, { sessionId, ids: [], cxid: 0, nowMs: state.nowMs });
  state.proposals.add(prepared);
  return prepared.logged.header.zxid;
}
