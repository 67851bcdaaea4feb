import type { Checker, ConnectionRecord, History, Operation, Violation } from "../history.ts";
import { describeEvent, describeOperation, describeTime, describeTxn } from "./describe.ts";
import { indexHistory, isDone } from "./index-history.ts";
import { replay } from "./replay.ts";
import { type Row, violation } from "./violation.ts";
import { blameMissing, blameUndue } from "./watch-blame.ts";
import { type Told, traceWatches, type WatchTrace } from "./watch-trace.ts";

const CHECKER = "watch-guarantees";
const ORDERED = { checker: CHECKER, rule: "WG1" };
const ATOMIC = { checker: CHECKER, rule: "WG3" };
const BEFORE_DATA = { checker: CHECKER, rule: "WG6" };
const CAUGHT_UP = { checker: CHECKER, rule: "WG8" };
const SESSION_OVER = { checker: CHECKER, rule: "WG14" };

/**
 * Checks what clients may rely on about watches.
 *
 * For each connection there is one list of events that it has to get, in order; it follows from the
 * answers that set and removed watches, from their zxids, and from the txns. What came instead is
 * compared with it, and each difference is blamed on the guarantee that it breaks.
 */
export const checkWatchGuarantees: Checker = (history) => {
  const { traces, ledger } = traceWatches(history);
  return traces.flatMap((trace) => [
    ...checkOrder(trace),
    ...checkTogether(history, trace),
    ...checkBeforeData(history, trace),
    ...checkSynthesised(history, trace.connection),
    ...checkSessionOver(history, trace.connection),
    ...trace.told.flatMap((told) => blameUndue(history, { trace, ledger }, told)),
    ...blameMissing(history, trace),
  ]);
};

function toldRow({ connection }: WatchTrace, { event, atUs }: Told): Row {
  return [`connection ${connection.id}`, describeTime(atUs), describeEvent(event)];
}

/** Events come in the order in which they are due. */
function checkOrder(trace: WatchTrace): Violation[] {
  const violations: Violation[] = [];
  let last: Told | undefined;
  for (const told of trace.told) {
    if (told.due === undefined) continue;
    if (last?.due !== undefined && told.due < last.due) {
      const sentence = "two events came in another order than their changes";
      violations.push(
        violation(
          ORDERED,
          sentence,
          [last, told].map((one) => toldRow(trace, one)),
        ),
      );
    }
    last = told;
  }
  return violations;
}

/** Between two events of one txn there is nothing else. */
function checkTogether(history: History, trace: WatchTrace): Violation[] {
  const violations: Violation[] = [];
  const live = trace.told.filter(({ due }) => isLive(trace, due));
  const last = new Map<number, Told>();
  for (const told of live) {
    const { zxid } = told.event;
    const before = last.get(zxid);
    last.set(zxid, told);
    if (before === undefined) continue;
    const between = trace.connection.deliveries.slice(before.delivery + 1, told.delivery);
    const strange = between.filter((one) => one.type !== "event" || one.event.zxid !== zxid);
    if (strange.length === 0) continue;
    const rows: Row[] = [toldRow(trace, before)];
    for (const one of strange) {
      if (one.type === "event")
        rows.push(["between", describeTime(one.atUs), describeEvent(one.event)]);
      const operation = one.type === "reply" ? history.operations[one.operation] : undefined;
      if (operation !== undefined) rows.push(["between", ...describeOperation(operation)]);
    }
    rows.push(toldRow(trace, told), ...txnRows(history, zxid));
    violations.push(violation(ATOMIC, "something came between the events of one txn", rows));
  }
  return violations;
}

/** What was made up for comes late by its nature. */
function isLive({ due }: WatchTrace, at: number | undefined): boolean {
  return at !== undefined && due[at]?.caughtUpBy === undefined;
}

function txnRows(history: History, zxid: number): Row[] {
  const logged = history.txns[(indexHistory(history).positionOf.get(zxid) ?? 0) - 1];
  return logged === undefined ? [] : [describeTxn(logged)];
}

/** No answer shows a change whose event comes later. */
function checkBeforeData(history: History, trace: WatchTrace): Violation[] {
  const violations: Violation[] = [];
  let shown: { readonly zxid: number; readonly operation: Operation } | undefined;
  const toldAt = new Map(trace.told.map((told) => [told.delivery, told]));
  trace.connection.deliveries.forEach((delivery, at) => {
    if (delivery.type === "reply") {
      const operation = history.operations[delivery.operation];
      const { completion } = operation ?? {};
      if (operation === undefined || completion === undefined || completion.isReplayed) return;
      if (completion.zxid > (shown?.zxid ?? 0)) shown = { zxid: completion.zxid, operation };
    }
    const told = toldAt.get(at);
    if (told === undefined || shown === undefined || !isLive(trace, told.due)) return;
    if (told.event.zxid > shown.zxid) return;
    const sentence = "an answer showed a change before its event came";
    const rows = [describeOperation(shown.operation), toldRow(trace, told)];
    violations.push(violation(BEFORE_DATA, sentence, rows));
  });
  return violations;
}

/** What setWatches makes up comes once, in the order of its lists, right before its answer. */
function checkSynthesised(history: History, { deliveries }: ConnectionRecord): Violation[] {
  const violations: Violation[] = [];
  let made: string[] = [];
  for (const delivery of deliveries) {
    if (delivery.type === "event" && delivery.event.zxid < 0)
      made.push(describeEvent(delivery.event));
    const operation =
      delivery.type === "reply" ? history.operations[delivery.operation] : undefined;
    if (operation === undefined) continue;
    const expected = synthesisedFor(history, operation);
    if (expected === undefined) return violations;
    if (expected.join() !== made.join()) {
      const sentence = "setWatches did not make up exactly what was missed";
      const rows: Row[] = [
        ["expected", expected.join(", ") || "nothing"],
        ["seen", made.join(", ") || "nothing"],
        describeOperation(operation),
      ];
      violations.push(violation(CAUGHT_UP, sentence, rows));
    }
    made = [];
  }
  return violations;
}

/** The events that come before an answer without a txn; undefined if the model did not get so far. */
function synthesisedFor(history: History, operation: Operation): string[] | undefined {
  if (operation.request.op !== "setWatches" || !isDone(operation)) return [];
  const events = replay(history).synthesised.get(operation)?.events;
  return events?.map(([type, path]) => describeEvent({ type: type as 1, path, zxid: -1 }));
}

/** Behind the end of its session a connection is told nothing. */
function checkSessionOver(history: History, connection: ConnectionRecord): Violation[] {
  const { session, deliveries } = connection;
  if (session === undefined) return [];
  const end = endsOf(history).get(session.id);
  if (end === undefined) return [];
  return deliveries.flatMap((delivery) => {
    if (delivery.type !== "event" || delivery.event.zxid <= end) return [];
    const sentence = "a connection was told of changes behind the end of its session";
    const event = describeEvent(delivery.event);
    const rows = [
      ...txnRows(history, end),
      [`connection ${connection.id}`, describeTime(delivery.atUs), event],
    ];
    return [violation(SESSION_OVER, sentence, rows)];
  });
}

const endsOfHistory = new WeakMap<History, ReadonlyMap<number, number>>();

/** The zxid at which each session ended. */
function endsOf(history: History): ReadonlyMap<number, number> {
  const known = endsOfHistory.get(history);
  if (known !== undefined) return known;
  const ends = new Map<number, number>();
  for (const { header, txn } of history.txns) {
    if (txn.type === "closeSession") ends.set(header.sessionId, header.zxid);
  }
  endsOfHistory.set(history, ends);
  return ends;
}
