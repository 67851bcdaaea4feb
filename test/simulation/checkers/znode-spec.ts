import { isFailure, type Outcome } from "../../../src/core/keeper-error.ts";
import type { TreeReadRequest } from "../../../src/core/read.ts";
import type { Reply } from "../../../src/core/request.ts";
import type { Id } from "../../../src/core/acl.ts";
import { readModel } from "../../model/model-read.ts";
import { freshState, type ModelNode, type ModelState } from "../../model/model-state.ts";
import { type Executed, executeOn } from "../../model/model-write.ts";
import type { Operation } from "../history.ts";
import { decided, isWriteOperation } from "./index-history.ts";
import { copyState } from "./model-copy.ts";
import type { SequentialSpec } from "./linearization-search.ts";

/** An operation with the ids that count for it. */
export interface ZnodeCall {
  readonly operation: Operation;
  readonly ids: readonly Id[];
}

/** The zxid of a write that nobody answered: it equals any. */
const UNKNOWN_ZXID = Number.NaN;

/**
 * The naive model as a sequential machine, for histories without a log: what is not known, clocks
 * and the zxids of unanswered writes, equals anything.
 */
export const znodeSpec: SequentialSpec<ModelState, ZnodeCall> = {
  initial: freshState(),

  step(state, { operation, ids }) {
    const completion = decided(operation);
    const who = { sessionId: operation.session, ids };
    if (!isWriteOperation(operation)) {
      const answer = readModel(state, operation.request as TreeReadRequest, who);
      return isAnswer(completion?.outcome, answer) ? state : undefined;
    }
    const after = copyState(state);
    after.zxid = completion === undefined ? UNKNOWN_ZXID : completion.zxid - 1;
    const executed = executeOn(after, operation.request, { ...who, nowMs: 0 });
    // A write without an answer that was refused is one that was never done, and so is an end of a
    // session that owns nothing.
    if (completion === undefined) return isWithoutEffect(operation, executed) ? undefined : after;
    if (!isAnswer(completion.outcome, executed.code ?? executed.reply)) return undefined;
    return executed.code === undefined ? after : state;
  },

  keyOf(state) {
    return keyOfNode(state.root);
  },
};

function isWithoutEffect({ request }: Operation, { code, changes }: Executed): boolean {
  return code !== undefined || (request.op === "closeSession" && changes.length === 0);
}

function keyOfNode(node: ModelNode): string {
  const { data, kind, owner, czxid, mzxid, pzxid, version, cversion, aversion, creates } = node;
  const own = [kind, owner, czxid, mzxid, pzxid, version, cversion, aversion, creates].join();
  const names = [...node.children.keys()].sort();
  const below = names.map((name) => {
    const child = node.children.get(name);
    return child === undefined ? "" : `${name}{${keyOfNode(child)}}`;
  });
  return `${own} ${data?.join() ?? "null"} ${JSON.stringify(node.acl)}${below.join("")}`;
}

/** Times are the leader's clock, which a history without a log does not show. */
const NOT_COMPARED: ReadonlySet<string> = new Set(["ctime", "mtime"]);

function isAnswer(seen: Outcome<Reply> | undefined, expected: Reply | number | undefined): boolean {
  if (isFailure(seen)) return seen.code === expected;
  return isLike(seen, expected);
}

function isLike(seen: unknown, expected: unknown): boolean {
  if (seen === expected || Number.isNaN(expected)) return true;
  if (typeof seen !== "object" || typeof expected !== "object") return false;
  if (seen === null || expected === null) return false;
  const [names, others] = [Object.keys(seen), Object.keys(expected)];
  if (names.length !== others.length) return false;
  const [left, right] = [seen, expected] as Readonly<Record<string, unknown>>[];
  return names.every((name) => NOT_COMPARED.has(name) || isLike(left?.[name], right?.[name]));
}
