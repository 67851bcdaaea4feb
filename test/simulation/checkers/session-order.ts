import type { Zxid } from "../../../src/core/zxid.ts";
import { Code, isFailure } from "../../../src/core/keeper-error.ts";
import type {
  Checker,
  ConnectionRecord,
  Delivery,
  History,
  Operation,
  Violation,
} from "../history.ts";
import { describeOperation, describeTime, describeTxn, describeZxid } from "./describe.ts";
import { decided, indexHistory, isDone, isWriteOperation } from "./index-history.ts";
import { type Row, violation } from "./violation.ts";

const CHECKER = "session-order";
const WRITES_IN_ORDER = { checker: CHECKER, rule: "CG4" };
const ANSWERS_IN_ORDER = { checker: CHECKER, rule: "CG5" };
const SINGLE_IMAGE = { checker: CHECKER, rule: "CG6" };
const SYNC = { checker: CHECKER, rule: "CG7" };
const MIN_ZXID = { checker: CHECKER, rule: "CG8" };

/** Refusals of what comes behind the end of its session on that connection. */
const TOO_LATE: readonly number[] = [Code.SESSIONMOVED, Code.SESSIONEXPIRED];

/**
 * Checks what each session may rely on: its writes are done in the order sent and none is left out,
 * it is answered in that order, and it never looks back in time.
 *
 * Together with linearizable writes this is ZooKeeper's ordered sequential consistency.
 */
export const checkSessionOrder: Checker = (history) => [
  ...history.connections.flatMap((connection) => [
    ...checkWrites(history, connection),
    ...checkAnswers(history, connection),
    ...checkView(history, connection),
  ]),
  ...checkMoves(history),
  ...checkSync(history),
  ...checkMinZxid(history),
];

/** The txn of a write, as its zxid; undefined if it has none. */
function zxidOf(history: History, operation: Operation): Zxid | undefined {
  return indexHistory(history).txnsOf.get(operation)?.[0]?.header.zxid;
}

/** The txn of a write says that it came too late: another member serves its session now, or it is over. */
function isTooLate(history: History, operation: Operation): boolean {
  const txn = indexHistory(history).txnsOf.get(operation)?.[0]?.txn;
  return txn?.type === "error" && TOO_LATE.includes(txn.code);
}

function checkWrites(history: History, { id }: ConnectionRecord): Violation[] {
  const violations: Violation[] = [];
  let last: { readonly operation: Operation; readonly zxid: Zxid } | undefined;
  /** A write without any trace: whatever is done behind it has overtaken it. */
  let missing: Operation | undefined;
  for (const operation of indexHistory(history).ofConnection.get(id) ?? []) {
    if (!isWriteOperation(operation)) continue;
    const zxid = zxidOf(history, operation);
    if (zxid === undefined) {
      // A refusal that took no zxid, or an answer from memory, leaves nothing out; nor does a retry.
      const isRetry = operation.options.idempotencyKey !== undefined;
      if (!isRetry && decided(operation) === undefined) missing ??= operation;
      continue;
    }
    if (missing !== undefined) {
      const sentence = "a write was done, and one sent before it on its connection was not";
      const rows = [describeOperation(missing), describeOperation(operation)];
      violations.push(violation(WRITES_IN_ORDER, sentence, rows));
      missing = undefined;
    }
    if (last !== undefined && zxid <= last.zxid) {
      const sentence = "writes of one connection were not done in the order sent";
      const rows = [describeOperation(last.operation), describeOperation(operation)];
      violations.push(
        violation(WRITES_IN_ORDER, sentence, [
          ...rows,
          ["zxids", describeZxid(last.zxid), describeZxid(zxid)],
        ]),
      );
    }
    last = { operation, zxid };
  }
  return violations;
}

/** A session that moves to another connection leaves nothing behind that is done later. */
function checkMoves(history: History): Violation[] {
  const violations: Violation[] = [];
  /** The write of each session that was done last, of those sent so far. */
  const latest = new Map<number, { readonly operation: Operation; readonly zxid: Zxid }>();
  for (const operation of history.operations) {
    const zxid = zxidOf(history, operation);
    if (zxid === undefined || operation.session === 0) continue;
    // Refused for that: it is no place in any order.
    if (isTooLate(history, operation)) continue;
    const before = latest.get(operation.session);
    if (before === undefined || zxid > before.zxid) {
      latest.set(operation.session, { operation, zxid });
    } else if (isBehind(history, before.operation, operation)) {
      const sentence = "a write of an earlier connection was done behind one of a later connection";
      const rows = [describeOperation(before.operation), describeOperation(operation)];
      violations.push(violation(WRITES_IN_ORDER, sentence, rows));
    }
  }
  return violations;
}

/** Tells whether one connection was over when the other one began. */
function isBehind({ connections }: History, earlier: Operation, later: Operation): boolean {
  const closedUs = connections[earlier.connection]?.closedUs ?? Infinity;
  const openedUs = connections[later.connection]?.openedUs ?? 0;
  return earlier.connection !== later.connection && closedUs <= openedUs;
}

function checkAnswers(history: History, { id, deliveries }: ConnectionRecord): Violation[] {
  const violations: Violation[] = [];
  const sent = indexHistory(history).ofConnection.get(id) ?? [];
  let next = 0;
  for (const delivery of deliveries) {
    if (delivery.type !== "reply") continue;
    const operation = history.operations[delivery.operation];
    const expected = sent[next];
    next += 1;
    if (operation === expected) continue;
    const rows: Row[] = [];
    if (expected !== undefined) rows.push(["expected", ...describeOperation(expected)]);
    if (operation !== undefined) rows.push(["seen", ...describeOperation(operation)]);
    const sentence = `answer ${next} of connection ${id} is not that of request ${next}`;
    violations.push(violation(ANSWERS_IN_ORDER, sentence, rows));
    break;
  }
  return violations;
}

/** Answers whose zxid is that of the moment in which they were made, and that tell something. */
function showsMoment(operation: Operation): boolean {
  const { request, completion } = operation;
  if (decided(operation) === undefined || completion?.isReplayed === true) return false;
  return request.op !== "auth" && request.op !== "sasl";
}

/** What a client was shown, and the line that says so if it comes to that. */
interface Shown {
  readonly zxid: Zxid;
  readonly row: () => Row;
}

/** What a connection shows never goes back, and starts at what its client saw before. */
function checkView(history: History, connection: ConnectionRecord): Violation[] {
  const violations: Violation[] = [];
  const { lastZxidSeen } = connection;
  const asked = "asked for no less than";
  let seen: Shown = {
    zxid: lastZxidSeen,
    row: () => [`connection ${connection.id}`, asked, describeZxid(lastZxidSeen)],
  };
  for (const delivery of connection.deliveries) {
    const shown = shownBy(history, connection, delivery);
    if (shown === undefined) continue;
    if (shown.zxid < seen.zxid) {
      const sentence = `a client looks back: it had seen ${describeZxid(seen.zxid)} and is shown ${describeZxid(shown.zxid)}`;
      violations.push(violation(SINGLE_IMAGE, sentence, [seen.row(), shown.row()]));
    }
    seen = shown;
  }
  return violations;
}

function shownBy(
  history: History,
  { id }: ConnectionRecord,
  delivery: Delivery,
): Shown | undefined {
  if (delivery.type === "connected") {
    if (isFailure(delivery.outcome)) return undefined;
    const { zxid, atUs } = delivery;
    const at = `connected at ${describeTime(atUs)}`;
    return { zxid, row: () => [`connection ${id}`, at, describeZxid(zxid)] };
  }
  if (delivery.type !== "reply") return undefined;
  const operation = history.operations[delivery.operation];
  if (operation?.completion === undefined || !showsMoment(operation)) return undefined;
  return { zxid: operation.completion.zxid, row: () => describeOperation(operation) };
}

/** Completions by time, with the highest zxid of an acknowledged write so far. */
function acknowledgedBy(history: History): (atUs: number) => Operation | undefined {
  const done = history.operations
    .filter((operation) => isWriteOperation(operation) && isDone(operation))
    .sort((one, other) => completedUs(one) - completedUs(other));
  const highest: Operation[] = [];
  for (const operation of done) {
    const last = highest.at(-1);
    const isHigher = (operation.completion?.zxid ?? 0) > (last?.completion?.zxid ?? 0);
    highest.push(last === undefined || isHigher ? operation : last);
  }
  return (atUs) => {
    let [from, to] = [0, done.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (completedUs(done[middle]) < atUs) from = middle + 1;
      else to = middle;
    }
    return highest[from - 1];
  };
}

function completedUs(operation: Operation | undefined): number {
  return operation?.completion?.completedUs ?? Infinity;
}

/** Behind a sync a client sees what was acknowledged to anybody before it asked. */
function checkSync(history: History): Violation[] {
  const acknowledged = acknowledgedBy(history);
  return history.operations.flatMap((operation) => {
    if (operation.request.op !== "sync" || !isDone(operation)) return [];
    const write = acknowledged(operation.invokedUs);
    const [seen = 0, expected = 0] = [operation.completion?.zxid, write?.completion?.zxid];
    if (write === undefined || seen >= expected) return [];
    const sentence = `a sync ended at ${describeZxid(seen)}, although ${describeZxid(expected)} was acknowledged before it began`;
    return [violation(SYNC, sentence, [describeOperation(write), describeOperation(operation)])];
  });
}

function checkMinZxid(history: History): Violation[] {
  return history.operations.flatMap((operation) => {
    const { completion, options } = operation;
    const { minZxid } = options;
    if (minZxid === undefined || completion === undefined || completion.isReplayed) return [];
    if (isFailure(completion.outcome) || completion.zxid >= minZxid) return [];
    const sentence = `expected an answer not older than ${describeZxid(minZxid)}`;
    const last = history.txns[(indexHistory(history).positionOf.get(completion.zxid) ?? 0) - 1];
    const rows = [describeOperation(operation), ...(last === undefined ? [] : [describeTxn(last)])];
    return [violation(MIN_ZXID, sentence, rows)];
  });
}
