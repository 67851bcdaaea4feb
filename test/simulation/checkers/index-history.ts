import { createHash } from "node:crypto";
import type { Id } from "../../../src/core/acl.ts";
import { Code, isFailure } from "../../../src/core/keeper-error.ts";
import { isWrite, type Request, type WriteRequest } from "../../../src/core/request.ts";
import type { LoggedTxn } from "../../../src/core/txn.ts";
import type { Zxid } from "../../../src/core/zxid.ts";
import { type Completion, type History, type Operation, xidOf } from "../history.ts";

/** A write and what is known of it. */
export type Write = Operation & { readonly request: WriteRequest };

/** What checkers look up in a history; made once for all of them. */
export interface HistoryIndex {
  /** Place of a zxid among the txns, from 1; that of the state before any txn is 0. */
  readonly positionOf: ReadonlyMap<Zxid, number>;
  /** The txns that an operation became: none or one, or something is wrong. */
  readonly txnsOf: ReadonlyMap<Operation, readonly LoggedTxn[]>;
  /** The operation that asked for a txn; undefined if the service made it by itself. */
  readonly operationOf: ReadonlyMap<LoggedTxn, Operation>;
  /** Operations of each connection, in the order sent. */
  readonly ofConnection: ReadonlyMap<number, readonly Operation[]>;
  /** The `auth` requests of each connection that sent any, in the order sent. */
  readonly authsOf: ReadonlyMap<number, readonly Operation[]>;
}

const indexes = new WeakMap<History, HistoryIndex>();

/** Looks a history through; a second time costs nothing. */
export function indexHistory(history: History): HistoryIndex {
  let index = indexes.get(history);
  if (index === undefined) {
    index = makeIndex(history);
    indexes.set(history, index);
  }
  return index;
}

function makeIndex({ operations, txns, connections }: History): HistoryIndex {
  const positionOf = new Map<Zxid, number>([[0, 0]]);
  const txnsOf = new Map<Operation, LoggedTxn[]>();
  const operationOf = new Map<LoggedTxn, Operation>();
  txns.forEach((logged, at) => {
    const { zxid, cxid } = logged.header;
    positionOf.set(zxid, at + 1);
    const operation = operations[cxid - 1];
    if (operation === undefined || xidOf(operation) !== cxid) return;
    if (!isWrite(operation.request)) return;
    operationOf.set(logged, operation);
    const others = txnsOf.get(operation);
    if (others === undefined) txnsOf.set(operation, [logged]);
    else others.push(logged);
  });
  const ofConnection = new Map<number, Operation[]>(connections.map(({ id }) => [id, []]));
  for (const operation of operations) ofConnection.get(operation.connection)?.push(operation);
  for (const sent of ofConnection.values()) sent.sort((one, other) => one.place - other.place);
  const authsOf = new Map<number, Operation[]>();
  for (const [connection, sent] of ofConnection) {
    const auths = sent.filter(({ request }) => request.op === "auth");
    if (auths.length > 0) authsOf.set(connection, auths);
  }
  return { positionOf, txnsOf, operationOf, ofConnection, authsOf };
}

/** Tells writes from reads. */
export function isWriteOperation(operation: Operation): operation is Write {
  return isWrite(operation.request);
}

/** Codes that say nothing about whether a write was done. */
const UNDECIDED: readonly number[] = [
  Code.CONNECTIONLOSS,
  Code.OPERATIONTIMEOUT,
  Code.REQUESTTIMEOUT,
];

/** The answer, if there is one and it says what became of the request. */
export function decided({ completion }: Operation): Completion | undefined {
  if (completion === undefined) return undefined;
  const { outcome } = completion;
  return isFailure(outcome) && UNDECIDED.includes(outcome.code) ? undefined : completion;
}

/** Tells whether the answer says that it was done. */
export function isDone({ completion }: Operation): boolean {
  return completion !== undefined && !isFailure(completion.outcome);
}

/**
 * Tells whether an operation read the tree and its answer shows what it saw: refusals by anything
 * else than the tree, a limit say, show nothing.
 */
export function showsTree(operation: Operation): boolean {
  const { request, completion } = operation;
  if (completion === undefined || !READS.has(request.op)) return false;
  const { outcome } = completion;
  return !isFailure(outcome) || outcome.code === Code.NONODE || outcome.code === Code.NOAUTH;
}

const READS: ReadonlySet<Request["op"]> = new Set<Request["op"]>([
  "getData",
  "exists",
  "getACL",
  "getChildren",
  "getChildren2",
  "multiRead",
  "getEphemerals",
  "getAllChildrenNumber",
]);

/**
 * The ids that count for an operation: those of the connection and of every `auth` before it.
 *
 * @param before - operations that were sent before this place count.
 */
export function idsAt(history: History, connection: number, before: number): readonly Id[] {
  const own = history.connections[connection]?.ids ?? [];
  const added: Id[] = [];
  for (const { place, request, completion } of indexHistory(history).authsOf.get(connection) ??
    []) {
    if (place >= before) break;
    if (request.op !== "auth" || request.scheme !== "digest") continue;
    if (completion !== undefined && isFailure(completion.outcome)) continue;
    added.push({ scheme: "digest", id: digestOf(request.auth) });
  }
  return added.length === 0 ? own : [...own, ...added];
}

/** Source: ZooKeeper `DigestAuthenticationProvider.generateDigest`. */
function digestOf(auth: Uint8Array): string {
  const [user = ""] = new TextDecoder().decode(auth).split(":");
  return `${user}:${createHash("sha1").update(auth).digest("base64")}`;
}
