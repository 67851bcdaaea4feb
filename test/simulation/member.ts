import { digestOf } from "../../src/core/tree-digest.ts";
import type { Identity } from "../../src/core/identity.ts";
import type { ReconfigRequest } from "../../src/core/request.ts";
import type { WatchSnapshot } from "../../src/core/watch-manager.ts";
import type { Zxid } from "../../src/core/zxid.ts";
import type { MemberPacket } from "../../src/server/ensemble/member-message.ts";
import type { ConnectionSnapshot } from "../../src/server/connection-snapshot.ts";
import type { ConnectionId, Input } from "../../src/server/input.ts";
import { decodeBatches } from "../../src/storage/log-batch.ts";
import type { Sid } from "../../src/zab/configuration.ts";
import type { PeerRole } from "../../src/zab/ready.ts";
import type { LogRow } from "../../src/zab/log-row.ts";
import { OperatorConnection } from "./operator-connection.ts";
import { Disk } from "./disk.ts";
import type { AppliedTxn } from "./history.ts";
import type { Instance, InstanceParts } from "./instance.ts";
import type { ClientMessage, Link, LinkAcceptor } from "./link.ts";
import type { Network } from "./network.ts";
import type { SimulationOptions } from "./options.ts";
import type { Prng } from "./prng.ts";
import type { Recorder } from "./recorder.ts";
import type { Schedule, Scheduled } from "./schedule.ts";
import { SimConnection } from "./sim-connection.ts";
import { SqlMedium } from "./sql-medium.ts";
import type { Trace } from "./trace.ts";

/** True time 0 on a clock that is right: 2026-11-22T00:00:00Z. */
const EPOCH_MS = 1_795_305_600_000;

/** Names of an operator's connections and requests are behind this, far from those of clients. */
const OPERATOR_CONNECTIONS: ConnectionId = 1e9;

/** Makes the production code of one instance. */
export type InstanceFactory = (member: Member, parts: InstanceParts) => Instance;

/** What all members share. */
export interface MemberWorld {
  readonly schedule: Schedule;
  readonly trace: Trace;
  readonly recorder: Recorder;
  readonly network: Network;
  readonly options: SimulationOptions;
  readonly factory: InstanceFactory;
}

/** What the platform keeps with a socket while its object sleeps. */
interface Attachment {
  readonly snapshot: ConnectionSnapshot;
  readonly watches: WatchSnapshot;
}

/**
 * One member of the ensemble: its place, disk and clock, and between crashes an instance of the
 * production code. An object that crashed or was evicted is back at the next call, message or
 * alarm, as on the platform, unless it is out of reach.
 */
export class Member implements LinkAcceptor {
  readonly sid: Sid;
  readonly disk: Disk;
  instance: Instance | undefined;
  /** Out of reach and not to be started. */
  isOut = false;
  /** Clients don't get through, although other members may. */
  isCutFromClients = false;
  /** It crashes no more by itself. */
  isHealed = false;
  readonly #world: MemberWorld;
  readonly #rng: Prng;
  readonly #links = new Map<ConnectionId, Link>();
  readonly #attachments = new Map<ConnectionId, Attachment>();
  readonly #heardMs = new Map<ConnectionId, number>();
  readonly #calls = new Set<() => void>();
  readonly #clockBaseMs: number;
  #clockOffsetMs: number;
  #incarnation = 0;
  /** Calls to other members that were not answered yet. */
  #sends = 0;
  #role: PeerRole | undefined;
  #appliedZxid: Zxid = 0;
  #operatorCalls = 0;
  /** As far as the history knows: what is durable. */
  #recordedZxid: Zxid = 0;
  #timer: Scheduled | undefined;
  #flushing: Scheduled | undefined;
  #sleeping: Scheduled | undefined;
  #wakeAtMs: number | undefined;

  constructor(sid: Sid, world: MemberWorld, rng: Prng) {
    this.sid = sid;
    this.#world = world;
    this.#rng = rng;
    const { disk, clockOffsetMsMax } = world.options;
    this.disk = new Disk(new SqlMedium(), world.schedule, rng.fork("disk"), disk);
    this.#clockBaseMs = rng.between(-clockOffsetMsMax, clockOffsetMsMax);
    this.#clockOffsetMs = this.#clockBaseMs;
    world.recorder.did(sid, { type: "clock", jumpMs: this.#clockOffsetMs });
  }

  get name(): string {
    return `m${this.sid}`;
  }

  get incarnation(): number {
    return this.#incarnation;
  }

  /** The zxid that its tree was seen at last. */
  get appliedZxid(): Zxid {
    return this.#appliedZxid;
  }

  /** Whether its log goes on behind what it applied. */
  get hasUncommitted(): boolean {
    const { instance } = this;
    return instance !== undefined && instance.store.log.lastZxid > instance.server.status().zxid;
  }

  get nowMs(): number {
    return EPOCH_MS + this.#clockOffsetMs + Math.floor(this.#world.schedule.nowUs / 1_000);
  }

  /** Its links, in the order in which they were opened. */
  get links(): readonly Link[] {
    return [...this.#links.values()];
  }

  /** Nothing under way but what a sleep would keep. */
  get #isQuiet(): boolean {
    const { instance } = this;
    // Whoever waits for a timer does not sleep.
    const timers = [instance?.nextTimerMs(), instance?.server.checkpointDueMs()];
    const isBusy = this.#flushing !== undefined || timers.some((dueMs) => dueMs !== undefined);
    return this.disk.isSettled && this.#calls.size === 0 && this.#sends === 0 && !isBusy;
  }

  /** Runs one event of the object, starting an instance if there is none. False: out of reach. */
  turn(body: (instance: Instance) => void): boolean {
    if (this.isOut) return false;
    let record = (): void => {};
    this.disk.turn(() => {
      const instance = this.instance ?? this.#start();
      body(instance);
      this.#observeRole(instance);
      record = this.#observe(instance);
    });
    this.disk.witness(record);
    this.#setTimer();
    const { schedule, options } = this.#world;
    if (!this.isHealed && this.#rng.chance(options.faults.turnCrashChance)) {
      schedule.after(this.#rng.exponential(options.disk.latencyUs), () => this.#stumble());
    }
    schedule.cancel(this.#sleeping);
    if (options.sleepUs !== Infinity) {
      this.#sleeping = schedule.after(options.sleepUs, () => this.#sleep());
    }
    return true;
  }

  // --- the platform's side of clients ---

  accept(link: Link): boolean {
    if (!this.#serves(link)) return false;
    const isUp = this.turn((instance) => {
      this.#links.set(link.id, link);
      const connection = this.#connectionOf(link);
      instance.connections.set(link.id, connection);
      const { id, identity } = link;
      const { nowMs } = this;
      const consistency = link.door === "linearizable" ? "linearizable" : "local";
      instance.server.step({ type: "opened", connection: id, identity, consistency, nowMs });
      const record = this.#world.recorder.connections[id];
      if (record !== undefined) record.incarnation = this.#incarnation;
      connection.changed();
      connection.flush();
    });
    if (isUp)
      this.#world.trace.add(this.#world.schedule.nowUs, this.name, "open", () => `c${link.id}`);
    return isUp;
  }

  /** A gateway is told who leads by a member that does not; one that looks has to find out first. */
  #serves(link: Link): boolean {
    if (link.routing === "any") return !this.isOut;
    let isServing = false;
    this.turn((instance) => {
      const { role } = instance;
      isServing = role === undefined || role.type === "leading";
      if (role?.type === "looking") instance.needLeader(this.nowMs);
      else if (role?.type === "learning") this.#world.network.leaderHint = role.leader;
    });
    return isServing;
  }

  receive(link: Link, messages: readonly ClientMessage[]): void {
    if (!this.#links.has(link.id)) return;
    this.turn((instance) => {
      const connection = instance.connections.get(link.id);
      if (connection === undefined || connection.isDone) return;
      for (const message of messages) {
        const input = { ...message, connection: link.id, nowMs: this.nowMs };
        instance.server.step(input as Input);
      }
      this.#touched(link);
      this.#requestFlush(instance);
    });
  }

  heartbeat(link: Link): boolean {
    if (!this.#links.has(link.id)) return false;
    this.#heardMs.set(link.id, this.nowMs);
    this.#touched(link);
    return true;
  }

  gone(link: Link): void {
    if (!this.#links.has(link.id)) return;
    this.turn((instance) => {
      const connection = instance.connections.get(link.id);
      if (connection !== undefined && !connection.isDone) {
        instance.server.step({ type: "closed", connection: link.id, nowMs: this.nowMs });
        instance.connections.delete(link.id);
        this.#requestFlush(instance);
      }
      this.#forget(link.id);
    });
  }

  /** An operator asks for another configuration; nobody waits for the answer. */
  reconfigure(request: ReconfigRequest): void {
    this.turn((instance) => {
      const { nowMs } = this;
      this.#operatorCalls += 1;
      const id = OPERATOR_CONNECTIONS + this.#operatorCalls;
      const identity: Identity = { role: "admin", ids: [{ scheme: "super", id: "" }] };
      instance.connections.set(id, new OperatorConnection(id));
      instance.server.step({ type: "opened", connection: id, identity, nowMs });
      instance.server.step({ type: "request", connection: id, xid: id, request, nowMs });
      this.#requestFlush(instance);
      const { nowUs } = this.#world.schedule;
      this.#world.trace.add(nowUs, this.name, "note", () => JSON.stringify(request));
    });
  }

  // --- the network between members ---

  /** A call of another member; `respond` gets the result, or undefined when the call broke. */
  called(
    from: Sid,
    packets: readonly MemberPacket[],
    respond: (result: readonly MemberPacket[] | undefined) => void,
  ): void {
    const fail = (): void => respond(undefined);
    const isUp = this.turn((instance) => {
      const result = instance.receive(from, packets, this.nowMs);
      this.#calls.add(fail);
      // The result waits for all writes of the turn, also those behind this line.
      this.disk.gateTurn(() => {
        this.#calls.delete(fail);
        respond(result);
      });
    });
    if (!isUp) fail();
  }

  /** Sends packets to another member when all that was written before is durable. */
  send(to: Sid, packets: readonly MemberPacket[]): void {
    const incarnation = this.#incarnation;
    const isCurrent = (): boolean =>
      this.instance !== undefined && this.#incarnation === incarnation;
    this.#sends++;
    this.disk.gate(() => {
      this.#world.network.exchange(this.sid, to, packets, (result) => {
        if (!isCurrent()) return;
        this.#sends--;
        if (result?.length === 0) return;
        this.turn((instance) => {
          if (result === undefined) instance.unreachable(to, this.nowMs);
          else this.#take(instance, to, result);
        });
      });
    });
  }

  #take(instance: Instance, from: Sid, packets: readonly MemberPacket[]): void {
    const answers = instance.receive(from, packets, this.nowMs);
    // There is no call that could carry them back.
    if (answers.length > 0) this.send(from, answers);
  }

  // --- faults ---

  /** Memory gone, and with it every socket; the disk goes back to a durable state. */
  crash(): void {
    this.#world.trace.add(this.#world.schedule.nowUs, this.name, "crash", () => "");
    this.#end();
    this.disk.crash();
    for (const link of this.#links.values()) link.break("client");
    this.#links.clear();
    this.#attachments.clear();
    this.#heardMs.clear();
    this.#setTimer();
  }

  #stumble(): void {
    if (!this.isHealed && !this.isOut && this.instance !== undefined) this.crash();
  }

  /** Memory gone, sockets stay: hibernation. Not while a timer or a call is under way. */
  #sleep(): void {
    if (this.instance === undefined || !this.#isQuiet) return;
    this.#world.trace.add(this.#world.schedule.nowUs, this.name, "evict", () => "");
    // What is quiet long enough to sleep has told its sockets when their clients came last.
    for (const connection of this.instance.connections.values()) {
      if (connection instanceof SimConnection && !connection.isDone) this.#save(connection);
    }
    this.#end();
    this.#setTimer();
  }

  /** Crashes and is out of reach until {@link comeBack}. */
  goOut(): void {
    this.crash();
    this.isOut = true;
    this.#setTimer();
  }

  /** Can be called again; starts by itself only if its alarm is due. */
  comeBack(): void {
    this.isOut = false;
    this.#setTimer();
  }

  /** Sets the clock this far from where it would be without any jump. */
  jumpClock(awayMs: number): void {
    const jumpMs = this.#clockBaseMs + awayMs - this.#clockOffsetMs;
    this.#clockOffsetMs += jumpMs;
    this.#world.recorder.did(this.sid, { type: "clock", jumpMs });
    this.#world.trace.add(this.#world.schedule.nowUs, this.name, "clock", () => `${jumpMs} ms`);
    this.#setTimer();
  }

  /** A fingerprint of the tree as it is now. */
  digest(): string | undefined {
    return this.instance === undefined ? undefined : digestOf(this.instance.store.tables);
  }

  #start(): Instance {
    const { recorder, trace, schedule, options } = this.#world;
    this.#incarnation++;
    const window = { bytesMax: options.logWindowBytes, ageMsMax: 3_600_000 };
    const store = this.disk.open(window, options.cacheBytes);
    const parts: InstanceParts = {
      store,
      nowMs: this.nowMs,
      lastSeen: (id) => this.#heardMs.get(id) ?? 0,
      loadWatches: (id) => this.#attachments.get(id)?.watches,
      randomBytes: (length) => this.#rng.bytes(length),
    };
    const instance = this.#world.factory(this, parts);
    this.instance = instance;
    const { acceptedEpoch, currentEpoch, committedZxid } = store.hardState();
    // What recovery applied survived the crash, and nobody may have seen it before.
    this.#appliedZxid = this.#recordedZxid;
    this.#observe(instance)();
    recorder.did(this.sid, {
      type: "started",
      incarnation: this.#incarnation,
      acceptedEpoch,
      currentEpoch,
      lastZxid: store.log.lastZxid,
      committedZxid,
      appliedZxid: instance.server.status().zxid,
    });
    trace.add(
      schedule.nowUs,
      this.name,
      "start",
      () => `#${this.#incarnation} 0x${store.log.lastZxid.toString(16)}`,
    );
    this.#restoreLinks(instance);
    instance.start({ nowMs: this.nowMs, alarmAtMs: this.#wakeAtMs });
    return instance;
  }

  #restoreLinks(instance: Instance): void {
    for (const [id, { snapshot }] of this.#attachments) {
      const link = this.#links.get(id);
      if (link === undefined) continue;
      instance.connections.set(id, this.#connectionOf(link));
      instance.server.restoreConnection(id, JSON.parse(JSON.stringify(snapshot)));
    }
  }

  #end(): void {
    if (this.instance === undefined) return;
    this.instance = undefined;
    this.#sends = 0;
    this.#role = undefined;
    const { schedule, recorder } = this.#world;
    schedule.cancel(this.#flushing);
    this.#flushing = undefined;
    recorder.did(this.sid, { type: "stopped" });
    for (const fail of this.#calls) fail();
    this.#calls.clear();
  }

  #connectionOf(link: Link): SimConnection {
    return new SimConnection(link, {
      gate: (send) => this.disk.gate(send),
      save: (connection) => this.#save(connection),
      done: (connection) => this.#forget(connection.id),
    });
  }

  #save({ id }: SimConnection): void {
    const { instance } = this;
    if (instance === undefined) return;
    const { server } = instance;
    this.#attachments.set(id, {
      snapshot: server.connectionState(id),
      watches: server.connectionWatches(id),
    });
  }

  #forget(id: ConnectionId): void {
    this.#links.delete(id);
    this.#attachments.delete(id);
    this.#heardMs.delete(id);
  }

  #touched(link: Link): void {
    const { recorder } = this.#world;
    const session = recorder.connections[link.id]?.session;
    if (session !== undefined) recorder.touched({ session: session.id, sid: this.sid });
  }

  /** By the rule of the group commit: at once, or behind what comes in the same moment. */
  #requestFlush(instance: Instance): void {
    const { flushDelayUs } = this.#world.options;
    if (flushDelayUs === 0 || this.#rng.chance(0.5)) return instance.flush(this.nowMs);
    if (this.#flushing !== undefined) return;
    this.#flushing = this.#world.schedule.after(this.#rng.exponential(flushDelayUs), () => {
      this.#flushing = undefined;
      this.turn((current) => current.flush(this.nowMs));
    });
  }

  #setTimer(): void {
    const { schedule } = this.#world;
    schedule.cancel(this.#timer);
    this.#timer = undefined;
    const { instance } = this;
    // The alarm outlives the instance.
    if (instance !== undefined) this.#wakeAtMs = instance.nextAlarmMs();
    if (this.isOut) return;
    const dueMs = Math.min(
      this.#wakeAtMs ?? Infinity,
      instance?.nextTimerMs() ?? Infinity,
      instance?.server.checkpointDueMs() ?? Infinity,
    );
    if (dueMs === Infinity) return;
    const lateUs = this.#rng.exponential(500);
    const delayUs = Math.max(0, dueMs - this.nowMs) * 1_000 + lateUs;
    this.#timer = schedule.after(delayUs, () => this.#onTimer());
  }

  #onTimer(): void {
    this.#timer = undefined;
    this.turn((instance) => instance.tick(this.nowMs));
    const due = this.instance?.server.checkpointDueMs() ?? Infinity;
    if (due > this.nowMs) return;
    this.turn(({ server }) => server.checkpoint(this.nowMs));
  }

  /**
   * Finds what was applied since the last call. The function it returns writes that down: to be called
   * once it is durable, because until then nobody can have heard of it, and a crash may take it back.
   */
  #observe({ server, store }: Instance): () => void {
    const { zxid } = server.status();
    if (zxid === this.#appliedZxid) return () => {};
    const { recorder, trace, schedule } = this.#world;
    trace.add(schedule.nowUs, this.name, "apply", () => `0x${zxid.toString(16)}`);
    const isInstalled = store.log.trimmedZxid > this.#appliedZxid || zxid < this.#appliedZxid;
    const rows = isInstalled ? [] : store.log.read(this.#appliedZxid, Infinity);
    const after = this.#appliedZxid;
    const digest = zxid % DIGEST_EVERY === 0 ? digestOf(store.tables) : undefined;
    this.#appliedZxid = zxid;
    return () => {
      if (isInstalled) recorder.did(this.sid, { type: "installed", zxid });
      else recorder.did(this.sid, { type: "applied", txns: this.#readApplied(rows, after, zxid) });
      if (digest !== undefined) recorder.did(this.sid, { type: "digest", zxid, digest });
      this.#recordedZxid = zxid;
    };
  }

  #observeRole({ role }: Instance): void {
    if (role === undefined || role === this.#role) return;
    this.#role = role;
    const { recorder, trace, schedule } = this.#world;
    trace.add(schedule.nowUs, this.name, "role", () => JSON.stringify(role));
    recorder.did(this.sid, { type: "role", role });
    if (role.type === "leading") this.#world.network.leaderHint = this.sid;
  }

  #readApplied(rows: readonly LogRow[], after: Zxid, upTo: Zxid): AppliedTxn[] {
    const { recorder } = this.#world;
    const txns: AppliedTxn[] = [];
    let hash = 0x811c9dc5;
    for (const row of rows) {
      if (row.zxid > upTo) break;
      if (row.part === 0) hash = 0x811c9dc5;
      for (const byte of row.txns) hash = Math.imul(hash ^ byte, 0x01000193);
      if (row.part > 0) continue;
      for (let zxid = row.zxid; zxid <= Math.min(row.lastZxid, upTo); zxid++) {
        if (zxid > after) txns.push({ zxid, hash: (hash >>> 0).toString(16) });
      }
    }
    const last = txns.at(-1)?.zxid;
    if (last !== undefined && !recorder.hasTxn(last)) {
      for (const logged of decodeBatches(rows)) {
        if (logged.header.zxid <= upTo) recorder.applied(logged);
      }
    }
    return txns;
  }
}

/** Trees are compared at zxids that are multiples of this, where a turn happens to end there. */
const DIGEST_EVERY = 4;
