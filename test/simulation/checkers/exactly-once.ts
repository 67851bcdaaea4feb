import { LIMITS } from "../../../src/core/limits.ts";
import { isFailure } from "../../../src/core/keeper-error.ts";
import type { LoggedTxn } from "../../../src/core/txn.ts";
import type { Checker, History, Operation, Violation } from "../history.ts";
import { describeOperation, describeTxn } from "./describe.ts";
import { decided, indexHistory } from "./index-history.ts";
import { isSameValue } from "./same-value.ts";
import { violation } from "./violation.ts";

const ONCE = { checker: "exactly-once", rule: "CG15" };

/** Checks that a request is done at most once, and all attempts with one idempotency key together. */
export const checkExactlyOnce: Checker = (history) => [
  ...checkRequests(history),
  ...checkKeys(history),
  ...checkAttempts(history),
];

function checkRequests(history: History): Violation[] {
  return [...indexHistory(history).txnsOf].flatMap(([operation, txns]) => {
    if (txns.length < 2) return [];
    const rows = [describeOperation(operation), ...txns.map(describeTxn)];
    return [violation(ONCE, `one request was done ${txns.length} times`, rows)];
  });
}

/** A key is taken again only when its outcome was forgotten. */
function checkKeys({ txns }: History): Violation[] {
  const violations: Violation[] = [];
  const last = new Map<string, LoggedTxn>();
  for (const logged of txns) {
    const { idempotencyKey, timeMs } = logged.header;
    if (idempotencyKey === undefined) continue;
    const other = last.get(idempotencyKey);
    last.set(idempotencyKey, logged);
    if (other === undefined || timeMs - other.header.timeMs >= LIMITS.IDEMPOTENCY_MS) continue;
    const sentence = `the idempotency key ${idempotencyKey} was used up twice`;
    violations.push(violation(ONCE, sentence, [other, logged].map(describeTxn)));
  }
  return violations;
}

/** Attempts with one key that were answered were answered alike; words of failures may differ. */
function checkAttempts(history: History): Violation[] {
  const violations: Violation[] = [];
  const answered = new Map<string, Operation>();
  for (const operation of history.operations) {
    const { idempotencyKey } = operation.options;
    if (idempotencyKey === undefined || !wasDecidedByTxn(history, operation)) continue;
    const other = answered.get(idempotencyKey);
    if (other === undefined) {
      answered.set(idempotencyKey, operation);
    } else if (
      !isAnsweredAlike(other, operation) &&
      isSameValue(other.request, operation.request)
    ) {
      const sentence = `two attempts with the key ${idempotencyKey} had different outcomes`;
      const rows = [describeOperation(other), describeOperation(operation)];
      violations.push(violation(ONCE, sentence, rows));
    }
  }
  return violations;
}

/** A refusal before prep, by a limit or a lost session, uses up no key. */
function wasDecidedByTxn(history: History, operation: Operation): boolean {
  const completion = decided(operation);
  if (completion === undefined) return false;
  if (completion.isReplayed || !isFailure(completion.outcome)) return true;
  return indexHistory(history).txnsOf.has(operation);
}

function isAnsweredAlike(
  { completion: one }: Operation,
  { completion: other }: Operation,
): boolean {
  if (one === undefined || other === undefined || one.zxid !== other.zxid) return false;
  if (isFailure(one.outcome)) {
    return isFailure(other.outcome) && one.outcome.code === other.outcome.code;
  }
  return isSameValue(one.outcome, other.outcome);
}
