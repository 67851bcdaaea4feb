import { Code, isFailure, type Outcome } from "../../../src/core/keeper-error.ts";
import type { TreeReadRequest } from "../../../src/core/read.ts";
import type { Reply, Request, SetWatchesRequest } from "../../../src/core/request.ts";
import type { LoggedTxn } from "../../../src/core/txn.ts";
import { changesOf } from "../../../src/core/watched-event.ts";
import { readModel } from "../../model/model-read.ts";
import { find, freshState, type ModelState } from "../../model/model-state.ts";
import { type ModelWatchKind, ModelWatches } from "../../model/model-watches.ts";
import { type Executed, executeOn } from "../../model/model-write.ts";
import type { History, Operation } from "../history.ts";
import { decided, idsAt, indexHistory, isWriteOperation, showsTree } from "./index-history.ts";
import { executeFast } from "./model-copy.ts";
import { isSameValue } from "./same-value.ts";

/** Where the naive model and a history part. */
export interface Mismatch {
  readonly what: "txn" | "answer" | "read";
  /** What was expected, in a sentence. */
  readonly expected: string;
  readonly logged?: LoggedTxn;
  readonly operation?: Operation;
  readonly answer?: Outcome<Reply> | number;
}

/** What a setWatches is answered with before its reply, and the watches that it leaves. */
export interface Synthesised {
  readonly events: readonly (readonly [type: number, path: string])[];
  readonly rearmed: readonly { readonly path: string; readonly kind: ModelWatchKind }[];
}

/** A history run through the naive model, txn by txn. */
export interface Replay {
  /** Ends with the first txn that the model disagrees with: behind it nothing can be compared. */
  readonly mismatches: readonly Mismatch[];
  /** What each setWatches comes to; those that could not be compared are missing. */
  readonly synthesised: ReadonlyMap<Operation, Synthesised>;
  /** Sessions that are open at the end, with their timeouts. */
  readonly openSessions: ReadonlyMap<number, number>;
  /** Whether every txn was compared. */
  readonly isComplete: boolean;
}

const replays = new WeakMap<History, Replay>();

/** Runs a history through the naive model; a second time costs nothing. */
export function replay(history: History): Replay {
  let made = replays.get(history);
  if (made === undefined) {
    made = new Replaying(history).run();
    replays.set(history, made);
  }
  return made;
}

class Replaying {
  readonly #history: History;
  #state: ModelState = freshState();
  readonly #mismatches: Mismatch[] = [];
  readonly #synthesised = new Map<Operation, Synthesised>();
  /** Operations by the position of the state that answered them. */
  readonly #readsAt = new Map<number, Operation[]>();

  constructor(history: History) {
    this.#history = history;
    const { positionOf } = indexHistory(history);
    for (const operation of history.operations) {
      if (!showsTree(operation) && operation.request.op !== "setWatches") continue;
      const position = positionOf.get(operation.completion?.zxid ?? -1);
      if (position === undefined) continue;
      const others = this.#readsAt.get(position);
      if (others === undefined) this.#readsAt.set(position, [operation]);
      else others.push(operation);
    }
  }

  run(): Replay {
    this.#compareReads(0);
    let isComplete = true;
    for (const [at, logged] of this.#history.txns.entries()) {
      isComplete = this.#replay(logged);
      if (!isComplete) break;
      this.#compareReads(at + 1);
    }
    return {
      mismatches: this.#mismatches,
      synthesised: this.#synthesised,
      openSessions: this.#state.sessions,
      isComplete,
    };
  }

  /** @returns false if the model can't go on. */
  #replay(logged: LoggedTxn): boolean {
    const { header } = logged;
    this.#state.zxid = header.zxid - 1;
    const operation = indexHistory(this.#history).operationOf.get(logged);
    if (operation === undefined || !isWriteOperation(operation)) return this.#replayOwn(logged);
    if (this.#isRefusedBySession(logged)) return this.#replayOwn(logged);
    const { request } = operation;
    const isLikelyRefused = logged.txn.type === "error";
    const executed = executeFast(
      this.#state,
      { request, isLikelyRefused },
      {
        sessionId: header.sessionId,
        ids: idsAt(this.#history, operation.connection, operation.place),
        nowMs: header.timeMs,
      },
    );
    this.#state = executed.state;
    return this.#compare(executed, logged, operation);
  }

  #compare(executed: Executed, logged: LoggedTxn, operation: Operation): boolean {
    const expected = wordOutcome(executed);
    if (!isTxnOf(executed, logged)) {
      this.#mismatches.push({ what: "txn", expected, logged, operation });
      return false;
    }
    const completion = decided(operation);
    if (completion === undefined || completion.zxid !== logged.header.zxid) return true;
    const { outcome } = completion;
    if (isAnswerOf(executed, operation.request, outcome)) return true;
    const answer = executed.code ?? executed.reply;
    this.#mismatches.push({
      what: "answer",
      expected,
      logged,
      operation,
      ...(answer !== undefined && { answer }),
    });
    return true;
  }

  /** Replays what the service did by itself. */
  /**
   * Which member serves a session is no part of the tree, so that such a refusal can't be foreseen;
   * that a session is over is, and one that is not must not be refused so.
   */
  #isRefusedBySession({ header, txn }: LoggedTxn): boolean {
    if (txn.type !== "error") return false;
    if (txn.code === Code.SESSIONMOVED) return true;
    return txn.code === Code.SESSIONEXPIRED && !this.#state.sessions.has(header.sessionId);
  }

  #replayOwn(logged: LoggedTxn): boolean {
    const { header, txn } = logged;
    const context = { sessionId: header.sessionId, ids: [], nowMs: header.timeMs };
    switch (txn.type) {
      case "createSession":
        this.#state.zxid += 1;
        this.#state.sessions.set(txn.id, txn.timeoutMs);
        return true;
      case "closeSession":
        this.#state = executeOn(this.#state, { op: "closeSession" }, context).state;
        return true;
      case "delete": {
        const request = { op: "reap", path: txn.path } as const;
        const executed = executeOn(this.#state, request, context);
        this.#state = executed.state;
        if (executed.code === undefined) return true;
        const expected = `the znode is not due: ${wordOutcome(executed)}`;
        this.#mismatches.push({ what: "txn", expected, logged });
        return false;
      }
      case "error":
        this.#state.zxid += 1;
        return true;
      default:
        return this.#replayConfiguration(logged);
    }
  }

  /** A reconfiguration writes one znode past every rule of clients; nothing else may. */
  #replayConfiguration(logged: LoggedTxn): boolean {
    const { header, txn } = logged;
    const node = find(this.#state, "/zookeeper/config");
    if (txn.type !== "setData" || txn.path !== "/zookeeper/config" || node === undefined) {
      const expected = "somebody asked for it, or it is one that the service makes by itself";
      this.#mismatches.push({ what: "txn", expected, logged });
      return false;
    }
    this.#state.zxid += 1;
    const { data, version } = txn;
    Object.assign(node, { data, version, mzxid: header.zxid, mtime: header.timeMs });
    return true;
  }

  #compareReads(position: number): void {
    for (const operation of this.#readsAt.get(position) ?? []) {
      const { request } = operation;
      if (request.op === "setWatches") this.#synthesise(operation, request);
      else this.#compareRead(operation, request as TreeReadRequest);
    }
  }

  #compareRead(operation: Operation, request: TreeReadRequest): void {
    const outcome = operation.completion?.outcome;
    const ids = idsAt(this.#history, operation.connection, operation.place);
    const answer = readModel(this.#state, request, { sessionId: operation.session, ids });
    const isSame = isFailure(outcome) ? outcome.code === answer : isSameValue(outcome, answer);
    if (isSame) return;
    const expected = "the tree at the zxid of its answer shows something else";
    this.#mismatches.push({ what: "read", expected, operation, answer });
  }

  #synthesise(operation: Operation, request: SetWatchesRequest): void {
    const watches = new ModelWatches();
    const events = watches.setWatches(this.#state, 0, request);
    const kinds: readonly ModelWatchKind[] = ["data", "child", "persistent", "recursive"];
    const rearmed = kinds.flatMap((kind) => watches.paths(0, kind).map((path) => ({ path, kind })));
    this.#synthesised.set(operation, { events, rearmed });
  }
}

/** Tells whether a txn is what the model made of its request; the order of its parts may differ. */
function isTxnOf({ code, changes }: Executed, logged: LoggedTxn): boolean {
  if (code !== undefined) return logged.txn.type === "error" && logged.txn.code === code;
  if (logged.txn.type === "error") return false;
  const expected = changes.map(({ type, path, acl }) => ({ type, path, acl })).sort(byPath);
  const seen = changesOf(logged).map(({ type, path, acl }) => ({ type, path, acl }));
  return isSameValue(expected, seen.sort(byPath));
}

/** Which part failed is said of a multi; other requests of several parts may say it, too. */
function isAnswerOf(
  { code, failedAt, reply }: Executed,
  { op }: Request,
  outcome: Outcome<Reply>,
): boolean {
  if (!isFailure(outcome)) return isSameValue(outcome, reply);
  return outcome.code === code && (op !== "multi" || outcome.failedAt === failedAt);
}

function byPath(one: { readonly path: string }, other: { readonly path: string }): number {
  return one.path < other.path ? -1 : Number(one.path > other.path);
}

function wordOutcome({ code, failedAt, changes }: Executed): string {
  if (code !== undefined) {
    return `refused with ${code}${failedAt === undefined ? "" : ` at part ${failedAt}`}`;
  }
  return `done: ${changes.map(({ type, path }) => `${type} ${path}`).join(", ") || "no change"}`;
}
