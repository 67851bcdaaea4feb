import type { Id } from "./acl.ts";
import { applyToNodes } from "./apply.ts";
import { assert } from "./assert.ts";
import type { SessionId } from "./data-node.ts";
import { isFailure, type Failure, type Outcome, Code, failure } from "./keeper-error.ts";
import type { Limits } from "./limits.ts";
import type { NodeTable } from "./node-table.ts";
import { OutstandingChanges } from "./outstanding-changes.ts";
import { prepCreateParents, prepDeleteRecursive, prepMulti } from "./prep-compound.ts";
import { prepCreate, prepDelete, prepSetACL, prepSetData, type PrepScope } from "./prep-node.ts";
import { prepCloseSession, prepReap } from "./prep-server.ts";
import type { CreateRequest, SetDataRequest, TreeWriteRequest } from "./request.ts";
import type { Session } from "./session.ts";
import { sizeOfTxn } from "./txn-size.ts";
import type { LoggedTxn, Txn, TxnHeader } from "./txn.ts";
import { ANY_VERSION } from "./version.ts";
import { nextZxid, type Zxid } from "./zxid.ts";

/** Who asks, and when. */
export interface PrepContext {
  /** 0 for a connection without a session, and for the server itself. */
  readonly sessionId: SessionId;
  readonly ids: readonly Id[];
  /** The client's number for the request. */
  readonly cxid: number;
  /** The leader's clock, ms since 1970. */
  readonly nowMs: number;
  readonly idempotencyKey?: string;
}

/** What a request became. */
export interface Prepared {
  /** To be logged, always: a failure is a txn too, because its reply shows a zxid. */
  readonly logged: LoggedTxn;
  /** Why the txn is an error; for the client that asked only. */
  readonly failure?: Failure;
}

/** Where prep goes on from, and what it refuses. */
export interface PrepOptions {
  readonly lastZxid: Zxid;
  /** Of the last txn logged, ms since 1970. */
  readonly lastTimeMs?: number;
  readonly limits: Limits;
  readonly enforceQuota: boolean;
}

/**
 * Turns write requests into txns: the one place that judges them.
 *
 * Judges against the tree as it will be, everything prepared so far included. What it admits,
 * apply cannot refuse. Zxids are given out in the order of calls, one per request, good or bad.
 *
 * Source: ZooKeeper `PrepRequestProcessor`.
 */
export class Prep {
  readonly #changes: OutstandingChanges;
  readonly #options: { readonly limits: Limits; readonly enforceQuota: boolean };
  /** Prepared and not applied, in zxid order. */
  #pending: LoggedTxn[] = [];
  #lastZxid: Zxid;
  /** Of the txn before: times of txns never go back, whatever the clock of a new leader says. */
  #lastTimeMs: number;

  constructor(tables: NodeTable, options: PrepOptions) {
    this.#changes = new OutstandingChanges(tables);
    this.#options = options;
    this.#lastZxid = options.lastZxid;
    this.#lastTimeMs = options.lastTimeMs ?? 0;
  }

  /** The zxid given out last. */
  get lastZxid(): Zxid {
    return this.#lastZxid;
  }

  /** Prepares one request. */
  prepare(request: TreeWriteRequest, context: PrepContext): Prepared {
    const header = this.#headerOf(context);
    const scope: PrepScope = {
      view: this.#changes,
      sessionId: context.sessionId,
      ids: context.ids,
      ...this.#options,
    };
    const outcome = this.#boundSize(prepTxn(scope, header, request));
    if (isFailure(outcome)) return this.#refuse(header, outcome);
    return { logged: this.#admit({ header, txn: outcome }) };
  }

  /** Prepares a request that was refused before: its reply shows a zxid all the same. */
  refuse(refusal: Failure, context: PrepContext): Prepared {
    return this.#refuse(this.#headerOf(context), refusal);
  }

  /** Prepares a new session; it is never refused here. */
  createSession({ id, password, timeoutMs, member }: Session, nowMs: number): Prepared {
    const zxid = nextZxid(this.#lastZxid);
    const header: TxnHeader = { sessionId: id, cxid: 0, zxid, timeMs: this.#timeMs(nowMs) };
    const txn: Txn = { type: "createSession", id, password, timeoutMs, member };
    return { logged: this.#admit({ header, txn }) };
  }

  /** Tells that the tree holds everything up to `zxid`. */
  applied(zxid: Zxid): void {
    this.#changes.applied(zxid);
    let count = 0;
    while (count < this.#pending.length && (this.#pending[count]?.header.zxid ?? 0) <= zxid)
      count += 1;
    this.#pending.splice(0, count);
  }

  /** Forgets everything after `zxid`, which is not applied: it never happened. */
  discard(zxid: Zxid): void {
    assert(zxid <= this.#lastZxid, `discard after ${zxid}, but ${this.#lastZxid} is the last`);
    const kept = this.#pending.filter(({ header }) => header.zxid <= zxid);
    this.#changes.clear();
    this.#pending = [];
    for (const logged of kept) this.#admit(logged);
    this.#lastZxid = zxid;
  }

  #timeMs(nowMs: number): number {
    this.#lastTimeMs = Math.max(this.#lastTimeMs, nowMs);
    return this.#lastTimeMs;
  }

  #headerOf({ sessionId, cxid, nowMs, idempotencyKey }: PrepContext): TxnHeader {
    return {
      sessionId,
      cxid,
      zxid: nextZxid(this.#lastZxid),
      timeMs: this.#timeMs(nowMs),
      ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    };
  }

  #refuse(header: TxnHeader, refusal: Failure): Prepared {
    const txn: Txn = { type: "error", code: refusal.code };
    return { logged: this.#admit({ header, txn }), failure: refusal };
  }

  #boundSize(outcome: Outcome<Txn>): Outcome<Txn> {
    if (isFailure(outcome) || outcome.type === "closeSession") return outcome;
    const { TXN_BYTES_MAX } = this.#options.limits;
    const bytes = sizeOfTxn(outcome);
    if (bytes <= TXN_BYTES_MAX) return outcome;
    const message = `TXN_BYTES_MAX is ${TXN_BYTES_MAX} bytes in one txn, saw ${bytes}`;
    return failure(Code.BADARGUMENTS, message, { expected: TXN_BYTES_MAX, seen: bytes });
  }

  #admit(logged: LoggedTxn): LoggedTxn {
    const { header, txn } = logged;
    this.#lastZxid = header.zxid;
    this.#pending.push(logged);
    this.#changes.zxid = header.zxid;
    switch (txn.type) {
      case "multi":
        for (const sub of txn.txns) applyToNodes(this.#changes, header, sub);
        break;
      case "closeSession":
        for (const sub of txn.deletes) applyToNodes(this.#changes, header, sub);
        break;
      case "createSession":
      case "error":
        break;
      default:
        applyToNodes(this.#changes, header, txn);
    }
    return logged;
  }
}

function prepTxn(scope: PrepScope, header: TxnHeader, request: TreeWriteRequest): Outcome<Txn> {
  switch (request.op) {
    case "delete":
      return prepDelete(scope, request);
    case "deleteRecursive":
      return prepDeleteRecursive(scope, header, request);
    case "setData":
      return prepUpsert(scope, header, request);
    case "setACL":
      return prepSetACL(scope, request);
    case "multi":
      return prepMulti(scope, header, request);
    case "closeSession":
      return prepCloseSession(scope);
    case "reap":
      return prepReap(scope, request, header.timeMs);
    default:
      return prepCreateAny(scope, header, request);
  }
}

function prepCreateAny(scope: PrepScope, header: TxnHeader, request: CreateRequest): Outcome<Txn> {
  return request.parents === true
    ? prepCreateParents(scope, header, request)
    : prepCreate(scope, request);
}

/** A setData that finds nothing is done as a create, if it may be and expects nothing there. */
function prepUpsert(scope: PrepScope, header: TxnHeader, request: SetDataRequest): Outcome<Txn> {
  const { orCreate, version, czxid } = request;
  const txn = prepSetData(scope, request);
  if (!isFailure(txn) || txn.code !== Code.NONODE || orCreate === undefined) return txn;
  return version === ANY_VERSION && czxid === undefined
    ? prepCreateAny(scope, header, orCreate)
    : txn;
}
