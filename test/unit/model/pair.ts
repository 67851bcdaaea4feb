import { checkACL, Perms } from "../../../src/core/acl.ts";
import { NodeKind, statOf } from "../../../src/core/data-node.ts";
import { DataTree } from "../../../src/core/data-tree.ts";
import { isFailure } from "../../../src/core/keeper-error.ts";
import { LIMITS } from "../../../src/core/limits.ts";
import { ALL } from "../../../src/core/node-table.ts";
import { Prep, type Prepared } from "../../../src/core/prep.ts";
import { read, type TreeReadRequest } from "../../../src/core/read.ts";
import { replyOf } from "../../../src/core/reply.ts";
import type { SetWatchesRequest, TreeWriteRequest } from "../../../src/core/request.ts";
import { synthesise } from "../../../src/core/set-watches.ts";
import { digestOf } from "../../../src/core/tree-digest.ts";
import { catchUp } from "../../../src/core/watch-catch-up.ts";
import { type WatchKind, WatchManager, type WatcherType } from "../../../src/core/watch-manager.ts";
import { changesOf } from "../../../src/core/watched-event.ts";
import { decodeBatches, encodeBatch } from "../../../src/storage/log-batch.ts";
import { MemoryStore } from "../../../src/storage/memory-store.ts";
import { recover } from "../../../src/storage/recover.ts";
import type { Store } from "../../../src/storage/store.ts";
import { reapDates } from "../../model/model-reap.ts";
import { readModel } from "../../model/model-read.ts";
import { allows } from "../../model/model-rules.ts";
import {
  ephemerals,
  find,
  freshState,
  type ModelState,
  stat,
  walk,
} from "../../model/model-state.ts";
import { ModelWatches } from "../../model/model-watches.ts";
import { execute, type Executed, type ModelChange, openSession } from "../../model/model-write.ts";
import { same } from "./same.ts";
import { IDENTITIES, type Operation } from "./operations.ts";

/** A store that can be opened again as after a crash. */
export interface Reopenable {
  readonly store: Store;
  reopen(): Reopenable;
}

/** One who asks: ids, a session (0 = none) and a connection that watches. */
interface Slot {
  sessionId: number;
  watcher: number;
}

/** Prepared by both, applied by neither. */
interface Pending {
  readonly prepared: Prepared;
  /** Absent for createSession, which is no request. */
  readonly request?: TreeWriteRequest;
  readonly executed: Executed;
  /** Sessions of the slots before it, for the case that it is discarded. */
  readonly sessionsBefore: readonly number[];
}

type Told = Map<number, string[]>;

/** A {@link Reopenable} without a database. */
export function inMemory(store: MemoryStore = new MemoryStore()): Reopenable {
  return { store, reopen: () => inMemory(store.restart()) };
}

/** Runs the same operations through `src` and through the naive model, and compares everything. */
export class Pair {
  #disk: Reopenable;
  #tree: DataTree;
  #prep: Prep;
  #watches = new WatchManager(LIMITS);
  #nowMs = 1_000_000;
  #pending: Pending[] = [];
  /** The model's state at the zxid that is applied. */
  #model: ModelState = freshState();
  readonly #modelWatches = new ModelWatches();
  /** The model's changes up to there, in order. */
  readonly #history: ModelChange[] = [];
  readonly #slots: Slot[];
  #lastSession = 0;
  #lastWatcher = 0;

  constructor(disk: Reopenable) {
    this.#disk = disk;
    this.#tree = new DataTree(disk.store.tables);
    this.#prep = this.#newPrep();
    this.#slots = IDENTITIES.map(() => ({ sessionId: 0, watcher: (this.#lastWatcher += 1) }));
    for (const slot of this.#slots.slice(0, 3)) this.#openSession(slot);
    this.#apply(3);
  }

  /** Runs all operations, applies what is left and compares once more. */
  run(operations: readonly Operation[]): this {
    for (const operation of operations) this.#step(operation);
    this.#apply(this.#pending.length);
    this.#compareTrees();
    this.#compareCatchUp();
    return this;
  }

  #step(operation: Operation): void {
    switch (operation.do) {
      case "write":
        return this.#write(this.#slot(operation.slot), operation.request);
      case "apply":
        return this.#apply(operation.count);
      case "discard":
        return this.#discard(operation.keep);
      case "read":
        return this.#read(operation.slot, operation.request);
      case "addWatch":
        return this.#addWatch(operation.slot, operation.path, operation.mode);
      case "removeWatches":
        return this.#removeWatches(operation.slot, operation.path, operation.type);
      case "setWatches":
        return this.#setWatches(operation.slot, operation.request);
      case "reconnect":
        return this.#reconnect(operation.slot);
      case "newSession":
        return this.#newSession(operation.slot);
      case "pass":
        return this.#pass(operation.ms);
      case "checkpoint":
        return this.#disk.store.checkpoint(this.#tree.lastZxid);
      case "restart":
        return this.#restart();
    }
  }

  #slot(at: number): Slot & { readonly ids: (typeof IDENTITIES)[number] } {
    const slot = this.#slots[at];
    const ids = IDENTITIES[at];
    if (slot === undefined || ids === undefined) throw new Error(`no slot ${at}`);
    return { ...slot, ids };
  }

  #newPrep(): Prep {
    const lastZxid = this.#tree.lastZxid;
    return new Prep(this.#disk.store.tables, { lastZxid, limits: LIMITS, enforceQuota: true });
  }

  /** The model's state with everything prepared. */
  #head(): ModelState {
    return this.#pending.at(-1)?.executed.state ?? this.#model;
  }

  #write(
    { sessionId, ids }: { readonly sessionId: number; readonly ids: (typeof IDENTITIES)[number] },
    request: TreeWriteRequest,
  ): void {
    const nowMs = this.#nowMs;
    const prepared = this.#prep.prepare(request, { sessionId, ids, cxid: 0, nowMs });
    const executed = execute(this.#head(), request, { sessionId, ids, nowMs });
    const where = `${request.op} at zxid ${executed.state.zxid}`;
    same(`${where}: ${prepared.failure?.message}`, prepared.failure?.code, executed.code);
    if (request.op === "multi") same(where, prepared.failure?.failedAt, executed.failedAt);
    this.#admit({ prepared, request, executed });
  }

  #admit(entry: Omit<Pending, "sessionsBefore">): void {
    const { header } = entry.prepared.logged;
    same("zxid", header.zxid, entry.executed.state.zxid);
    same("time", header.timeMs, this.#nowMs);
    const sessionsBefore = this.#slots.map(({ sessionId }) => sessionId);
    this.#pending.push({ ...entry, sessionsBefore });
  }

  #openSession(slot: Slot): void {
    const id = (this.#lastSession += 1);
    const session = { id, password: new Uint8Array(16), timeoutMs: 10_000, member: 0 };
    const prepared = this.#prep.createSession(session, this.#nowMs);
    const state = openSession(this.#head(), id, session.timeoutMs);
    this.#admit({ prepared, executed: { state, changes: [] } });
    slot.sessionId = id;
  }

  /** Closes the slot's session, if it has one, and opens another. */
  #newSession(at: number): void {
    const slot = this.#slots[at];
    if (slot === undefined || slot.sessionId === 0) return;
    this.#write(this.#slot(at), { op: "closeSession" });
    this.#openSession(slot);
  }

  #apply(count: number): void {
    const group = this.#pending.splice(0, count);
    if (group.length === 0) return;
    this.#disk.store.log.append(encodeBatch(group.map(({ prepared }) => prepared.logged)));
    for (const { prepared, request, executed } of group) {
      const { logged } = prepared;
      const result = this.#tree.apply(logged);
      this.#prep.applied(logged.header.zxid);
      if (request !== undefined && prepared.failure === undefined) {
        same(`reply to ${request.op}`, replyOf(request, result), executed.reply);
      }
      const told: Told = new Map();
      for (const change of changesOf(logged)) {
        this.#watches.trigger(change, (watcher, event, acl) => {
          if (checkACL(acl, Perms.READ, this.#idsOf(watcher))) note(told, watcher, event);
        });
      }
      same(`events of zxid ${logged.header.zxid}`, told, this.#modelEvents(executed));
      this.#model = executed.state;
      this.#history.push(...executed.changes);
    }
    this.#compareTrees();
  }

  #modelEvents({ changes }: Executed): Told {
    const told: Told = new Map();
    for (const event of changes.flatMap((change) => this.#modelWatches.fire(change))) {
      if (allows(event.acl, 1, this.#idsOf(event.watcher))) note(told, event.watcher, event);
    }
    return told;
  }

  #idsOf(watcher: number): (typeof IDENTITIES)[number] {
    return IDENTITIES[this.#slots.findIndex((slot) => slot.watcher === watcher)] ?? [];
  }

  /** A deposed leader: what is behind the first `keep` never happened. */
  #discard(keep: number): void {
    const [first] = this.#pending.slice(keep);
    if (first === undefined) return;
    this.#prep.discard(first.prepared.logged.header.zxid - 1);
    this.#pending.length = keep;
    for (const [at, sessionId] of first.sessionsBefore.entries()) {
      const slot = this.#slots[at];
      if (slot !== undefined) slot.sessionId = sessionId;
    }
  }

  #read(at: number, request: TreeReadRequest): void {
    const { sessionId, ids, watcher } = this.#slot(at);
    const { tables } = this.#disk.store;
    const outcome = read({ tables, ids, sessionId, limits: LIMITS }, request);
    const expected = readModel(this.#model, request, { sessionId, ids });
    const seen = isFailure(outcome) ? outcome.code : outcome;
    same(JSON.stringify(request), seen, expected);
    const kind = watchOf(request, typeof expected === "number" ? expected : 0);
    if (kind === undefined || !("path" in request)) return;
    same("watch", this.#watches.add(request.path, watcher, kind), undefined);
    this.#modelWatches.add(watcher, request.path, kind);
  }

  #addWatch(at: number, path: string, mode: 0 | 1): void {
    const { watcher } = this.#slot(at);
    const kind = mode === 0 ? "persistent" : "recursive";
    same("watch", this.#watches.add(path, watcher, kind), undefined);
    this.#modelWatches.add(watcher, path, kind);
  }

  #removeWatches(at: number, path: string, type: WatcherType): void {
    const { watcher } = this.#slot(at);
    const isThere = this.#modelWatches.has(watcher, path, type);
    same("checkWatches", this.#watches.check(path, watcher, type), isThere);
    same("removeWatches", this.#watches.remove(path, watcher, type), isThere);
    same("the model", this.#modelWatches.remove(watcher, path, type), isThere);
  }

  #setWatches(at: number, request: SetWatchesRequest): void {
    const { watcher } = this.#slot(at);
    const { events, rearm } = synthesise(this.#disk.store.tables, request);
    const expected = this.#modelWatches.setWatches(this.#model, watcher, request);
    same("watches", this.#watches.addAll(watcher, rearm), undefined);
    same(
      "setWatches",
      events,
      expected.map(([type, path]) => ({ type, path, zxid: -1 })),
    );
  }

  #reconnect(at: number): void {
    const slot = this.#slots[at];
    if (slot === undefined) return;
    this.#watches.removeWatcher(slot.watcher);
    this.#modelWatches.disconnect(slot.watcher);
    slot.watcher = this.#lastWatcher += 1;
  }

  /** Time passes, and the server reaps what may go. */
  #pass(ms: number): void {
    this.#nowMs += ms;
    const due = this.#disk.store.tables.reapable(this.#nowMs, 100);
    const dates = [...reapDates(this.#model)].filter(([, dueMs]) => dueMs <= this.#nowMs);
    const expected = dates.sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1));
    same(
      "what may be reaped",
      due,
      expected.map(([path]) => path),
    );
    for (const path of due) this.#write({ sessionId: 0, ids: [] }, { op: "reap", path });
  }

  /** A crash, of which hibernated sockets and their watches know nothing. */
  #restart(): void {
    this.#discard(0);
    this.#disk = this.#disk.reopen();
    const { store } = this.#disk;
    this.#tree = new DataTree(store.tables, store.checkpointZxid);
    recover(store, (logged) => this.#tree.apply(logged));
    this.#prep = this.#newPrep();
    const watches = new WatchManager(LIMITS);
    for (const { watcher } of this.#slots) {
      watches.restore(watcher, this.#watches.watchesOf(watcher));
    }
    this.#watches = watches;
    this.#compareTrees();
  }

  /** Watches resumed from the log get what the model's watches got when it happened. */
  #compareCatchUp(): void {
    const log = decodeBatches(this.#disk.store.log.read(0, Infinity));
    const since = Math.floor(this.#tree.lastZxid / 2);
    for (const kind of ["persistent", "recursive"] as const) {
      for (const path of ["/", "/a"]) {
        const model = new ModelWatches();
        model.add(1, path, kind);
        const expected = this.#history
          .filter(({ zxid }) => zxid > since)
          .flatMap((change) => model.fire(change))
          .filter(({ acl }) => allows(acl, 1, []))
          .map(({ type, path: at, zxid }) => ({ type, path: at, zxid }));
        const seen = catchUp(log, { path, kind, since }, (acl) => checkACL(acl, Perms.READ, []));
        same(`${kind} watch on ${path} since ${since}`, seen, expected);
      }
    }
  }

  /** The digest of the tree in the store. */
  digest(): string {
    return digestOf(this.#disk.store.tables);
  }

  /** The digest of a fresh tree that got everything from the log. */
  digestOfReplay(): string {
    const { tables } = new MemoryStore();
    const tree = new DataTree(tables);
    for (const logged of decodeBatches(this.#disk.store.log.read(0, Infinity))) tree.apply(logged);
    return digestOf(tables);
  }

  #compareTrees(): void {
    const { tables } = this.#disk.store;
    const model = this.#model;
    same("the last zxid", this.#tree.lastZxid, model.zxid);
    same("the tree", dumpTree(tables), dumpModel(model));
    same("descendants", tables.countDescendants("/"), [...walk(model)].length - 1);
    const sessions = [...tables.sessions()].map(({ id, timeoutMs }) => [id, timeoutMs]);
    same(
      "sessions",
      sessions,
      [...model.sessions].sort(([a], [b]) => a - b),
    );
    for (const id of model.sessions.keys()) {
      same(`ephemerals of ${id}`, tables.ephemeralsOf(id), ephemerals(model, id));
    }
    const dates = [...reapDates(model).values()];
    same("next reap", tables.nextReapMs(), dates.length === 0 ? undefined : Math.min(...dates));
    this.#compareWatches();
  }

  #compareWatches(): void {
    same("watch count", this.#watches.count, this.#modelWatches.count());
    for (const { watcher } of this.#slots) {
      const watches = this.#watches.watchesOf(watcher);
      for (const kind of ["data", "child", "persistent", "recursive"] as const) {
        same(`${kind} watches`, [...watches[kind]].sort(), this.#modelWatches.paths(watcher, kind));
      }
    }
  }
}

type Event = { readonly type: number; readonly path: string; readonly zxid: number };

function note(told: Told, watcher: number, { type, path, zxid }: Event): void {
  told.set(watcher, [...(told.get(watcher) ?? []), `${type} ${path} at ${zxid}`]);
}

/** Which watch a read leaves behind: an exists also on a missing znode, others on success only. */
function watchOf(request: TreeReadRequest, code: number): WatchKind | undefined {
  if (!("watch" in request) || !request.watch) return undefined;
  if (request.op === "exists") return code === 0 || code === -101 ? "data" : undefined;
  if (code !== 0) return undefined;
  return request.op === "getData" ? "data" : "child";
}

const KINDS = {
  [NodeKind.PERSISTENT]: "persistent",
  [NodeKind.EPHEMERAL]: "ephemeral",
  [NodeKind.CONTAINER]: "container",
  [NodeKind.TTL]: "ttl",
} as const;

type Dump = Record<string, unknown>;

function dumpTree(tables: Store["tables"], path = "/", into: Dump = {}): Dump {
  const node = tables.get(path);
  if (node === undefined) throw new Error(`${path} is listed but not there`);
  const { data, acl, kind, ttlMs, createCounter } = node;
  into[`node ${path}`] = {
    ...statOf(node),
    data: data === null ? null : [...data],
    acl: JSON.stringify(acl),
    kind: KINDS[kind],
    ttlMs,
    createCounter,
  };
  for (const name of tables.children(path, ALL)) {
    dumpTree(tables, path === "/" ? `/${name}` : `${path}/${name}`, into);
  }
  return into;
}

function dumpModel(model: ModelState): Dump {
  const into: Dump = {};
  for (const [path] of walk(model)) {
    const node = find(model, path);
    if (node === undefined) continue;
    into[`node ${path}`] = {
      ...stat(node),
      data: node.data === null ? null : [...node.data],
      acl: JSON.stringify(node.acl),
      kind: node.kind,
      ttlMs: node.ttlMs,
      createCounter: node.creates,
    };
  }
  return into;
}
