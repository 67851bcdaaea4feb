import type { Prepared, PrepContext } from "../core/prep.ts";
import type { WriteRequest } from "../core/request.ts";
import { findConfigWrite, prepareReconfig } from "./ensemble/reconfig.ts";
import type { Owner } from "./proposals.ts";
import type { ServerState } from "./server-state.ts";

/** Turns a write into a txn on its way, whoever asked for it. */
export function prepareWrite(
  state: ServerState,
  request: WriteRequest,
  context: PrepContext,
  owner?: Owner,
): Prepared {
  const prepared = prepareAny(state, request, context, owner);
  if (context.idempotencyKey !== undefined) state.pendingKeys.open(context.idempotencyKey);
  if (prepared.logged.txn.type === "closeSession") {
    state.tracker.setClosing(context.sessionId, true);
  }
  return prepared;
}

function prepareAny(
  state: ServerState,
  request: WriteRequest,
  context: PrepContext,
  owner: Owner | undefined,
): Prepared {
  if (request.op === "reconfig") return prepareReconfig(state, request, context, owner);
  const refusal = state.member === undefined ? undefined : findConfigWrite(request, context);
  const prepared =
    refusal === undefined
      ? state.prep.prepare(request, context)
      : state.prep.refuse(refusal, context);
  state.proposals.add(prepared, owner);
  return prepared;
}
