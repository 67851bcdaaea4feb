import type { SessionId } from "../../src/core/data-node.ts";
import { Code, isFailure, type Outcome } from "../../src/core/keeper-error.ts";
import type { Reply, Request } from "../../src/core/request.ts";
import type { Identity } from "../../src/core/identity.ts";
import { NATIVE_TIMEOUT_BOUNDS, type Session } from "../../src/core/session.ts";
import { isWrite } from "../../src/core/request.ts";
import type { Zxid } from "../../src/core/zxid.ts";
import type { RequestOptions } from "../../src/core/request-options.ts";
import { ClientWatches } from "./client-watches.ts";
import { xidOf, type ClientId, type Door } from "./history.ts";
import { Link, type ClientMessage, type LinkOwner, type ServerMessage } from "./link.ts";
import type { Member } from "./member.ts";
import type { SimulationOptions } from "./options.ts";
import type { Prng } from "./prng.ts";
import type { OpenConnection, Recorder } from "./recorder.ts";
import type { Schedule, Scheduled } from "./schedule.ts";
import type { Trace } from "./trace.ts";
import { Workload } from "./workload.ts";

/** What all clients share. */
export interface ClientWorld {
  readonly schedule: Schedule;
  readonly trace: Trace;
  readonly recorder: Recorder;
  readonly options: SimulationOptions;
  /** Whom a client may reach: in the order in which they were added. */
  members(): readonly Member[];
  /** Whom a gateway takes for the leader. */
  leaderHint(): Member | undefined;
}

/** What is under way on a link. */
interface Asked {
  readonly id: number;
  readonly request: Request;
  readonly options: RequestOptions;
}

/** How long a client waits before it tries the next member, µs. */
const BACKOFF_US = 100_000;

/**
 * One client with its session, as ZooKeeper's client library behaves: it keeps the session alive,
 * looks for another member when a connection is lost, registers its watches again, and starts anew
 * when its session is over.
 */
export class Client implements LinkOwner {
  readonly id: ClientId;
  readonly door: Door;
  readonly #world: ClientWorld;
  readonly #rng: Prng;
  readonly #workload: Workload;
  readonly #identity: Identity;
  readonly #watches = new ClientWatches();
  /** What is under way on the present link, by xid. */
  readonly #pending = new Map<number, Asked>();
  #link: Link | undefined;
  #record: OpenConnection | undefined;
  #session: Session | undefined;
  #isConnected = false;
  #place = 0;
  #lastZxid: Zxid = 0;
  #heardUs = 0;
  #acting: Scheduled | undefined;
  #beating: Scheduled | undefined;
  #isGone = false;
  #pausedUntilUs = 0;
  #delayed: (() => void)[] = [];
  /** Asks nothing more by itself. */
  #isIdle = false;
  /** A write with a key that went unanswered: to be asked again under the same key. */
  #retry: Asked | undefined;
  #keys = 0;

  constructor(id: ClientId, world: ClientWorld, rng: Prng) {
    this.id = id;
    this.#world = world;
    this.#rng = rng;
    const { clients } = world.options;
    this.door = rng.chance(clients.linearizableShare) ? "linearizable" : "ordered";
    const address = `10.0.0.${id + 1}`;
    this.#identity = { role: "write", ids: [{ scheme: "ip", id: address }] };
    this.#workload = new Workload(rng.fork("work"), clients, { label: `c${id}`, address });
    world.schedule.after(rng.exponential(500_000), () => this.#connect());
  }

  get name(): string {
    return `c${this.id}`;
  }

  /** Vanished for good, without a word. */
  get isGone(): boolean {
    return this.#isGone;
  }

  get hasPending(): boolean {
    return this.#pending.size > 0;
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  get sessionId(): SessionId | undefined {
    return this.#session?.id;
  }

  get link(): Link | undefined {
    return this.#link;
  }

  /** Stops asking by itself; what is under way goes on, and so does the session. */
  rest(): void {
    this.#isIdle = true;
  }

  /** Asks one thing now, if connected. Returns its operation, or undefined. */
  probe(request: Request): number | undefined {
    return this.#isConnected ? this.#ask(request, {}) : undefined;
  }

  newData(): Uint8Array {
    return this.#workload.data();
  }

  /** Process killed: no close, no heartbeat. */
  vanish(): void {
    const { trace, schedule } = this.#world;
    trace.add(schedule.nowUs, this.name, "fault", () => "vanish");
    this.#isGone = true;
    this.#link?.freeze();
    if (this.#record !== undefined) this.#record.closedUs = this.#world.schedule.nowUs;
    this.#cancelTimers();
  }

  /** Stands still, as in a long garbage collection: sends and hears nothing meanwhile. */
  pause(durationUs: number): void {
    const { schedule, trace } = this.#world;
    trace.add(schedule.nowUs, this.name, "fault", () => `pause ${durationUs} µs`);
    this.#pausedUntilUs = Math.max(this.#pausedUntilUs, schedule.nowUs + durationUs);
    schedule.at(this.#pausedUntilUs, () => this.#resume());
  }

  /** Ends a pause early. */
  wake(): void {
    this.#pausedUntilUs = 0;
    this.#resume();
  }

  // --- the transport's side ---

  receive(link: Link, messages: readonly ServerMessage[]): void {
    this.#unlessPaused(() => {
      if (link !== this.#link) return;
      this.#heardUs = this.#world.schedule.nowUs;
      for (const message of messages) {
        if (link === this.#link) this.#take(message);
      }
      this.#act();
    });
  }

  pong(link: Link): void {
    this.#unlessPaused(() => {
      if (link === this.#link) this.#heardUs = this.#world.schedule.nowUs;
    });
  }

  gone(link: Link): void {
    this.#unlessPaused(() => {
      if (link === this.#link) this.#lose();
    });
  }

  #take(message: ServerMessage): void {
    const record = this.#record;
    if (record === undefined) return;
    const { recorder, trace, schedule } = this.#world;
    switch (message.type) {
      case "connected": {
        const { zxid, outcome } = message;
        recorder.delivered(record, { type: "connected", zxid, outcome });
        this.#connected(outcome);
        return;
      }
      case "event":
        trace.add(schedule.nowUs, this.name, "event", () => JSON.stringify(message.event));
        recorder.delivered(record, { type: "event", event: message.event });
        this.#watches.fired(message.event);
        if (this.door === "linearizable") this.#saw(message.event.zxid);
        return;
      case "reply":
        this.#replied(record, message);
        return;
      case "close": {
        const { code, reason } = message;
        trace.add(schedule.nowUs, this.name, "close", () => `${code} ${reason}`);
        recorder.delivered(record, { type: "closed", code, reason });
        this.#link?.break();
        this.#lose();
        return;
      }
    }
  }

  #replied(record: OpenConnection, message: Extract<ServerMessage, { type: "reply" }>): void {
    const { xid, zxid, outcome, isReplayed } = message;
    const asked = this.#pending.get(xid);
    if (asked === undefined) return;
    this.#pending.delete(xid);
    const { trace, schedule, recorder } = this.#world;
    trace.add(
      schedule.nowUs,
      this.name,
      "reply",
      () => `${xid} ${zxid.toString(16)} ${say(outcome)}`,
    );
    recorder.completed(record, asked.id, { zxid, outcome, isReplayed });
    this.#saw(zxid);
    this.#watches.answered(asked.request, outcome);
    this.#learn(outcome);
    if (asked.request.op !== "closeSession" || isFailure(outcome)) return;
    this.#forgetSession();
    this.#link?.break("member");
    this.#lose();
  }

  #learn(outcome: Outcome<Reply>): void {
    if (isFailure(outcome) || !("stat" in outcome) || !("path" in outcome)) return;
    this.#workload.noteVersion(outcome.path, outcome.stat.version);
  }

  #saw(zxid: Zxid): void {
    this.#lastZxid = Math.max(this.#lastZxid, zxid);
  }

  #connected(outcome: Outcome<Session>): void {
    const { trace, schedule } = this.#world;
    trace.add(schedule.nowUs, this.name, "open", () => say(outcome));
    if (isFailure(outcome)) {
      // Behind the client's zxid, or no quorum: another member may do better.
      if (outcome.code === Code.SESSIONEXPIRED) this.#forgetSession();
      return;
    }
    this.#session = outcome;
    if (this.#record !== undefined) this.#record.session = outcome;
    this.#isConnected = true;
    this.#beat();
  }

  #forgetSession(): void {
    this.#session = undefined;
    this.#watches.clear();
    this.#retry = undefined;
  }

  // --- connecting ---

  #connect(): void {
    if (this.#isGone || this.#link !== undefined) return;
    const target = this.#choose();
    if (target === undefined) return this.#connectLater();
    const { recorder, schedule, options } = this.#world;
    const resume = this.#session;
    const record = recorder.opened({
      client: this.id,
      door: this.door,
      sid: target.sid,
      incarnation: 0,
      ids: this.#identity.ids,
      resume: resume?.id,
      lastZxidSeen: this.#lastZxid,
    });
    this.#record = record;
    const link = new Link({
      id: record.id,
      door: this.door,
      identity: this.#identity,
      routing: this.door === "linearizable" && this.#rng.chance(0.7) ? "leader" : "any",
      owner: this,
      acceptor: target,
      schedule,
      rng: this.#rng,
      network: options.network,
      isReachable: () => !target.isOut && !target.isCutFromClients,
    });
    this.#link = link;
    const { trace } = this.#world;
    trace.add(schedule.nowUs, this.name, "open", () => `→${target.sid} as ${record.id}`);
    this.#place = 0;
    this.#heardUs = schedule.nowUs;
    link.open();
    link.toMember(this.#greeting(resume));
    this.#beat();
  }

  #greeting(resume: Session | undefined): ClientMessage[] {
    const { timeoutMs } = this.#world.options.clients;
    const connect: ClientMessage = {
      type: "connect",
      xid: 0,
      ask: {
        ...(resume === undefined ? {} : { resume: { id: resume.id, password: resume.password } }),
        timeoutMs,
        bounds: NATIVE_TIMEOUT_BOUNDS,
        mode: "bind",
        lastZxidSeen: this.#lastZxid,
      },
    };
    return [connect, ...this.#watchAgain(resume)];
  }

  /** ZooKeeper's clients send this right behind the connect. Ours asks for what it missed. */
  #watchAgain(resume: Session | undefined): ClientMessage[] {
    if (resume === undefined || this.#watches.isEmpty) return [];
    const isOurs = this.door === "linearizable";
    const again: Request[] = [this.#watches.request(this.#lastZxid, !isOurs)];
    if (isOurs) {
      for (const { path, isRecursive } of this.#watches.persistent) {
        again.push({ op: "addWatch", path, mode: isRecursive ? 1 : 0, since: this.#lastZxid });
      }
    }
    return again.map((request) => this.#message(request, {}));
  }

  /** Our own clients come through a gateway, which knows who leads; others take whom they find. */
  #choose(): Member | undefined {
    const members = this.#world.members();
    if (members.length === 0) return undefined;
    const hint = this.door === "linearizable" ? this.#world.leaderHint() : undefined;
    // Who is out of reach when faults are over stays so, and a gateway asks the others.
    const isGone = hint !== undefined && hint.isHealed && hint.isOut;
    return hint !== undefined && !isGone && this.#rng.chance(0.8) ? hint : this.#rng.pick(members);
  }

  #connectLater(): void {
    if (this.#isGone) return;
    this.#world.schedule.after(this.#rng.exponential(BACKOFF_US), () =>
      this.#unlessPaused(() => this.#connect()),
    );
  }

  /** The connection is over: nobody knows what became of what was under way. */
  #lose(): void {
    if (this.#link === undefined) return;
    const { trace, schedule } = this.#world;
    trace.add(schedule.nowUs, this.name, "close", () => "");
    if (this.#record !== undefined) this.#record.closedUs = schedule.nowUs;
    this.#link = undefined;
    this.#record = undefined;
    this.#isConnected = false;
    this.#retry ??= [...this.#pending.values()].find(({ options }) => options.idempotencyKey);
    this.#pending.clear();
    this.#cancelTimers();
    this.#connectLater();
  }

  // --- asking ---

  #act(): void {
    if (this.#acting !== undefined || !this.#isConnected || this.#isIdle) return;
    const { schedule, options } = this.#world;
    this.#acting = schedule.after(this.#rng.exponential(options.clients.thinkUs), () => {
      this.#acting = undefined;
      this.#unlessPaused(() => {
        if (!this.#isConnected || this.#isIdle) return;
        const room = options.clients.pipelineMax - this.#pending.size;
        if (room > 0) this.#askSome(this.#rng.between(1, room));
        this.#act();
      });
    });
  }

  #askSome(count: number): void {
    for (let i = 0; i < count && this.#isConnected; i++) {
      if (this.#rng.chance(CLOSE_CHANCE)) {
        this.#ask({ op: "closeSession" }, {});
        return;
      }
      if (this.#retry === undefined) {
        const request = this.#workload.next();
        this.#ask(request, this.#optionsFor(request));
      } else {
        const { request, options } = this.#retry;
        // Now and then a client is too quick and asks twice.
        if (this.#rng.chance(0.9)) this.#retry = undefined;
        this.#ask(request, options);
      }
    }
  }

  #optionsFor(request: Request): RequestOptions {
    if (this.door === "ordered") return {};
    if (isWrite(request)) {
      if (!this.#rng.chance(0.3)) return {};
      return { idempotencyKey: `${this.name}-${++this.#keys}` };
    }
    if (this.#rng.chance(0.1)) return { minZxid: this.#lastZxid };
    return this.#rng.chance(0.1) ? { consistency: "local" } : {};
  }

  #ask(request: Request, options: RequestOptions): number {
    const message = this.#message(request, options);
    this.#link?.toMember([message]);
    return message.xid - 1;
  }

  #message(request: Request, options: RequestOptions): ClientMessage {
    const { recorder, trace, schedule } = this.#world;
    const id = recorder.invoked({
      client: this.id,
      connection: this.#record?.id ?? 0,
      session: this.#session?.id ?? 0,
      place: this.#place++,
      request,
      options: options.consistency === "local" ? { ...options, isLocal: true } : options,
    });
    const xid = xidOf({ id });
    this.#pending.set(xid, { id, request, options });
    trace.add(schedule.nowUs, this.name, "ask", () => `${xid} ${say(request)}`);
    return { type: "request", xid, request, options };
  }

  // --- staying alive ---

  #beat(): void {
    const { schedule, options } = this.#world;
    schedule.cancel(this.#beating);
    const timeoutUs = (this.#session?.timeoutMs ?? options.clients.timeoutMs) * 1_000;
    this.#beating = schedule.after(timeoutUs / 3, () => {
      this.#unlessPaused(() => {
        if (this.#link === undefined) return;
        if (schedule.nowUs - this.#heardUs > (timeoutUs * 2) / 3) {
          this.#link.break("member");
          this.#lose();
          return;
        }
        // Before it has a session it waits for that, and for nothing else.
        if (this.#isConnected) this.#link.heartbeat();
        this.#beat();
      });
    });
  }

  #cancelTimers(): void {
    const { schedule } = this.#world;
    schedule.cancel(this.#acting);
    schedule.cancel(this.#beating);
    this.#acting = undefined;
    this.#beating = undefined;
  }

  #unlessPaused(body: () => void): void {
    if (this.#isGone) return;
    if (this.#world.schedule.nowUs < this.#pausedUntilUs) this.#delayed.push(body);
    else body();
  }

  #resume(): void {
    if (this.#world.schedule.nowUs < this.#pausedUntilUs) return;
    const delayed = this.#delayed;
    this.#delayed = [];
    for (const body of delayed) this.#unlessPaused(body);
  }
}

/** How often a client ends its session and takes a new one. */
const CLOSE_CHANCE = 0.002;

function say(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    each instanceof Uint8Array ? new TextDecoder().decode(each) : each,
  );
}
