import { Code, isFailure } from "../../../src/core/keeper-error.ts";
import type { AddWatchRequest, Request, WatchedEvent } from "../../../src/core/request.ts";
import { changesOf } from "../../../src/core/watched-event.ts";
import type { Zxid } from "../../../src/core/zxid.ts";
import { allows, PERM } from "../../model/model-rules.ts";
import type { ConnectionRecord, History, Operation } from "../history.ts";
import { idsAt, indexHistory, isDone } from "./index-history.ts";
import { replay, type Synthesised } from "./replay.ts";
import { type DueEvent, WatchLedger, type WatchKind } from "./watch-ledger.ts";

/** An event that has to come, may come, or must not, because its connection may not READ. */
export interface Due extends DueEvent {
  readonly mayRead: "yes" | "no" | "unclear";
  /** The `addWatch` that asked for what was missed; undefined for what happens while it waits. */
  readonly caughtUpBy: Operation | undefined;
}

/** An event that came. */
export interface Told {
  readonly event: WatchedEvent;
  /** Its place in the connection's deliveries, and when it arrived. */
  readonly delivery: number;
  readonly atUs: number;
  /** The event that it is, by its place in {@link WatchTrace.due}; undefined: nothing was due. */
  readonly due: number | undefined;
}

/** Everything about the watches of one connection. */
export interface WatchTrace {
  readonly connection: ConnectionRecord;
  /** In the order in which they have to come, as far as the client can have got. */
  readonly due: readonly Due[];
  readonly told: readonly Told[];
  /** Due events that did not come, although something behind them did. */
  readonly missing: readonly Due[];
  /** Of an answer: everything up to it must have been told before. */
  readonly answeredZxid: Zxid;
}

/** The traces of a history, and the watches that there ever were. */
export interface WatchTraces {
  readonly traces: readonly WatchTrace[];
  readonly ledger: WatchLedger;
}

const traces = new WeakMap<History, WatchTraces>();

/** Works out what every connection had to be told; a second time costs nothing. */
export function traceWatches(history: History): WatchTraces {
  let made = traces.get(history);
  if (made === undefined) {
    made = new Tracing(history).run();
    traces.set(history, made);
  }
  return made;
}

/** An event is still on its way for so long. */
const DELIVERY_US = 5_000_000;

class Tracing {
  readonly #history: History;
  readonly #ledger = new WatchLedger();
  readonly #due = new Map<number, Due[]>();
  /** Up to where events of a connection matter: its client can't have got any further. */
  readonly #horizon = new Map<number, Zxid>();
  readonly #answered = new Map<number, Zxid>();
  readonly #unclear = new Set<number>();
  readonly #requestsAt = new Map<number, Operation[]>();

  constructor(history: History) {
    this.#history = history;
    const { positionOf } = indexHistory(history);
    for (const operation of history.operations) {
      if (!concernsWatches(operation)) continue;
      const position = positionOf.get(operation.completion?.zxid ?? -1);
      if (position === undefined) continue;
      const others = this.#requestsAt.get(position);
      if (others === undefined) this.#requestsAt.set(position, [operation]);
      else others.push(operation);
    }
  }

  run(): WatchTraces {
    const { connections, txns } = this.#history;
    for (const connection of connections) this.#look(connection);
    // In the order of their ends, so that each is forgotten when nothing of it matters any more.
    const ends = [...this.#horizon].sort(([, one], [, other]) => one - other);
    for (const operation of this.#requestsAt.get(0) ?? []) this.#register(operation);
    txns.forEach((logged, at) => {
      const { zxid } = logged.header;
      for (let end = ends[0]; end !== undefined && end[1] < zxid; end = ends[0]) {
        this.#ledger.drop(end[0]);
        ends.shift();
      }
      for (const change of changesOf(logged)) {
        for (const due of this.#ledger.fire(change)) this.#add(due, undefined);
      }
      for (const operation of this.#requestsAt.get(at + 1) ?? []) this.#register(operation);
    });
    const clear = connections.filter(({ id }) => !this.#unclear.has(id));
    return { traces: clear.map((connection) => this.#match(connection)), ledger: this.#ledger };
  }

  /** How far a connection got, told from what arrived. */
  #look(connection: ConnectionRecord): void {
    const { id, deliveries, sid, closedUs } = connection;
    let [answered, reached] = [0, 0];
    for (const delivery of deliveries) {
      if (delivery.type === "event") reached = Math.max(reached, delivery.event.zxid);
      if (delivery.type !== "reply") continue;
      const { completion } = this.#history.operations[delivery.operation] ?? {};
      if (completion?.isReplayed === false) answered = Math.max(answered, completion.zxid);
    }
    const { healedUs, endedUs } = this.#history;
    if (closedUs === undefined && connection.session !== undefined && healedUs !== undefined) {
      answered = Math.max(answered, appliedBy(this.#history, sid, endedUs - DELIVERY_US));
    }
    this.#answered.set(id, answered);
    this.#horizon.set(id, Math.max(answered, reached));
  }

  #add(due: DueEvent, caughtUpBy: Operation | undefined): void {
    const { connection, zxid, acl } = due;
    if (zxid > (this.#horizon.get(connection) ?? 0)) return;
    const mayRead = this.#mayRead(connection, { zxid, acl });
    const made: Due = { ...due, mayRead, caughtUpBy };
    const others = this.#due.get(connection);
    if (others === undefined) this.#due.set(connection, [made]);
    else others.push(made);
  }

  /** An `auth` counts from when it arrived, which lies somewhere before its answer. */
  #mayRead(connection: number, { zxid, acl }: Pick<DueEvent, "zxid" | "acl">): Due["mayRead"] {
    const auths = indexHistory(this.#history).authsOf.get(connection);
    if (auths === undefined) {
      return allows(acl, PERM.READ, idsAt(this.#history, connection, 0)) ? "yes" : "no";
    }
    const answered = auths.filter(({ completion }) => (completion?.zxid ?? Infinity) < zxid);
    const least = idsAt(this.#history, connection, (answered.at(-1)?.place ?? -1) + 1);
    if (allows(acl, PERM.READ, least)) return "yes";
    return allows(acl, PERM.READ, idsAt(this.#history, connection, Infinity)) ? "unclear" : "no";
  }

  /** An answered request sets or removes watches, at its zxid. */
  #register(operation: Operation): void {
    const { connection, request, completion } = operation;
    const at = completion?.zxid ?? 0;
    const set = (path: string, kind: WatchKind): void => {
      this.#ledger.set({ connection, path, kind, setBy: operation, setAt: at });
    };
    switch (request.op) {
      case "removeWatches":
        this.#ledger.remove(connection, request.path, { type: request.type, at });
        return;
      case "addWatch":
        set(request.path, request.mode === 0 ? "persistent" : "recursive");
        if (request.since !== undefined) this.#catchUp(operation, request);
        return;
      case "setWatches":
        for (const { path, kind } of this.#rearmed(operation)) set(path, kind);
        return;
      case "getData":
      case "exists":
        return set(request.path, "data");
      case "getChildren":
      case "getChildren2":
        return set(request.path, "child");
      default:
        return;
    }
  }

  #rearmed(operation: Operation): Synthesised["rearmed"] {
    const synthesised = replay(this.#history).synthesised.get(operation);
    // The model stopped before it, for a reason that is told elsewhere: nothing is known behind it.
    if (synthesised === undefined) this.#unclear.add(operation.connection);
    return synthesised?.rearmed ?? [];
  }

  /** What a watch with `since` would have been told, had it been there. */
  #catchUp(operation: Operation, { path, mode, since = 0 }: AddWatchRequest): void {
    const { connection, completion } = operation;
    const { positionOf } = indexHistory(this.#history);
    const kind = mode === 0 ? "persistent" : "recursive";
    const alone = new WatchLedger();
    alone.set({ connection, path, kind, setBy: operation, setAt: since });
    const from = this.#history.txns.findIndex(({ header }) => header.zxid > since);
    const to = positionOf.get(completion?.zxid ?? 0) ?? 0;
    if (from < 0) return;
    for (const logged of this.#history.txns.slice(from, to)) {
      for (const change of changesOf(logged)) {
        for (const due of alone.fire(change)) this.#add(due, operation);
      }
    }
  }

  /** Finds the due event that each told one is. */
  #match(connection: ConnectionRecord): WatchTrace {
    const due = this.#due.get(connection.id) ?? [];
    const waiting = new Map<string, number[]>();
    due.forEach((one, at) => {
      if (one.mayRead === "no") return;
      const others = waiting.get(keyOf(one));
      if (others === undefined) waiting.set(keyOf(one), [at]);
      else others.push(at);
    });
    const told: Told[] = [];
    let furthest = -1;
    connection.deliveries.forEach((delivery, at) => {
      if (delivery.type !== "event" || delivery.event.zxid < 0) return;
      const { event, atUs } = delivery;
      const found = waiting.get(keyOf(event))?.shift();
      furthest = Math.max(furthest, found ?? -1);
      told.push({ event, delivery: at, atUs, due: found });
    });
    const answeredZxid = this.#answered.get(connection.id) ?? 0;
    const missing = [...waiting.values()]
      .flat()
      .sort((one, other) => one - other)
      .filter((at) => at < furthest || (due[at]?.zxid ?? 0) <= answeredZxid)
      .flatMap((at) => due[at] ?? [])
      .filter(({ mayRead }) => mayRead === "yes");
    return { connection, due, told, missing, answeredZxid };
  }
}

function keyOf({ type, path, zxid }: WatchedEvent): string {
  return `${zxid} ${type} ${path}`;
}

const WATCHING: ReadonlySet<Request["op"]> = new Set<Request["op"]>([
  "addWatch",
  "removeWatches",
  "setWatches",
]);

/** Tells whether an answered request set or removed a watch. */
function concernsWatches(operation: Operation): boolean {
  const { request, completion } = operation;
  if (WATCHING.has(request.op)) return isDone(operation);
  if (!("watch" in request) || !request.watch || completion === undefined) return false;
  const { outcome } = completion;
  if (!isFailure(outcome)) return true;
  return request.op === "exists" && outcome.code === Code.NONODE;
}

/** How far a member had applied by a time. */
function appliedBy({ members }: History, sid: number, atUs: number): Zxid {
  let zxid = 0;
  for (const event of members.find((member) => member.sid === sid)?.events ?? []) {
    if (event.atUs > atUs) break;
    if (event.type === "started") zxid = event.appliedZxid;
    if (event.type === "installed") zxid = event.zxid;
    if (event.type === "applied") zxid = event.txns.at(-1)?.zxid ?? zxid;
  }
  return zxid;
}
