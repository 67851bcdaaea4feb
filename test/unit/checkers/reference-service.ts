import { createHash } from "node:crypto";
import type { Id } from "../../../src/core/acl.ts";
import { failure, type Code, type Outcome } from "../../../src/core/keeper-error.ts";
import { isWrite, type Reply, type Request, type WriteRequest } from "../../../src/core/request.ts";
import type { TreeReadRequest } from "../../../src/core/read.ts";
import type { LoggedTxn, SubTxn, Txn } from "../../../src/core/txn.ts";
import type { RequestOptions } from "../../../src/core/request-options.ts";
import { find, freshState, type ModelState, parentPath } from "../../model/model-state.ts";
import { readModel } from "../../model/model-read.ts";
import { allows, PERM } from "../../model/model-rules.ts";
import { ModelWatches } from "../../model/model-watches.ts";
import { type Executed, executeOn, type ModelChange } from "../../model/model-write.ts";
import { copyState } from "../../simulation/checkers/model-copy.ts";
import type {
  Completion,
  ConnectionRecord,
  Delivery,
  Door,
  History,
  MemberEvent,
  Operation,
  Touch,
} from "../../simulation/history.ts";

/** Lets tests build records step by step, and spoil them. */
export type Mutable<T> = T extends Uint8Array
  ? T
  : T extends object
    ? { -readonly [K in keyof T]: Mutable<T[K]> }
    : T;

const EPOCH = 2 ** 32;
/** Every step takes a millisecond. */
const STEP_US = 1_000;

interface Asked {
  readonly operation: Mutable<Operation>;
  /** The txn that it waits for. */
  txn?: number;
}

interface Outgoing {
  readonly delivery: Delivery;
  readonly operation?: Mutable<Operation>;
  readonly completion?: Omit<Completion, "completedUs" | "delivery">;
}

/** A connection with what is under way on it. */
export interface Wire {
  readonly record: Mutable<ConnectionRecord>;
  readonly asked: Asked[];
  readonly outgoing: Outgoing[];
  isCut: boolean;
}

interface Done {
  readonly logged: LoggedTxn;
  readonly executed: Executed | undefined;
  readonly operation: Operation | undefined;
  readonly changes: readonly ModelChange[];
  readonly state: ModelState;
}

interface Member {
  readonly sid: number;
  readonly events: MemberEvent[];
  readonly watches: ModelWatches;
  /** Number of txns applied. */
  applied: number;
}

/**
 * A service that is right because it is naive: every write is done at once on one state, every
 * member follows txn by txn. What it leaves behind is a history as good as any; tests spoil copies.
 *
 * Each action of a request is a step of its own, so that requests overlap as the test likes: ask,
 * execute at the leader, apply at a member, deliver.
 */
export class ReferenceService {
  nowUs = 0;
  readonly wires: Wire[] = [];
  readonly members: Member[];
  readonly #operations: Mutable<Operation>[] = [];
  readonly #touches: Touch[] = [];
  readonly #done: Done[] = [];
  #epoch = 1;
  #leader = 1;
  #lastZxid = 0;
  #lastSession = 0;
  healedUs: number | undefined;

  constructor(memberCount = 3) {
    this.members = Array.from({ length: memberCount }, (_, at) => ({
      sid: at + 1,
      events: [],
      watches: new ModelWatches(),
      applied: 0,
    }));
    for (const { events } of this.members) {
      const [lastZxid, committedZxid, appliedZxid] = [0, 0, 0];
      const epochs = { acceptedEpoch: 0, currentEpoch: 0 };
      const ends = { lastZxid, committedZxid, appliedZxid };
      events.push({ atUs: 0, type: "started", incarnation: 1, ...epochs, ...ends });
    }
    this.#lastZxid = EPOCH;
    this.#lead();
  }

  get #state(): ModelState {
    return this.#done.at(-1)?.state ?? freshState();
  }

  /** Another member leads from now on; everybody has everything. */
  elect(sid: number): void {
    for (const member of this.members) this.applyAll(member.sid);
    this.#leader = sid;
    this.#epoch += 1;
    this.#lastZxid = this.#epoch * EPOCH;
    this.#lead();
  }

  #lead(): void {
    const role = { type: "leading", epoch: this.#epoch } as const;
    this.#member(this.#leader).events.push({ atUs: this.step(), type: "role", role });
  }

  step(us: number = STEP_US): number {
    this.nowUs += us;
    return this.nowUs;
  }

  #member(sid: number): Member {
    const member = this.members[sid - 1];
    if (member === undefined) throw new Error(`no member ${sid}`);
    return member;
  }

  /** Opens a connection and makes or resumes a session, all at once. */
  connect(options: {
    readonly client: number;
    readonly door?: Door;
    readonly sid?: number;
    readonly ids?: readonly Id[];
    readonly resume?: number;
    readonly timeoutMs?: number;
  }): Wire {
    const { client, door = "ordered", sid = 1, ids = [], resume, timeoutMs = 10_000 } = options;
    const openedUs = this.step();
    const seen = this.wires
      .filter(({ record }) => record.client === client)
      .flatMap(({ record }) => record.deliveries)
      .map((delivery) => this.#zxidOf(delivery));
    const lastZxidSeen = Math.max(0, ...seen);
    const id = resume ?? (this.#lastSession += 1);
    const session = { id, password: new Uint8Array(16), timeoutMs, member: sid };
    if (resume === undefined) {
      const state = copyState(this.#state);
      state.sessions.set(id, timeoutMs);
      const txn: Txn = { type: "createSession", ...session };
      this.#log(txn, { sessionId: id, cxid: 0 }, { state, changes: [] });
      this.applyAll(this.#leader);
    }
    while (this.#appliedZxid(sid) < lastZxidSeen) this.apply(sid);
    if (resume === undefined) this.applyAll(sid);
    const zxid = this.#appliedZxid(sid);
    const wire: Wire = {
      record: {
        id: this.wires.length,
        client,
        door,
        sid,
        incarnation: 1,
        openedUs,
        ids: [...ids],
        resume,
        lastZxidSeen,
        session,
        deliveries: [{ atUs: this.step(), type: "connected", zxid, outcome: session }],
        closedUs: undefined,
      },
      asked: [],
      outgoing: [],
      isCut: false,
    };
    this.wires.push(wire);
    this.touch(wire);
    return wire;
  }

  #zxidOf(delivery: Delivery): number {
    if (delivery.type === "connected") return delivery.zxid;
    if (delivery.type === "event") return delivery.event.zxid;
    if (delivery.type === "closed") return 0;
    return this.#operations[delivery.operation]?.completion?.zxid ?? 0;
  }

  #appliedZxid(sid: number): number {
    return this.#done[this.#member(sid).applied - 1]?.logged.header.zxid ?? 0;
  }

  /** A sign of life. */
  touch({ record }: Wire): void {
    const session = record.session?.id ?? 0;
    this.#touches.push({ atUs: this.nowUs, session, sid: record.sid });
  }

  /** The client sends a request. */
  ask(wire: Wire, request: Request, options: RequestOptions = {}): Mutable<Operation> {
    const place = this.#operations.filter(({ connection }) => connection === wire.record.id).length;
    const operation = {
      id: this.#operations.length,
      client: wire.record.client,
      connection: wire.record.id,
      session: wire.record.session?.id ?? 0,
      place,
      request,
      options,
      invokedUs: this.step(),
      completion: undefined,
    } as Mutable<Operation>;
    this.#operations.push(operation);
    wire.asked.push({ operation });
    this.touch(wire);
    return operation;
  }

  /**
   * Takes the next request of a connection: a write becomes a txn, a read is answered.
   *
   * @returns false if there is none, or the first one waits for its txn.
   */
  execute(wire: Wire): boolean {
    const asked = wire.asked.find(({ txn }) => txn === undefined);
    if (asked === undefined) return false;
    const { operation } = asked;
    const request = operation.request as Request;
    this.step();
    if (isWrite(request)) {
      this.#write(wire, operation as Operation, request);
      asked.txn = this.#done.length;
      this.applyAll(this.#leader);
      return true;
    }
    if (wire.asked[0] !== asked) return false;
    wire.asked.shift();
    this.#read(wire, operation as Operation, request);
    return true;
  }

  #write(wire: Wire, operation: Operation, request: WriteRequest): void {
    const state = copyState(this.#state);
    state.zxid = this.#lastZxid;
    const nowMs = Math.floor(this.nowUs / 1_000);
    const { ids } = wire.record;
    const spare = copyState(this.#state);
    const executed = executeOn(state, request, { sessionId: operation.session, ids, nowMs });
    const isFailed = executed.code !== undefined;
    const txn = isFailed
      ? ({ type: "error", code: executed.code as Code } as const)
      : txnOf(request, executed.changes, state);
    const after = isFailed ? spare : state;
    const by = { sessionId: operation.session, cxid: operation.id + 1 };
    this.#log(txn, by, { executed, operation, changes: executed.changes, state: after });
  }

  #log(
    txn: Txn,
    by: { readonly sessionId: number; readonly cxid: number },
    done: {
      readonly executed?: Executed;
      readonly operation?: Operation;
      readonly changes: readonly ModelChange[];
      readonly state: ModelState;
    },
  ): void {
    const { executed, operation, changes, state } = done;
    this.#lastZxid += 1;
    state.zxid = this.#lastZxid;
    const header = { ...by, zxid: this.#lastZxid, timeMs: Math.floor(this.nowUs / 1_000) };
    const key = operation?.options.idempotencyKey;
    const keyed = key === undefined ? header : { ...header, idempotencyKey: key };
    this.#done.push({ logged: { header: keyed, txn }, executed, operation, changes, state });
    if (by.cxid === 0) this.step();
  }

  /** The leader ends a session that it heard nothing of. */
  expire({ record }: Wire): void {
    const sessionId = record.session?.id ?? 0;
    const state = copyState(this.#state);
    state.zxid = this.#lastZxid;
    const context = { sessionId, ids: [], nowMs: Math.floor(this.nowUs / 1_000) };
    const { changes } = executeOn(state, { op: "closeSession" }, context);
    const txn = txnOf({ op: "closeSession" }, changes, state);
    this.#log(txn, { sessionId, cxid: 0 }, { changes, state });
    this.applyAll(this.#leader);
  }

  /** A member applies the next txn, if there is one. */
  apply(sid: number): boolean {
    const member = this.#member(sid);
    const done = this.#done[member.applied];
    if (done === undefined) return false;
    member.applied += 1;
    const { zxid } = done.logged.header;
    const hash = createHash("sha1").update(JSON.stringify(done.logged)).digest("hex");
    member.events.push({ atUs: this.step(), type: "applied", txns: [{ zxid, hash }] });
    for (const change of done.changes) this.#tell(member, change);
    this.#answerWrite(sid, done);
    return true;
  }

  applyAll(sid: number): void {
    while (this.apply(sid));
  }

  #tell(member: Member, change: ModelChange): void {
    for (const { watcher, type, path, zxid, acl } of member.watches.fire(change)) {
      const wire = this.wires[watcher];
      if (wire === undefined || wire.isCut) continue;
      if (!allows(acl, PERM.READ, wire.record.ids as Id[])) continue;
      const event = { type: type as 1, path, zxid };
      wire.outgoing.push({ delivery: { atUs: 0, type: "event", event } });
    }
  }

  #answerWrite(sid: number, { executed, operation, logged }: Done): void {
    if (operation === undefined || executed === undefined) return;
    const wire = this.wires[operation.connection];
    if (wire === undefined || wire.record.sid !== sid || wire.isCut) return;
    wire.asked.shift();
    const { code, failedAt, reply } = executed;
    const details = failedAt === undefined ? {} : { failedAt };
    const outcome = code === undefined ? reply : failure(code as Code, "refused", details);
    this.#answer(wire, operation, { zxid: logged.header.zxid, outcome: outcome as Outcome<Reply> });
  }

  #answer(
    wire: Wire,
    operation: Operation,
    { zxid, outcome }: { readonly zxid: number; readonly outcome: Outcome<Reply> },
  ): void {
    wire.outgoing.push({
      delivery: { atUs: 0, type: "reply", operation: operation.id },
      operation: operation as Mutable<Operation>,
      completion: { zxid, outcome, isReplayed: false },
    });
  }

  #read(wire: Wire, operation: Operation, request: Request): void {
    const { sid, id } = wire.record;
    const { watches, applied } = this.#member(sid);
    const state = this.#done[applied - 1]?.state ?? freshState();
    const zxid = this.#appliedZxid(sid);
    const answer = (outcome: Reply | number): void => {
      const told = typeof outcome === "number" ? failure(outcome as Code, "refused") : outcome;
      this.#answer(wire, operation, { zxid, outcome: told });
    };
    switch (request.op) {
      case "addWatch":
        watches.add(id, request.path, request.mode === 0 ? "persistent" : "recursive");
        return answer({ op: "addWatch" });
      case "removeWatches": {
        const isThere = watches.remove(id, request.path, request.type);
        return answer(isThere ? { op: "removeWatches" } : -121);
      }
      case "setWatches":
        for (const [type, path] of watches.setWatches(state, id, request)) {
          const event = { type: type as 1, path, zxid: -1 };
          wire.outgoing.push({ delivery: { atUs: 0, type: "event", event } });
        }
        return answer({ op: "setWatches" });
      case "ping":
        return answer({ op: "ping" });
      default:
        return answer(this.#readTree(wire, operation, state));
    }
  }

  /** Reads a member's tree, and leaves the watch that was asked for with it. */
  #readTree(wire: Wire, operation: Operation, state: ModelState): Reply | number {
    const { sid, id, ids } = wire.record;
    const request = operation.request as TreeReadRequest;
    const outcome = readModel(state, request, { sessionId: operation.session, ids: ids as Id[] });
    if (!("watch" in request) || !request.watch) return outcome;
    const isMissing = request.op === "exists" && outcome === -101;
    if (typeof outcome === "number" && !isMissing) return outcome;
    const isChild = request.op === "getChildren" || request.op === "getChildren2";
    this.#member(sid).watches.add(id, request.path, isChild ? "child" : "data");
    return outcome;
  }

  /** The next message arrives at the client. @returns false if there is none. */
  deliver(wire: Wire): boolean {
    const next = wire.outgoing.shift();
    if (next === undefined) return false;
    const atUs = this.step();
    const { operation, completion, delivery } = next;
    if (operation !== undefined && completion !== undefined) {
      const place = wire.record.deliveries.length;
      const done: Completion = { ...completion, completedUs: atUs, delivery: place };
      operation.completion = done as Mutable<Completion>;
    }
    wire.record.deliveries.push({ ...delivery, atUs } as Mutable<Delivery>);
    return true;
  }

  /** The connection breaks; what is under way is lost, or done without an answer. */
  cut(wire: Wire): void {
    wire.isCut = true;
    wire.outgoing.length = 0;
    wire.record.closedUs = this.step();
    this.#member(wire.record.sid).watches.disconnect(wire.record.id);
  }

  /** Asks and waits for the answer; other members may lag behind. */
  do(wire: Wire, request: Request, options: RequestOptions = {}): Mutable<Operation> {
    const operation = this.ask(wire, request, options);
    while (operation.completion === undefined) {
      if (this.deliver(wire) || this.execute(wire)) continue;
      this.apply(wire.record.sid);
    }
    return operation;
  }

  /** Everything that is under way arrives. */
  settle(): void {
    for (const wire of this.wires) while (!wire.isCut && this.execute(wire));
    for (const { sid } of this.members) this.applyAll(sid);
    for (const wire of this.wires) {
      while (!wire.isCut && this.execute(wire));
      while (this.deliver(wire));
    }
  }

  history(): History {
    return {
      seed: 0,
      operations: this.#operations as Operation[],
      connections: this.wires.map(({ record }) => record as ConnectionRecord),
      members: this.members.map(({ sid, events }) => ({ sid, events })),
      touches: this.#touches,
      txns: this.#done.map(({ logged }) => logged),
      healedUs: this.healedUs,
      endedUs: this.step(),
    };
  }
}

/** The txn that a request became, told from what it changed. */
function txnOf(request: WriteRequest, changes: readonly ModelChange[], state: ModelState): Txn {
  if (request.op === "setACL") {
    const node = find(state, request.path);
    const { acl = [], aversion = 0 } = node ?? {};
    return { type: "setACL", path: request.path, acl, aversion };
  }
  const parts = changes.map((change) => partOf(change, state));
  if (request.op === "closeSession") {
    return { type: "closeSession", deletes: parts.filter((part) => part.type === "delete") };
  }
  const [only] = parts;
  const isSingle = parts.length === 1 && request.op !== "multi" && request.op !== "deleteRecursive";
  return isSingle && only !== undefined ? only : { type: "multi", txns: parts };
}

function partOf({ type, path, acl, parentAcl }: ModelChange, state: ModelState): SubTxn {
  const node = find(state, path);
  if (type === "NodeDeleted") return { type: "delete", path, acl, parentAcl };
  if (type === "NodeDataChanged") {
    return { type: "setData", path, data: node?.data ?? null, version: node?.version ?? 0, acl };
  }
  return {
    type: "create",
    path,
    data: node?.data ?? null,
    acl,
    parentAcl,
    kind: 0,
    ephemeralOwner: node?.owner ?? 0,
    ttlMs: node?.ttlMs ?? 0,
    parentCreateCounter: find(state, parentPath(path))?.creates ?? 0,
  };
}
