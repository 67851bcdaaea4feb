import { createHash } from "node:crypto";
import type { Id } from "../../../../src/core/acl.ts";
import type { Role } from "../../../../src/core/identity.ts";
import { isFailure } from "../../../../src/core/keeper-error.ts";
import { LIMITS, type Limits } from "../../../../src/core/limits.ts";
import type { Request } from "../../../../src/core/request.ts";
import { NATIVE_TIMEOUT_BOUNDS, type Session } from "../../../../src/core/session.ts";
import { digestOf } from "../../../../src/core/tree-digest.ts";
import type { Zxid } from "../../../../src/core/zxid.ts";
import type {
  ClientConnection,
  ConnectedEffect,
  EventEffect,
  ReplyEffect,
} from "../../../../src/server/client-connection.ts";
import type { Effect } from "../../../../src/server/effect.ts";
import { EnsembleRunner } from "../../../../src/server/ensemble/ensemble-runner.ts";
import type { MemberPacket } from "../../../../src/server/ensemble/member-message.ts";
import type { Consistency } from "../../../../src/core/request-options.ts";
import type { RequestOptions } from "../../../../src/core/request-options.ts";
import type { ConnectAsk, ConnectionId } from "../../../../src/server/input.ts";
import type { ConnectionSnapshot } from "../../../../src/server/connection-snapshot.ts";
import { ZooKeeperServer } from "../../../../src/server/zookeeper-server.ts";
import { MemoryStore } from "../../../../src/storage/memory-store.ts";
import type { Configuration, Sid } from "../../../../src/zab/configuration.ts";
import type { Code } from "../../../../src/core/keeper-error.ts";
import { describeEffect } from "../describe-effect.ts";
import { START_MS } from "../server-harness.ts";
import { FakePeer } from "./fake-peer.ts";

/** What one member sent to another in one call. */
export interface Message {
  readonly from: Sid;
  readonly to: Sid;
  readonly packets: readonly MemberPacket[];
}

/** The first zxid of an epoch is behind this. */
export const epoch = (number: number): Zxid => number * 2 ** 32;

interface HarnessOptions {
  readonly limits?: Partial<Limits>;
  readonly superDigest?: string;
  /** What a leader takes for learners in sync; absent = all. */
  readonly synced?: readonly Sid[];
}

/** A member with its disk; the rest is made anew at each start. */
export class TestMember {
  readonly sid: Sid;
  readonly harness: EnsembleHarness;
  store: MemoryStore = new MemoryStore();
  incarnation: number;
  peer: FakePeer;
  runner: EnsembleRunner;
  readonly sockets: Map<ConnectionId, MemberClient> = new Map();
  /** What the platform knows of heartbeats. */
  readonly lastSeen: Map<ConnectionId, number> = new Map();
  alarmAtMs: number | undefined;

  constructor(sid: Sid, harness: EnsembleHarness) {
    this.sid = sid;
    this.harness = harness;
    this.incarnation = sid * 1_000;
    [this.peer, this.runner] = this.#make();
    this.runner.start({ nowMs: harness.nowMs });
  }

  #make(): [FakePeer, EnsembleRunner] {
    const { harness, sid } = this;
    this.incarnation += 1;
    const others = harness.sids.filter((other) => other !== sid);
    const peer = new FakePeer(sid, others, this.store, this.incarnation);
    const runner = new EnsembleRunner({
      store: this.store,
      peer,
      makeServer: () => this.#makeServer(),
      send: (to, packets) => harness.send({ from: sid, to, packets }),
    });
    return [peer, runner];
  }

  #makeServer(): ZooKeeperServer {
    const { superDigest, limits, synced } = this.harness.options;
    return new ZooKeeperServer({
      store: this.store,
      limits: { ...LIMITS, ...limits },
      enforceQuota: true,
      ports: {
        lastSeen: (connection) => this.lastSeen.get(connection) ?? 0,
        loadWatches: (connection) => this.sockets.get(connection)?.keptWatches,
        randomBytes: (length) => this.harness.drawBytes(length),
        sha1: (bytes) => new Uint8Array(createHash("sha1").update(bytes).digest()),
      },
      config: superDigest === undefined ? {} : { superDigest },
      member: {
        sid: this.sid,
        incarnation: this.incarnation,
        configuration: this.harness.configuration,
        syncedMembers: synced && ((): readonly Sid[] => synced),
      },
    });
  }

  /** Ends the instance and starts another; hibernation keeps the sockets, a crash drops them. */
  restart(keep: { readonly sockets: boolean }): void {
    this.store = this.store.restart();
    [this.peer, this.runner] = this.#make();
    if (!keep.sockets) this.sockets.clear();
    for (const [id, client] of this.sockets) {
      client.member = this;
      this.runner.connections.set(id, client);
      if (client.kept !== undefined) this.runner.server.restoreConnection(id, client.kept);
    }
    this.runner.start({ nowMs: this.harness.nowMs, alarmAtMs: this.alarmAtMs });
  }

  flush(): void {
    this.runner.flush(this.harness.nowMs);
    this.alarmAtMs = this.runner.server.nextWakeMs();
  }

  get digest(): string {
    return String(digestOf(this.store.tables));
  }
}

/** Members joined by a network in memory, whose clock stands still. */
export class EnsembleHarness {
  nowMs: number = START_MS;
  readonly sids: readonly Sid[];
  readonly options: HarnessOptions;
  readonly members: Map<Sid, TestMember> = new Map();
  /** On their way. */
  network: Message[] = [];
  /** Every message that was sent. */
  readonly sent: Message[] = [];
  /** Members that nobody reaches. */
  readonly cut: Set<Sid> = new Set();
  #nextConnection: ConnectionId = 1;
  #randomCount = 0;
  #epoch = 0;

  constructor(size = 3, options: HarnessOptions = {}) {
    this.options = options;
    this.sids = Array.from({ length: size }, (_, index) => index + 1);
    for (const sid of this.sids) this.members.set(sid, new TestMember(sid, this));
  }

  get configuration(): Configuration {
    return { version: 0, members: this.sids.map((sid) => ({ sid, type: "participant" })) };
  }

  member(sid: Sid): TestMember {
    const member = this.members.get(sid);
    if (member === undefined) throw new Error(`no member ${sid}`);
    return member;
  }

  send(message: Message): void {
    // Whoever gets it must not share memory with who sent it.
    const copied = structuredClone(message);
    this.network.push(copied);
    this.sent.push(copied);
  }

  drawBytes(length: number): Uint8Array {
    this.#randomCount += 1;
    const bytes = new Uint8Array(length);
    new DataView(bytes.buffer).setUint32(length - 4, this.#randomCount);
    return bytes;
  }

  /** Delivers one message; its answer goes back as a message. */
  deliver(index = 0): void {
    const [message] = this.network.splice(index, 1);
    if (message === undefined) return;
    const { from, to, packets } = message;
    if (this.cut.has(from) || this.cut.has(to)) {
      if (!this.cut.has(from)) this.member(from).runner.unreachable(to, this.nowMs);
      return;
    }
    const answer = this.member(to).runner.receive(from, packets, this.nowMs);
    this.member(to).flush();
    if (answer.length > 0) this.send({ from: to, to: from, packets: answer });
  }

  /** Lets everything that is under way come to its end. */
  settle(): void {
    for (const member of this.members.values()) if (!this.cut.has(member.sid)) member.flush();
    while (this.network.length > 0) this.deliver();
  }

  /**
   * Makes `leader` lead a new epoch; every member in reach looks first, then follows with the
   * leader's history.
   */
  elect(leader: Sid, { settle = true }: { readonly settle?: boolean } = {}): void {
    this.#epoch += 1;
    const reached = this.sids.filter((sid) => !this.cut.has(sid));
    for (const sid of reached) {
      this.member(sid).peer.become({ type: "looking" });
      this.member(sid).flush();
    }
    const { store, incarnation } = this.member(leader);
    const rows = store.log.read(0, Number.MAX_SAFE_INTEGER);
    const number = this.#epoch;
    for (const sid of reached) {
      if (sid === leader) continue;
      const own = this.member(sid).store.log;
      const ends = new Set([0, ...rows.map(({ lastZxid }) => lastZxid)]);
      const common =
        own.read(0, Number.MAX_SAFE_INTEGER).findLast(({ lastZxid }) => ends.has(lastZxid))
          ?.lastZxid ?? 0;
      this.member(sid).peer.become(
        { type: "learning", epoch: number, leader, incarnation, isObserver: false },
        {
          ...(common < own.lastZxid ? { cutAfter: common } : {}),
          rows: rows.filter(({ lastZxid }) => lastZxid > common),
        },
      );
    }
    this.member(leader).peer.become({ type: "leading", epoch: number });
    for (const sid of reached) this.member(sid).flush();
    if (settle) this.settle();
  }

  /** The leader sleeps and wakes: it goes on in its epoch, the others hear of its new instance. */
  resume(leader: Sid): void {
    const member = this.member(leader);
    member.restart({ sockets: true });
    member.peer.become({ type: "leading", epoch: this.#epoch });
    member.flush();
    const { incarnation } = member;
    const number = this.#epoch;
    for (const sid of this.sids) {
      if (sid === leader || this.cut.has(sid)) continue;
      this.member(sid).peer.become(
        { type: "learning", epoch: number, leader, incarnation, isObserver: false },
        {},
      );
      this.member(sid).flush();
    }
    this.settle();
  }

  /** Lets time pass, with a tick of each member wherever it wants one. */
  advance(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (;;) {
      const wakes = [...this.members.values()].flatMap(({ runner, sid }) =>
        this.cut.has(sid) ? [] : [{ sid, ms: runner.nextTickMs() ?? Infinity }],
      );
      const next = wakes.toSorted((one, other) => one.ms - other.ms)[0];
      if (next === undefined || next.ms > untilMs) break;
      this.nowMs = Math.max(this.nowMs, next.ms);
      this.member(next.sid).runner.tick(this.nowMs);
      this.settle();
    }
    this.nowMs = untilMs;
  }

  /** A connection to one member. */
  open(
    sid: Sid,
    {
      role = "write",
      ids = [{ scheme: "ip", id: "192.0.2.1" }],
      consistency = "local",
    }: {
      readonly role?: Role;
      readonly ids?: readonly Id[];
      readonly consistency?: Consistency;
    } = {},
  ): MemberClient {
    const id = this.#nextConnection;
    this.#nextConnection += 1;
    const member = this.member(sid);
    const client = new MemberClient(id, member);
    member.sockets.set(id, client);
    member.runner.connections.set(id, client);
    const { nowMs } = this;
    const identity = { role, ids };
    member.runner.server.step({ type: "opened", connection: id, identity, consistency, nowMs });
    return client;
  }

  /** A connection with a session of its own. */
  openSession(sid: Sid, timeoutMs = 10_000): MemberClient {
    const client = this.open(sid);
    client.connect({ timeoutMs });
    this.settle();
    client.take();
    return client;
  }

  /** Every member has applied the same, and has the same tree. */
  get digests(): string[] {
    return [...this.members.values()].map(
      ({ digest, runner }) => `${runner.server.status().zxid} ${digest}`,
    );
  }
}

/** What one transport of a member does and gets. */
export class MemberClient implements ClientConnection {
  readonly id: ConnectionId;
  member: TestMember;
  readonly isDone = false;
  readonly effects: Effect[] = [];
  kept: ConnectionSnapshot | undefined;
  keptWatches: ReturnType<ZooKeeperServer["connectionWatches"]> | undefined;
  #nextXid = 1;
  #taken = 0;

  constructor(id: ConnectionId, member: TestMember) {
    this.id = id;
    this.member = member;
  }

  reply(effect: ReplyEffect): void {
    this.effects.push(effect);
  }

  connected(effect: ConnectedEffect): void {
    this.effects.push(effect);
  }

  event(effect: EventEffect): void {
    this.effects.push(effect);
  }

  changed(): void {
    const { server } = this.member.runner;
    this.kept = JSON.parse(JSON.stringify(server.connectionState(this.id)));
    this.keptWatches = server.connectionWatches(this.id);
  }

  flush(): void {}

  close(code: Code, reason: string): void {
    this.effects.push({ type: "close", connection: this.id, code, reason });
    this.member.sockets.delete(this.id);
  }

  /** Sends a request; the turn goes on. */
  post(request: Request, options: RequestOptions = {}): number {
    const xid = this.#nextXid;
    this.#nextXid += 1;
    const { nowMs } = this.member.harness;
    const connection = this.id;
    this.member.runner.server.step({ type: "request", connection, xid, request, options, nowMs });
    return xid;
  }

  /** Sends a request and lets everything come to its end. */
  send(request: Request, options: RequestOptions = {}): string[] {
    this.post(request, options);
    this.member.harness.settle();
    return this.take();
  }

  connect(ask: Partial<ConnectAsk> = {}): void {
    const xid = this.#nextXid;
    this.#nextXid += 1;
    const full: ConnectAsk = {
      timeoutMs: 10_000,
      bounds: NATIVE_TIMEOUT_BOUNDS,
      mode: "bind",
      lastZxidSeen: 0,
      ...ask,
    };
    const { nowMs } = this.member.harness;
    this.member.runner.server.step({ type: "connect", connection: this.id, xid, ask: full, nowMs });
    this.member.flush();
  }

  /** Takes up the session of another connection. */
  resume({ session }: MemberClient, ask: Partial<ConnectAsk> = {}): string[] {
    const { id, password } = session;
    this.connect({ resume: { id, password }, ...ask });
    this.member.harness.settle();
    return this.take();
  }

  /** The transport breaks. */
  drop(): void {
    const { runner, harness, sockets } = this.member;
    sockets.delete(this.id);
    runner.server.step({ type: "closed", connection: this.id, nowMs: harness.nowMs });
    runner.connections.delete(this.id);
    this.member.flush();
  }

  /** The runtime answered a heartbeat. */
  heartbeat(): void {
    this.member.lastSeen.set(this.id, this.member.harness.nowMs);
  }

  /** What came since the last call, a line each. */
  take(): string[] {
    const lines = this.effects.slice(this.#taken).map((effect) => shorten(describeEffect(effect)));
    this.#taken = this.effects.length;
    return lines;
  }

  /** The session it was given. */
  get session(): Session {
    for (const effect of this.effects) {
      if (effect.type === "connected" && !isFailure(effect.outcome)) return effect.outcome;
    }
    throw new Error(`connection ${this.id} got no session`);
  }

  /** The words of the last failure. */
  get lastMessage(): string {
    const last = this.effects.findLast(({ type }) => type === "reply" || type === "connected");
    const outcome = last !== undefined && "outcome" in last ? last.outcome : undefined;
    return isFailure(outcome) ? outcome.message : "";
  }
}

/** Zxids as `epoch:counter`, to be read by humans. */
function shorten(line: string): string {
  return line.replace(/@(\d+)/, (_, zxid: string) => {
    const number = Number(zxid);
    return `@${Math.floor(number / 2 ** 32)}:${number % 2 ** 32}`;
  });
}
