import type { Prepared, PrepContext } from "../core/prep.ts";
import type { WriteRequest } from "../core/request.ts";
import type { Owner } from "./proposals.ts";
import type { ServerState } from "./server-state.ts";

/** Turns a write into a txn on its way, whoever asked for it. */
export function prepareWrite(
  state: ServerState,
  request: WriteRequest,
  context: PrepContext,
  owner?: Owner,
): Prepared {
  const prepared = state.prep.prepare(request, context);
  state.proposals.add(prepared, owner);
  if (context.idempotencyKey !== undefined) state.pendingKeys.open(context.idempotencyKey);
  if (prepared.logged.txn.type === "closeSession") {
    state.tracker.setClosing(context.sessionId, true);
  }
  return prepared;
}
