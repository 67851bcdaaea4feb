import { unreachable } from "./assert.ts";
import { failure, findCodeName, type Code, type Outcome } from "./keeper-error.ts";
import type { MultiResult, Reply, WriteRequest } from "./request.ts";
import type { TxnResult } from "./txn.ts";

/**
 * Makes the reply to a write from what applying its txn yielded.
 *
 * Needs nothing else, so that a retry under an idempotency key gets the first answer again, also
 * after a restart; only the words of a failure are lost then.
 */
export function replyOf(request: WriteRequest, result: TxnResult): Outcome<Reply> {
  if (result.type === "error") return failureAgain(result.code);
  switch (request.op) {
    case "multi":
      return { op: "multi", results: resultsOf(result).map(multiResultOf) };
    case "deleteRecursive":
    case "reap":
      return { op: "delete", path: request.path };
    case "closeSession":
      return { op: "closeSession" };
    case "setData": {
      const last = lastOf(result);
      const isCreated = last.type === "create";
      if (!isCreated && last.type !== "setData") return mismatch(request, result);
      return { op: "setData", path: last.path, stat: last.stat, created: isCreated };
    }
    default:
      return singleReplyOf(request, lastOf(result));
  }
}

function singleReplyOf(request: WriteRequest, result: TxnResult): Reply {
  switch (result.type) {
    case "create":
      return { op: "create", path: result.path, stat: result.stat };
    case "setACL":
      return { op: "setACL", path: result.path, stat: result.stat };
    case "delete":
      return { op: "delete", path: result.path };
    default:
      return mismatch(request, result);
  }
}

/** A create with parents is a multi; its last part is the znode that was asked for. */
function lastOf(result: TxnResult): TxnResult {
  return result.type === "multi" ? (result.results.at(-1) ?? result) : result;
}

function resultsOf(result: TxnResult): readonly TxnResult[] {
  return result.type === "multi" ? result.results : [];
}

function multiResultOf(result: TxnResult): MultiResult {
  switch (result.type) {
    case "create":
    case "setData":
      return { op: result.type, path: result.path, stat: result.stat };
    case "delete":
    case "check":
      return { op: result.type, path: result.path };
    case "error":
      return { op: "error", code: result.code };
    default:
      throw new TypeError(`a multi holds no ${result.type}`);
  }
}

/** The same idempotency key came with another kind of request, which the server refuses before. */
function mismatch(request: WriteRequest, result: TxnResult): never {
  return unreachable(`${request.op} answered with ${result.type}` as never);
}

function failureAgain(code: Code): Outcome<Reply> {
  return failure(code, `the request failed with ${findCodeName(code) ?? code}`);
}
