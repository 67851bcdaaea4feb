import { Code, failure, type Failure, type Outcome } from "../core/keeper-error.ts";
import { CONFIG_PATH } from "../core/path.ts";
import { replyOf } from "../core/reply.ts";
import type { Reply, WriteRequest } from "../core/request.ts";
import type { TxnResult } from "../core/txn.ts";
import type { Zxid } from "../core/zxid.ts";
import { reconfigReply } from "./ensemble/reconfig-reply.ts";
import type { Connection, QueuedRequest } from "./connection.ts";
import type { ServerState } from "./server-state.ts";

/**
 * Answers a write whose idempotency key was seen before; the write itself is not done again.
 *
 * If the first one is applied its outcome is in the tables, also after a restart [ID1]; while it is
 * on its way the retry waits for it [ID2].
 *
 * @returns false if the key is new, or there is none.
 */
export function isRetry(
  state: ServerState,
  connection: Connection,
  queued: QueuedRequest,
  request: WriteRequest,
): boolean {
  const key = queued.options.idempotencyKey;
  if (key === undefined) return false;
  if (state.pendingKeys.has(key)) {
    queued.isPrepared = true;
    queued.isReplayed = true;
    state.pendingKeys.join(key, { type: "queued", connection: connection.id, queued });
    return true;
  }
  const replay = findReplay(state, request, key);
  if (replay === undefined) return false;
  queued.zxid = replay.zxid;
  queued.isReplayed = true;
  queued.outcome = replay.outcome;
  return true;
}

/** Finds the answer that was given under a key, if that is not forgotten. */
export function findReplay(
  state: ServerState,
  request: WriteRequest,
  key: string,
): { readonly zxid: Zxid; readonly outcome: Outcome<Reply> } | undefined {
  const seen = state.tree.tables.getOutcome(key);
  if (seen === undefined || seen.dueMs <= state.nowMs) return undefined;
  state.counters.add("txnsReplayed");
  return { zxid: seen.zxid, outcome: replayOf(state, request, seen.result) };
}

/** Judges the key itself: the limit is of bytes, and one code unit is at least one. */
export function findKeyFault(state: ServerState, key: string | undefined): Failure | undefined {
  if (key === undefined) return undefined;
  const { IDEMPOTENCY_KEY_BYTES_MAX: expected } = state.limits;
  if (key.length > 0 && key.length <= expected) return undefined;
  const message = `expected an idempotency key of 1 to ${expected} bytes (IDEMPOTENCY_KEY_BYTES_MAX), saw ${key.length}`;
  return failure(Code.BADARGUMENTS, message, { expected, seen: key.length });
}

/**
 * Makes the answer to a retry from what the first request came to.
 *
 * @returns BADARGUMENTS if the key was used for another kind of request [ID4].
 */
export function replayOf(
  { tree }: Pick<ServerState, "tree">,
  request: WriteRequest,
  result: TxnResult,
): Outcome<Reply> {
  if (request.op === "reconfig" && result.type === "setData" && result.path === CONFIG_PATH) {
    return reconfigReply(tree, result);
  }
  if (isResultOf(request, result)) return replyOf(request, result);
  const message = `this idempotency key belongs to a ${result.type}, saw ${request.op}`;
  return failure(Code.BADARGUMENTS, message, { expected: result.type, seen: request.op });
}

function isResultOf(request: WriteRequest, result: TxnResult): boolean {
  if (result.type === "error") return true;
  const last = result.type === "multi" ? result.results.at(-1)?.type : result.type;
  switch (request.op) {
    case "setACL":
    case "delete":
    case "closeSession":
      return result.type === request.op;
    case "multi":
    case "deleteRecursive":
      return result.type === "multi";
    case "setData":
      return last === "setData" || (last === "create" && request.orCreate !== undefined);
    case "reap":
    case "reconfig":
      return false;
    default:
      return last === "create";
  }
}
