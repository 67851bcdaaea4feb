import { type Change, changesOf, WatchedEventType } from "../../../src/core/watched-event.ts";
import type { WatchedEvent } from "../../../src/core/request.ts";
import type { LoggedTxn } from "../../../src/core/txn.ts";
import type { History, Violation } from "../history.ts";
import { describeEvent, describeOperation, describeTime, describeTxn } from "./describe.ts";
import { indexHistory } from "./index-history.ts";
import { type Row, violation } from "./violation.ts";
import type { Registration, WatchLedger } from "./watch-ledger.ts";
import type { Due, Told, WatchTrace } from "./watch-trace.ts";

/** A guarantee that an event broke by coming, or by not coming. */
interface Blame {
  readonly rule: string;
  readonly sentence: string;
  readonly watches?: readonly Registration[];
}

/** Says which guarantee an event breaks that was not due. */
export function blameUndue(
  history: History,
  { trace, ledger }: { readonly trace: WatchTrace; readonly ledger: WatchLedger },
  told: Told,
): Violation[] {
  if (told.due !== undefined) return [];
  const { event, atUs } = told;
  const logged = findTxn(history, event.zxid);
  const { rule, sentence, watches = [] } = blame(history, { trace, ledger, event, logged });
  const rows: Row[] = [
    [`connection ${trace.connection.id}`, describeTime(atUs), describeEvent(event)],
    ...(logged === undefined ? [] : [describeTxn(logged)]),
    ...watches.map(describeWatch),
  ];
  return [violation({ checker: "watch-guarantees", rule }, sentence, rows)];
}

interface Case {
  readonly trace: WatchTrace;
  readonly ledger: WatchLedger;
  readonly event: WatchedEvent;
  readonly logged: LoggedTxn | undefined;
}

function blame(history: History, { trace, ledger, event, logged }: Case): Blame {
  if (logged === undefined || !changesOf(logged).some((change) => brings(change, event))) {
    return { rule: "WG12", sentence: "an event came of a change that no txn made at its zxid" };
  }
  const isThis = (due: Due): boolean =>
    due.zxid === event.zxid && due.type === event.type && due.path === event.path;
  const kept = trace.due.find((due) => due.mayRead === "no" && isThis(due));
  if (kept !== undefined) {
    const sentence = "an event came to a connection that may not READ";
    return { rule: "WG5", sentence, watches: kept.watches };
  }
  const twice = trace.due.find(isThis);
  if (twice !== undefined) return blameRepeated(twice);
  const own = ledger.of(trace.connection.id);
  const fitting = own.filter((watch) => hears(watch, event));
  if (fitting.length > 0) return blameEnded(fitting, event);
  const near = own.filter(({ path }) => path === event.path || event.path.startsWith(`${path}/`));
  if (near.some(({ kind }) => kind === "recursive")) {
    const sentence = "a recursive watch was told what it is spared: that children changed";
    return { rule: "WG11", sentence, watches: near };
  }
  if (near.some(({ path }) => path === event.path)) {
    const sentence = "a watch was told of a kind of change that it is not for";
    return { rule: "WG9", sentence, watches: near };
  }
  const others = history.connections
    .filter(({ client, id }) => client === trace.connection.client && id !== trace.connection.id)
    .flatMap(({ id }) => ledger.of(id).filter((watch) => hears(watch, event)));
  const sentence = "an event came to a connection that has no such watch";
  return { rule: "WG15", sentence, watches: others };
}

function blameRepeated({ watches }: Due): Blame {
  if (watches.length > 1) {
    return {
      rule: "WG13",
      sentence: "several watches of a connection made several events",
      watches,
    };
  }
  return { rule: "WG2", sentence: "an event came twice", watches };
}

/** There was such a watch, but not when it happened. */
function blameEnded(fitting: readonly Registration[], { zxid }: WatchedEvent): Blame {
  const ended = fitting.filter(({ end }) => end !== undefined && end.at <= zxid);
  if (ended.some(({ end }) => end?.by === "removed")) {
    return { rule: "WG7", sentence: "an event came of a watch that was removed", watches: ended };
  }
  if (ended.length > 0) {
    return { rule: "WG2", sentence: "a watch fired that was used up", watches: ended };
  }
  const sentence = "an event came of a change before its watch was set";
  return { rule: "WG12", sentence, watches: fitting };
}

/** Says which guarantee is broken by the events that were due and did not come. */
export function blameMissing(history: History, trace: WatchTrace): Violation[] {
  return trace.missing.map((due) => {
    const logged = findTxn(history, due.zxid);
    const { rule, sentence } = blameLost(trace, due, logged);
    const rows: Row[] = [
      [`connection ${trace.connection.id}`, "never came", describeEvent(due)],
      ...(logged === undefined ? [] : [describeTxn(logged)]),
      ...due.watches.map(describeWatch),
      ...proofRows(history, trace, due),
    ];
    return violation({ checker: "watch-guarantees", rule }, sentence, rows);
  });
}

function blameLost(trace: WatchTrace, due: Due, logged: LoggedTxn | undefined): Blame {
  if (due.caughtUpBy !== undefined) {
    return { rule: "WG8", sentence: "a watch with `since` was not told what it had missed" };
  }
  const isTold = trace.told.some(({ event }) => event.zxid === due.zxid);
  if (logged?.txn.type === "closeSession") {
    return {
      rule: "WG14",
      sentence: "an ephemeral went with its session, and its watcher was not told",
    };
  }
  if (isTold)
    return { rule: "WG3", sentence: "of the events of one txn some came and some did not" };
  if (due.watches.some(({ kind }) => kind === "recursive")) {
    return { rule: "WG11", sentence: "a recursive watch was not told of a change below it" };
  }
  if (due.watches.some(({ kind }) => kind === "persistent")) {
    return { rule: "WG10", sentence: "a persistent watch was not told of a change" };
  }
  return { rule: "WG4", sentence: "a watch was not told of the change that it waited for" };
}

/** The first delivery that shows that the event should have come before. */
function proofRows(
  history: History,
  { connection, told, answeredZxid }: WatchTrace,
  due: Due,
): Row[] {
  for (const delivery of connection.deliveries) {
    if (delivery.type === "event" && delivery.event.zxid > due.zxid) {
      return [["but then came", describeTime(delivery.atUs), describeEvent(delivery.event)]];
    }
    if (delivery.type !== "reply") continue;
    const operation = history.operations[delivery.operation];
    const { completion } = operation ?? {};
    if (operation === undefined || completion === undefined || completion.isReplayed) continue;
    if (completion.zxid >= due.zxid) return [["but then came", ...describeOperation(operation)]];
  }
  const later = told.find(({ event }) => event.zxid === due.zxid);
  if (later !== undefined)
    return [["but then came", describeTime(later.atUs), describeEvent(later.event)]];
  return [["its member applied", `up to ${answeredZxid}`, "and the connection lasts"]];
}

function describeWatch({ kind, path, setBy, end }: Registration): Row {
  const fate = end === undefined ? "waiting" : `${end.by} at 0x${end.at.toString(16)}`;
  return [`${kind} watch on ${path}`, fate, "set by", ...describeOperation(setBy)];
}

function findTxn(history: History, zxid: number): LoggedTxn | undefined {
  return history.txns[(indexHistory(history).positionOf.get(zxid) ?? 0) - 1];
}

/** Tells whether a change has this event among its own. */
function brings(change: Change, { type, path }: WatchedEvent): boolean {
  if (WatchedEventType[change.type] === type) return change.path === path;
  if (type !== WatchedEventType.NodeChildrenChanged || change.type === "NodeDataChanged")
    return false;
  return change.path.slice(0, Math.max(1, change.path.lastIndexOf("/"))) === path;
}

/** Tells whether a watch is for events of a type at a path. */
function hears({ kind, path }: Registration, event: WatchedEvent): boolean {
  const isChildEvent = event.type === WatchedEventType.NodeChildrenChanged;
  if (kind === "recursive") {
    const below = path === "/" ? "/" : `${path}/`;
    return !isChildEvent && (event.path === path || event.path.startsWith(below));
  }
  if (event.path !== path) return false;
  if (kind === "persistent") return true;
  const isDeletion = event.type === WatchedEventType.NodeDeleted;
  return kind === "child" ? isChildEvent || isDeletion : !isChildEvent;
}
