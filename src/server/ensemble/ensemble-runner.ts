import { assert, unreachable } from "../../core/assert.ts";
import type { Zxid } from "../../core/zxid.ts";
import type { Store } from "../../storage/store.ts";
import type { Configuration, Member, Sid } from "../../zab/configuration.ts";
import type { PeerStatus } from "../../zab/peer-status.ts";
import type { PersistStep, Ready, Report } from "../../zab/ready.ts";
import type { ClientConnection } from "../client-connection.ts";
import { deliver, forgetDone } from "../connection-effects.ts";
import type { Effect } from "../effect.ts";
import type { ConnectionId } from "../input.ts";
import type { ServerRunner } from "../server-runner.ts";
import type { ZooKeeperServer } from "../zookeeper-server.ts";
import type { MemberPacket, Origins } from "./member-message.ts";
import type { MemberOptions } from "./member-state.ts";
import type { Peer } from "./peer.ts";
import { findRegion, syncedMembers } from "./peer-view.ts";
import { ReceivedRows } from "./received-rows.ts";

/** What a member of an ensemble is made from. */
export interface EnsembleRunnerOptions {
  readonly store: Store;
  /** A `QuorumPeer` over the same store. */
  readonly peer: Peer;
  /**
   * Makes a server over the store, with `ServerOptions.member` (its incarnation is the peer's); not
   * started. Called by the constructor, and again whenever a snapshot replaced the tables.
   *
   * @param peer - what the server is to know of it.
   */
  makeServer(peer: Required<Pick<MemberOptions, "syncedMembers">>): ZooKeeperServer;
  /** Sends everything of a flush to one member. What was written before is durable when it leaves. */
  send(to: Sid, packets: readonly MemberPacket[]): void;
}

/** Txns of an epoch before the next one is due, and some to spare for what is under way. */
const EPOCH_TXNS_MAX = 2 ** 32 - 2 ** 20;

/**
 * Does what a server and its peer want done in an ensemble, on behalf of whoever owns transports,
 * clock and network. The sibling of `StandaloneRunner`; pure and synchronous.
 *
 * Life: `new`, `server.restoreConnection` for sockets that outlived the last instance, {@link start}
 * once, then whatever happens: inputs by `server.step`, packets by {@link receive}, time by
 * {@link tick}; {@link flush} ends a turn (`receive`, `tick` and `unreachable` flush by themselves).
 *
 * Order within a turn: what the peer wants made durable, all of it in one transaction, before
 * anything that relies on it is handed to `send`; then what the server hears of it.
 */
export class EnsembleRunner implements ServerRunner {
  /** The owner of the transports adds to it; the runner takes out what is closed. */
  readonly connections: Map<ConnectionId, ClientConnection> = new Map();
  readonly #options: EnsembleRunnerOptions;
  readonly #store: Store;
  readonly #peer: Peer;
  readonly #received = new ReceivedRows();
  /** Members that catch up before a configuration says where they are. */
  readonly #joining: Member[] = [];
  #server: ZooKeeperServer;
  #configuration: Configuration | undefined;
  /** Packets of this turn, by receiver. */
  #outgoing = new Map<Sid, MemberPacket[]>();
  /** Rounds of the server, with those of the peer that confirm them; ascending. */
  #rounds: { readonly round: number; readonly peerRound: number }[] = [];

  constructor(options: EnsembleRunnerOptions) {
    this.#options = options;
    this.#store = options.store;
    this.#peer = options.peer;
    this.#server = this.#makeServer();
  }

  #makeServer(): ZooKeeperServer {
    return this.#options.makeServer({ syncedMembers: () => syncedMembers(this.#peer.status()) });
  }

  /** The server of now: a snapshot replaces it, so it must not be kept. */
  get server(): ZooKeeperServer {
    return this.#server;
  }

  /**
   * Begins. A member that was looking when it slept serves nothing before it has found a leader; any
   * other waits for the first word of its peer.
   */
  start(at: { readonly nowMs: number; readonly alarmAtMs?: number | undefined }): void {
    const { nowMs } = at;
    this.#server.start(at);
    const { role } = this.#peer;
    const isLooking = role.type === "looking" && this.#store.hardState().state === "LOOKING";
    if (role.type !== "looking" || isLooking) this.#server.step({ type: "role", role, nowMs });
    this.flush(nowMs);
  }

  /**
   * Takes in what another member sent, does what is due, and returns what goes back to it at once,
   * as the answer to its call. Everything else leaves by `send`.
   */
  receive(from: Sid, packets: readonly MemberPacket[], nowMs: number): MemberPacket[] {
    for (const packet of packets) {
      if (packet.type === "zab") {
        if (!this.#received.accept(packet.packet)) continue;
        this.#peer.step(packet.packet, nowMs);
        continue;
      }
      // What came before it may have changed who listens.
      this.#drainPeer(nowMs);
      this.#server.step({ type: "memberMessage", from, message: packet.message, nowMs });
    }
    this.#runAll(nowMs);
    const answer = this.#outgoing.get(from) ?? [];
    this.#outgoing.delete(from);
    this.#sendAll();
    return answer;
  }

  /** A call of another member failed. */
  unreachable(sid: Sid, nowMs: number): void {
    this.#peer.unreachable(sid, nowMs);
    this.#drainPeer(nowMs);
    this.#server.step({ type: "memberLost", sid, nowMs });
    this.flush(nowMs);
  }

  /** Time passed. May come early, late, or twice. */
  tick(nowMs: number): void {
    this.#peer.tick(nowMs);
    this.#drainPeer(nowMs);
    this.#server.step({ type: "tick", nowMs });
    this.flush(nowMs);
  }

  /** When {@link tick} is wanted, ms since 1970; undefined while the member may sleep for ever. */
  nextTickMs(): number | undefined {
    return earliest(this.nextTimerMs(), this.#server.nextWakeMs());
  }

  /**
   * The same without what `server.nextWakeMs` says, which is worth an alarm: this is for a timer of
   * an object that is awake.
   */
  nextTimerMs(): number | undefined {
    return earliest(this.#peer.nextTickMs(), this.#server.nextTimerMs());
  }

  /** Runs everything that is due, to its end, then sends each connection and member one message. */
  flush(nowMs: number): void {
    this.#runAll(nowMs);
    this.#sendAll();
  }

  /** Where a member is, or is to be; undefined if nobody said. */
  regionOf(sid: Sid): string | undefined {
    return findRegion(this.#peer.status(), this.#joining, sid);
  }

  /** Packets that were dropped because their rows are no txns. */
  get droppedRows(): number {
    return this.#received.droppedCount;
  }

  status(): PeerStatus {
    const status = this.#peer.status();
    return { ...status, droppedCount: status.droppedCount + this.droppedRows };
  }

  #runAll(nowMs: number): void {
    const touched = new Set<ClientConnection>();
    let isBusy = true;
    while (isBusy) {
      while (isBusy) isBusy = this.#runSome(nowMs, touched);
      for (const connection of touched) connection.flush();
      // What ends by itself may make effects, too.
      isBusy = forgetDone(this.#server, this.connections, touched, nowMs);
    }
  }

  #sendAll(): void {
    const outgoing = this.#outgoing;
    this.#outgoing = new Map();
    for (const [to, packets] of outgoing) this.#options.send(to, packets);
  }

  #runSome(nowMs: number, touched: Set<ClientConnection>): boolean {
    const hasHeard = this.#drainPeer(nowMs, touched);
    if (this.#server.wantsFlush) this.#server.step({ type: "flush", nowMs });
    const hasRun = this.#runEffects(nowMs, touched);
    return hasHeard || hasRun || this.#server.wantsFlush;
  }

  #runEffects(nowMs: number, touched: Set<ClientConnection>): boolean {
    const effects = this.#server.takeEffects();
    for (const effect of effects) this.#run(effect, nowMs, touched);
    return effects.length > 0;
  }

  #run(effect: Effect, nowMs: number, touched: Set<ClientConnection>): void {
    switch (effect.type) {
      case "append":
        this.#peer.propose(effect.rows, nowMs, effect.originsOf);
        if ((effect.rows.at(-1)?.lastZxid ?? 0) % 2 ** 32 > EPOCH_TXNS_MAX) {
          this.#peer.stepDown(nowMs);
        }
        return;
      case "confirm":
        this.#store.confirm();
        return;
      case "memberMessage":
        this.#post(effect.to, { type: "server", message: effect.message });
        return;
      case "confirmQuorum":
        this.#rounds.push({ round: effect.round, peerRound: this.#peer.confirm(nowMs) });
        return;
      case "admit":
        this.#joining.push(...effect.members);
        this.#peer.admit(
          effect.members.map(({ sid }) => sid),
          nowMs,
        );
        return;
      case "needLeader":
        this.#peer.needLeader(nowMs);
        return;
      default:
        deliver(this.connections, effect, touched);
    }
  }

  #post(to: Sid, packet: MemberPacket): void {
    const packets = this.#outgoing.get(to);
    if (packets === undefined) this.#outgoing.set(to, [packet]);
    else packets.push(packet);
  }

  /** Does what the peer wants done, until it wants nothing. */
  #drainPeer(nowMs: number, touched: Set<ClientConnection> = new Set()): boolean {
    let hasAny = false;
    for (let ready = this.#peer.takeReady(); ready; ready = this.#peer.takeReady()) {
      hasAny = true;
      this.#carryOut(ready, nowMs, touched);
    }
    return hasAny;
  }

  #carryOut(
    { persist, send, reports }: Ready,
    nowMs: number,
    touched: Set<ClientConnection>,
  ): void {
    if (persist.length > 0) {
      this.#store.transaction(() => {
        for (const step of persist) this.#persist(step);
      });
    }
    this.#peer.persisted();
    for (const packet of send) this.#post(packet.to, { type: "zab", packet });
    for (const report of reports) this.#hear(report, nowMs, touched);
  }

  #persist(step: PersistStep): void {
    switch (step.type) {
      case "truncate":
        return this.#store.log.truncateAfter(step.after);
      case "append":
        return this.#store.log.append(step.rows);
      case "stageSnapshot":
        return this.#store.stageSnapshot(step.slice);
      case "dropStagedSnapshot":
        return this.#store.dropStagedSnapshot();
      case "installSnapshot":
        return this.#store.installSnapshot(step.zxid);
      case "hardState":
        return this.#store.setHardState(step.hardState);
      default:
        return unreachable(step);
    }
  }

  #hear(report: Report, nowMs: number, touched: Set<ClientConnection>): void {
    switch (report.type) {
      case "installed":
        return this.#replaceServer(report.zxid, nowMs, touched);
      case "confirmed":
        return this.#confirmed(report.round, nowMs);
      case "configuration":
        this.#configuration = report.configuration;
        break;
      case "learned": {
        const { type, rows } = report;
        const txns = this.#received.txnsOf(rows);
        // Made by the leader's server, for this one.
        const origins = report.origins as Origins | undefined;
        this.#server.step({ type, txns, nowMs, ...(origins === undefined ? {} : { origins }) });
        return;
      }
      case "role":
        this.#rounds = [];
        break;
      default:
    }
    this.#server.step({ ...report, nowMs });
  }

  /** One round of the peer may confirm many of the server's. */
  #confirmed(peerRound: number, nowMs: number): void {
    const last = this.#rounds.findLast((each) => each.peerRound <= peerRound);
    if (last === undefined) return;
    this.#rounds = this.#rounds.filter((each) => each.peerRound > peerRound);
    this.#server.step({ type: "confirmed", round: last.round, nowMs });
  }

  /** The tables are others now: the old server ends its connections, a new one begins. */
  #replaceServer(zxid: Zxid, nowMs: number, touched: Set<ClientConnection>): void {
    this.#server.step({ type: "role", role: { type: "looking" }, nowMs });
    this.#runEffects(nowMs, touched);
    for (const connection of touched) connection.flush();
    this.#server = this.#makeServer();
    this.#server.start({ nowMs });
    const { zxid: seen } = this.#server.status();
    assert(seen >= zxid, `a snapshot of ${zxid} was installed, but the server stands at ${seen}`);
    const configuration = this.#configuration;
    if (configuration !== undefined) {
      this.#server.step({ type: "configuration", configuration, nowMs });
    }
    this.#server.step({ type: "role", role: this.#peer.role, nowMs });
  }
}

function earliest(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}
