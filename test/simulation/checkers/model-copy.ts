import type { ModelNode, ModelState } from "../../model/model-state.ts";
import { type Executed, executeOn, type ModelContext } from "../../model/model-write.ts";
import type { WriteRequest } from "../../../src/core/request.ts";

/** Copies a state; what the model never changes in place, data and ACLs, is shared. */
export function copyState({ zxid, root, sessions }: ModelState): ModelState {
  return { zxid, root: copyNode(root), sessions: new Map(sessions) };
}

function copyNode(node: ModelNode): ModelNode {
  const children = new Map<string, ModelNode>();
  for (const [name, child] of node.children) children.set(name, copyNode(child));
  return { ...node, children };
}

/**
 * Executes a write on a state that nobody else holds; what comes back in `state` goes on in its
 * place. Only a request that may be refused half done needs a copy of what was before.
 *
 * @param isLikelyRefused - without it a refused request of several parts leaves a state that is of
 * no use any more.
 */
export function executeFast(
  before: ModelState,
  { request, isLikelyRefused }: { request: WriteRequest; isLikelyRefused: boolean },
  context: ModelContext,
): Executed {
  if (!isLikelyRefused || !mayStopHalfway(request)) return executeOn(before, request, context);
  const spare = copyState(before);
  const executed = executeOn(before, request, context);
  if (executed.code === undefined) return executed;
  spare.zxid += 1;
  return { ...executed, state: spare };
}

/** Requests of several parts: the model does one after the other and may refuse the last. */
function mayStopHalfway(request: WriteRequest): boolean {
  if (request.op === "multi" || request.op === "deleteRecursive") return true;
  if (request.op === "setData") return request.orCreate !== undefined;
  return "parents" in request && request.parents === true;
}
