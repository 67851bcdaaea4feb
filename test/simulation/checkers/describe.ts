import { findCodeName, isFailure, type Outcome } from "../../../src/core/keeper-error.ts";
import type {
  MultiOp,
  MultiReadRequest,
  MultiRequest,
  Reply,
  Request,
  WatchedEvent,
} from "../../../src/core/request.ts";
import type { LoggedTxn, Txn } from "../../../src/core/txn.ts";
import { WatchedEventType } from "../../../src/core/watched-event.ts";
import { formatZxid, type Zxid } from "../../../src/core/zxid.ts";
import type { Operation } from "../history.ts";
import type { Row } from "./violation.ts";

const TEXT_LENGTH_MAX = 100;

/** A moment of the run in seconds, to the microsecond. */
export function describeTime(atUs: number | undefined): string {
  return atUs === undefined || !Number.isFinite(atUs) ? "never" : `${(atUs / 1e6).toFixed(6)}s`;
}

/** A zxid as ZooKeeper prints it; −1 and other numbers that are none as they are. */
export function describeZxid(zxid: Zxid | undefined): string {
  return zxid === undefined || zxid < 0 ? String(zxid) : formatZxid(zxid);
}

/** An operation as a line: who, when, what, and what came of it. */
export function describeOperation(operation: Operation): Row {
  const { id, client, connection, session, invokedUs, completion } = operation;
  return [
    `operation ${id}`,
    `client ${client}`,
    `connection ${connection}`,
    `session ${session.toString(16)}`,
    `${describeTime(invokedUs)} to ${describeTime(completion?.completedUs)}`,
    describeRequest(operation.request),
    completion === undefined
      ? "→ no answer"
      : `→ ${describeZxid(completion.zxid)} ${describeOutcome(completion.outcome)}`,
  ];
}

/** A txn as a line. */
export function describeTxn({ header, txn }: LoggedTxn): Row {
  const { zxid, sessionId, cxid } = header;
  const asked = cxid === 0 ? "the server's own" : `cxid ${cxid}`;
  return [`txn ${describeZxid(zxid)}`, `session ${sessionId.toString(16)}`, asked, textOfTxn(txn)];
}

/** A request in a few words. */
export function describeRequest(request: Request | MultiOp): string {
  switch (request.op) {
    case "multi":
    case "multiRead":
      return shorten(`${request.op}[${partsOf(request).map(describeRequest).join("; ")}]`);
    case "setWatches": {
      const { relativeZxid, dataWatches, existWatches, childWatches } = request;
      const lists = `data ${dataWatches.join()} exist ${existWatches.join()} child ${childWatches.join()}`;
      const { persistentWatches, persistentRecursiveWatches } = request;
      const stay = `persistent ${persistentWatches.join()} recursive ${persistentRecursiveWatches.join()}`;
      return shorten(`setWatches since ${describeZxid(relativeZxid)} ${lists} ${stay}`);
    }
    case "auth":
      return `auth ${request.scheme}`;
    default:
      return shorten([request.op, ...details(request)].join(" "));
  }
}

function partsOf(request: MultiRequest | MultiReadRequest): readonly (Request | MultiOp)[] {
  return request.ops;
}

/** The fields of a request that matter, in its own order. */
function details(request: MultiOp | Request): string[] {
  const shown: string[] = [];
  for (const [name, value] of Object.entries(request) as [string, unknown][]) {
    if (name === "path" || name === "prefixPath") shown.push(JSON.stringify(value));
    else if (name === "data") shown.push(textOfData(value));
    else if (name === "watch" && value === true) shown.push("watch");
    else if (name === "version" && value !== -1) shown.push(`version ${String(value)}`);
    else if (name === "flags" && value !== 0) shown.push(`flags ${String(value)}`);
    else if (["type", "mode", "since"].includes(name)) shown.push(`${name} ${String(value)}`);
  }
  return shown;
}

/** What a request was answered with, in a few words. */
export function describeOutcome(outcome: Outcome<Reply>): string {
  if (isFailure(outcome)) return findCodeName(outcome.code) ?? String(outcome.code);
  const text = JSON.stringify(outcome, (name, value: unknown) =>
    value instanceof Uint8Array ? textOfData(value) : name === "op" ? undefined : value,
  );
  return shorten(text, 400);
}

/** An event in a few words. */
export function describeEvent({ type, path, zxid }: WatchedEvent): string {
  return `${nameOfType(type)} ${path} ${describeZxid(zxid)}`;
}

function nameOfType(type: WatchedEventType): string {
  const [name] = Object.entries(WatchedEventType).find(([, one]) => one === type) ?? [String(type)];
  return name;
}

function textOfTxn(txn: Txn): string {
  switch (txn.type) {
    case "error":
      return `error ${findCodeName(txn.code) ?? txn.code}`;
    case "multi":
      return shorten(`multi[${txn.txns.map(textOfTxn).join("; ")}]`);
    case "createSession":
      return `createSession ${txn.id.toString(16)} ${txn.timeoutMs} ms`;
    case "closeSession":
      return shorten(`closeSession[${txn.deletes.map(({ path }) => path).join(" ")}]`);
    default:
      return shorten(`${txn.type} ${txn.path}`);
  }
}

function textOfData(value: unknown): string {
  if (!(value instanceof Uint8Array)) return "null";
  return JSON.stringify(new TextDecoder().decode(value));
}

function shorten(text: string, max: number = TEXT_LENGTH_MAX): string {
  return text.length <= max ? text : `${text.slice(0, max)}…`;
}
