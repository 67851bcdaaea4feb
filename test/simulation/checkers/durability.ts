import type { LoggedTxn, SubTxn, Txn } from "../../../src/core/txn.ts";
import type { MultiOp, Request } from "../../../src/core/request.ts";
import type { Zxid } from "../../../src/core/zxid.ts";
import { isFailure } from "../../../src/core/keeper-error.ts";
import type { Checker, History, Operation, Violation } from "../history.ts";
import { describeOperation, describeTxn, describeZxid } from "./describe.ts";
import { decided, indexHistory, isDone, isWriteOperation } from "./index-history.ts";
import { violation } from "./violation.ts";

const CHECKER = "durability";
const LOST = { checker: CHECKER, rule: "CG9" };
const ZXID_REUSED = { checker: CHECKER, rule: "CG10" };
const NUMBER_REUSED = { checker: CHECKER, rule: "CG11" };

/** Checks that what was acknowledged is there for good, and that no zxid or number serves twice. */
export const checkDurability: Checker = (history) => [
  ...checkLost(history),
  ...checkZxids(history),
  ...checkNumbers(history),
];

/** Every acknowledged write is a txn that members applied, under the zxid that was answered. */
function checkLost(history: History): Violation[] {
  if (history.txns.length === 0) return [];
  const { txnsOf, positionOf } = indexHistory(history);
  return history.operations.flatMap((operation) => {
    const { completion } = operation;
    if (completion === undefined || !isWriteOperation(operation) || completion.isReplayed)
      return [];
    const [logged] = txnsOf.get(operation) ?? [];
    if (logged !== undefined) {
      const isUndecided = decided(operation) === undefined;
      if (isUndecided || logged.header.zxid === completion.zxid) return [];
      const sentence = "a write was answered with the zxid of another txn";
      return [violation(LOST, sentence, [describeOperation(operation), describeTxn(logged)])];
    }
    if (isFailure(completion.outcome)) return [];
    const other = history.txns[(positionOf.get(completion.zxid) ?? 0) - 1];
    const rows = [
      describeOperation(operation),
      ...(other === undefined ? [] : [describeTxn(other)]),
    ];
    return [violation(LOST, "an acknowledged write was never applied by any member", rows)];
  });
}

/** Two writes are never answered with one zxid, nor is one txn that of two requests. */
function checkZxids(history: History): Violation[] {
  const violations: Violation[] = [];
  const seen = new Map<Zxid, Operation>();
  for (const operation of history.operations) {
    if (!isWriteOperation(operation) || !isDone(operation)) continue;
    const { completion } = operation;
    if (completion === undefined || completion.isReplayed) continue;
    const other = seen.get(completion.zxid);
    seen.set(completion.zxid, operation);
    if (other === undefined) continue;
    const sentence = `zxid ${describeZxid(completion.zxid)} was given to two writes`;
    const rows = [describeOperation(other), describeOperation(operation)];
    violations.push(violation(ZXID_REUSED, sentence, rows));
  }
  history.txns.forEach((logged, at) => {
    const next = history.txns[at + 1];
    if (next === undefined || next.header.zxid > logged.header.zxid) return;
    const sentence = "the zxids of what members applied do not ascend";
    violations.push(violation(ZXID_REUSED, sentence, [logged, next].map(describeTxn)));
  });
  return violations;
}

const SEQUENTIAL_FLAGS: readonly number[] = [2, 3, 6];

/** A sequential znode's number is above all that its parent gave before, while the parent lives. */
function checkNumbers(history: History): Violation[] {
  const { operationOf } = indexHistory(history);
  const violations: Violation[] = [];
  const last = new Map<string, { readonly number: number; readonly logged: LoggedTxn }>();
  for (const logged of history.txns) {
    const request = operationOf.get(logged)?.request;
    for (const [sub, isSequential] of partsOf(logged.txn, request)) {
      if (sub.type === "delete") last.delete(sub.path);
      if (sub.type !== "create" || !isSequential) continue;
      const parent = sub.path.slice(0, sub.path.lastIndexOf("/"));
      const number = Number(sub.path.slice(-10));
      const before = last.get(parent);
      last.set(parent, { number, logged });
      if (before === undefined || number > before.number) continue;
      const sentence = `expected a number above ${before.number} below ${parent || "/"}, saw ${number}`;
      violations.push(violation(NUMBER_REUSED, sentence, [before.logged, logged].map(describeTxn)));
    }
  }
  return [...violations, ...checkNames(history)];
}

/** The parts of a txn, each with whether a number was asked for. */
function partsOf(txn: Txn, request: Request | undefined): (readonly [SubTxn, boolean])[] {
  switch (txn.type) {
    case "create":
      return [[txn, isSequential(request)]];
    case "delete":
      return [[txn, false]];
    case "closeSession":
      return txn.deletes.map((sub) => [sub, false]);
    case "multi": {
      const ops = request?.op === "multi" ? request.ops : [];
      // A create with parents is a multi whose last part is what was asked for.
      const isLast = (at: number): boolean => ops.length === 0 && at === txn.txns.length - 1;
      return txn.txns.map((sub, at) => [sub, isSequential(isLast(at) ? request : ops[at])]);
    }
    default:
      return [];
  }
}

function isSequential(request: Request | MultiOp | undefined): boolean {
  return request !== undefined && "flags" in request && SEQUENTIAL_FLAGS.includes(request.flags);
}

/** Told from the answers alone: two clients never own one name while its parent stays. */
function checkNames(history: History): Violation[] {
  const deleted = new Set<string>();
  for (const { txn } of history.txns) {
    for (const [sub] of partsOf(txn, undefined)) if (sub.type === "delete") deleted.add(sub.path);
  }
  const violations: Violation[] = [];
  const owners = new Map<string, Operation>();
  for (const operation of history.operations) {
    const { request, completion } = operation;
    if (completion === undefined || completion.isReplayed || !isSequential(request)) continue;
    const { outcome } = completion;
    if (isFailure(outcome) || outcome.op !== "create") continue;
    const parent = outcome.path.slice(0, outcome.path.lastIndexOf("/"));
    const other = owners.get(outcome.path);
    owners.set(outcome.path, operation);
    if (other === undefined || deleted.has(parent)) continue;
    const rows = [describeOperation(other), describeOperation(operation)];
    violations.push(violation(NUMBER_REUSED, `${outcome.path} was given twice`, rows));
  }
  return violations;
}
