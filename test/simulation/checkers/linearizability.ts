import type { Checker, History, Operation, Violation } from "../history.ts";
import { describeOperation, describeOutcome, describeTxn } from "./describe.ts";
import {
  decided,
  idsAt,
  indexHistory,
  isDone,
  isWriteOperation,
  showsTree,
} from "./index-history.ts";
import { type Interval, linearize } from "./linearization-search.ts";
import { partition } from "./partition.ts";
import { type Mismatch, replay } from "./replay.ts";
import { type Row, violation } from "./violation.ts";
import { znodeSpec, type ZnodeCall } from "./znode-spec.ts";

const WRITES = { checker: "linearizability", rule: "CG1" };
const READS = { checker: "linearizability", rule: "CG2" };
const MODEL = { checker: "linearizability", rule: "CG3" };

/**
 * Checks that writes, and the reads of doors that promise it, are linearizable, and that every other
 * read shows the tree as it was at some zxid.
 *
 * Zxids name the order; that it is a legal one is what is checked: it must keep to time, and the
 * model must give the same answers in it. Without a log the order is searched for.
 */
export const checkLinearizability: Checker = (history) => {
  if (history.txns.length === 0) return searchOrder(history);
  return [...checkTime(history), ...checkAnswers(history)];
};

/** A write, or a read that is answered behind it. */
interface Placed {
  readonly operation: Operation;
  /** Even for the write itself, odd for reads of the state behind it. */
  readonly place: number;
  readonly invokedUs: number;
  readonly completedUs: number;
}

/** Whatever completed before another one began has the lower place. */
function checkTime(history: History): Violation[] {
  const violations: Violation[] = [];
  let group = -1;
  /** The operation that began last, of the places before this one and of this one. */
  let before: Placed | undefined;
  let here: Placed | undefined;
  for (const placed of placeOperations(history)) {
    if (placed.place !== group) {
      if (here !== undefined && here.invokedUs > (before?.invokedUs ?? -1)) before = here;
      [group, here] = [placed.place, undefined];
    }
    if (here === undefined || placed.invokedUs > here.invokedUs) here = placed;
    if (before === undefined || placed.completedUs >= before.invokedUs) continue;
    const isRead = !isWriteOperation(before.operation) || !isWriteOperation(placed.operation);
    const sentence = `the later of two operations came first: the one that ended at ${placed.completedUs} µs has the higher zxid`;
    const rows = [describeOperation(placed.operation), describeOperation(before.operation)];
    violations.push(violation(isRead ? READS : WRITES, sentence, rows));
  }
  return violations;
}

function placeOperations(history: History): Placed[] {
  const { positionOf, txnsOf } = indexHistory(history);
  const placed: Placed[] = [];
  for (const operation of history.operations) {
    const { invokedUs } = operation;
    const completion = decided(operation);
    if (isWriteOperation(operation)) {
      const zxid = txnsOf.get(operation)?.[0]?.header.zxid;
      const position = zxid === undefined ? undefined : positionOf.get(zxid);
      if (position === undefined) continue;
      const completedUs = completion?.completedUs ?? Infinity;
      placed.push({ operation, place: 2 * position, invokedUs, completedUs });
    } else if (completion !== undefined && isLinearizableRead(history, operation)) {
      const position = positionOf.get(completion.zxid);
      if (position === undefined) continue;
      const { completedUs } = completion;
      placed.push({ operation, place: 2 * position + 1, invokedUs, completedUs });
    }
  }
  return placed.sort((one, other) => one.place - other.place);
}

/** A default read of HTTP or JSON: neither a native one nor one that asked for less. */
export function isLinearizableRead(history: History, operation: Operation): boolean {
  const door = history.connections[operation.connection]?.door;
  if (door !== "linearizable" || operation.options.isLocal === true) return false;
  return showsTree(operation);
}

function checkAnswers(history: History): Violation[] {
  return replay(history).mismatches.map((mismatch) => {
    const { what, expected } = mismatch;
    const sentence = `a ${what} is not that of ZooKeeper: ${expected}`;
    return violation(MODEL, sentence, evidenceOf(history, mismatch));
  });
}

function evidenceOf(history: History, { logged, operation, answer }: Mismatch): Row[] {
  const rows: Row[] = [];
  if (logged !== undefined) rows.push(describeTxn(logged));
  if (operation !== undefined) rows.push(describeOperation(operation));
  if (answer !== undefined) {
    const text = typeof answer === "number" ? String(answer) : describeOutcome(answer);
    rows.push(["expected", text]);
  }
  if (operation === undefined || logged !== undefined) return rows;
  const { positionOf } = indexHistory(history);
  const zxid = operation.completion?.zxid ?? 0;
  const last = history.txns[(positionOf.get(zxid) ?? 0) - 1];
  if (last !== undefined) rows.push(["answered behind", ...describeTxn(last)]);
  return rows;
}

/** The general way, for what has no log: members that are looked at from outside. */
function searchOrder(history: History): Violation[] {
  const operations = history.operations.filter(
    (operation) =>
      isLinearizableRead(history, operation) ||
      (isWriteOperation(operation) && operation.completion?.isReplayed !== true),
  );
  return partition(operations).flatMap((part) => searchPart(history, part));
}

function searchPart(history: History, part: readonly Operation[]): Violation[] {
  const known = part.map((operation) => intervalOf(history, operation));
  const intervals = [...known, ...endsOfSessions(part)];
  const verdict = linearize(znodeSpec, intervals);
  if (verdict.type === "linearizable") return [];
  if (verdict.type === "undecided") {
    const sentence = `too many orders are possible: gave up after ${verdict.steps} steps`;
    return [violation(WRITES, sentence, [])];
  }
  const rows = [
    ...verdict.order.slice(-10).map(({ operation }) => ["fits", ...describeOperation(operation)]),
    ...verdict.stuck.map(({ operation }) => ["then none of", ...describeOperation(operation)]),
  ];
  const sentence = `no order explains the answers; the longest that does has ${verdict.order.length} of ${part.length} operations`;
  return [violation(WRITES, sentence, rows)];
}

/**
 * Any session that owns something may have expired, which nobody asks for: like a request to close
 * it that is never answered.
 */
function endsOfSessions(part: readonly Operation[]): Interval<ZnodeCall>[] {
  const owners = new Set(part.filter(makesEphemeral).map(({ session }) => session));
  /** What a session asked for last and got: it was alive then. */
  const last = new Map<number, Operation>();
  for (const operation of part) {
    const { session } = operation;
    if (owners.has(session) && (isDone(operation) || !last.has(session))) {
      last.set(session, operation);
    }
  }
  return [...last.values()].map((operation) => {
    const close: Operation = {
      ...operation,
      request: { op: "closeSession" },
      completion: undefined,
    };
    const { invokedUs: invoked } = operation;
    return { call: { operation: close, ids: [] }, invoked, returned: Infinity };
  });
}

const EPHEMERAL_FLAGS: readonly number[] = [1, 3];

function makesEphemeral({ request }: Operation): boolean {
  const parts = request.op === "multi" ? request.ops : [request];
  return parts.some((part) => "flags" in part && EPHEMERAL_FLAGS.includes(part.flags));
}

/** Zxids that were answered order writes, and reads behind them; a lost answer has none. */
function intervalOf(history: History, operation: Operation): Interval<ZnodeCall> {
  const completion = decided(operation);
  const ids = idsAt(history, operation.connection, operation.place);
  const rank = completion && completion.zxid + (isWriteOperation(operation) ? 0 : 0.5);
  return {
    call: { operation, ids },
    invoked: operation.invokedUs,
    returned: completion?.completedUs ?? Infinity,
    ...(rank !== undefined && rank >= 1 && { rank }),
  };
}
