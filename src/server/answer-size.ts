import { isFailure, type Outcome } from "../core/keeper-error.ts";
import type { MultiReadResult, Reply } from "../core/request.ts";

/**
 * How many bytes an answer takes at least, in any protocol.
 *
 * Never more than it takes in fact: whoever counts what is on its way by this must not wait for
 * bytes that are never sent.
 */
export function answerSize(outcome: Outcome<Reply>): number {
  return isFailure(outcome) ? 0 : replySize(outcome);
}

function replySize(outcome: Reply | MultiReadResult): number {
  switch (outcome.op) {
    case "getData":
      return outcome.data?.length ?? 0;
    case "getChildren":
      return outcome.children.reduce((sum, { name }) => sum + name.length, 0);
    case "getEphemerals":
      return outcome.paths.reduce((sum, path) => sum + path.length, 0);
    case "multiRead":
      return outcome.results.reduce((sum, result) => sum + replySize(result), 0);
    default:
      return 0;
  }
}
