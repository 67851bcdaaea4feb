import type { AdminDetail, StatisticsKind } from "../core/admin-data.ts";
import { assert } from "../core/assert.ts";
import type { SessionId } from "../core/data-node.ts";
import { Code, type Outcome } from "../core/keeper-error.ts";
import { Prep } from "../core/prep.ts";
import { SessionTracker } from "../core/session-tracker.ts";
import { WatchManager, type WatchSnapshot } from "../core/watch-manager.ts";
import { adminDataOf, resetStatistics, type ServerAdminData } from "./admin.ts";
import { checkpoint, checkpointDueMs } from "./checkpointing.ts";
import { closeConnection, forgetConnection } from "./closing.ts";
import { applyCommitted, discardAfter, flush } from "./commit.ts";
import { openConnection, restoredConnection, snapshotOf } from "./connection.ts";
import type { ConnectionSnapshot } from "./connection-snapshot.ts";
import { Connections } from "./connections.ts";
import { Counters } from "./counters.ts";
import { nextWakeMs } from "./deadlines.ts";
import type { Effect } from "./effect.ts";
import { learnTail } from "./ensemble/learned.ts";
import { memberWantsFlush } from "./ensemble/member-flush.ts";
import { takeMemberInput } from "./ensemble/member-inputs.ts";
import { createMemberState } from "./ensemble/member-state.ts";
import { memberTimerMs, memberWakeMs, tickMember } from "./ensemble/member-tick.ts";
import { isReadOnly } from "./ensemble/read-only.ts";
import { leadWhenApplied } from "./ensemble/roles.ts";
import { tick } from "./expiry.ts";
import type { ConnectionId, Input } from "./input.ts";
import { forgiveOutage, restoreSessions } from "./liveness.ts";
import { Outbox } from "./outbox.ts";
import { PendingKeys } from "./pending-keys.ts";
import { Proposals } from "./proposals.ts";
import { recoverTree } from "./recovery.ts";
import { arrive, makeRoom } from "./request-pipeline.ts";
import type { ServerOptions } from "./server-options.ts";
import type { ServerState } from "./server-state.ts";
import { ServerStatistics } from "./statistics.ts";
import {
  describeSession,
  statusOf,
  type ServerStatus,
  type SessionAsker,
  type SessionDescription,
} from "./status.ts";
import { watchesOf } from "./watch-delivery.ts";

/**
 * A ZooKeeper server without a runtime: inputs in, effects out.
 *
 * Life: `new`, then {@link restoreConnection} for every socket that outlived the last instance,
 * then {@link start} once, then {@link step} for whatever happens. Effects are taken after each
 * input or after several, and run in the order given, in the same turn.
 *
 * A turn of the shard, standalone:
 *
 *     step(request)*                         any number, from any connections
 *     while (server.wantsFlush) {
 *       step(flush) → effect append(rows)    run it: store.log.append(rows)
 *       step(persisted, z), step(committed, z)    z = the last row's lastZxid
 *     }
 *     run the other effects; set the alarm to nextWakeMs(); a timer to checkpointDueMs()
 *
 * An exception that leaves any method is a broken invariant: abort the object, recover from the log.
 */
export class ZooKeeperServer {
  readonly #state: ServerState;
  #isStarted = false;

  /** Replays the log behind the checkpoint, so that the tables are the tree at its end. */
  constructor({ store, limits, enforceQuota, ports, config, member }: ServerOptions) {
    const { tree, lastLoggedMs, tail } = recoverTree(store, member !== undefined);
    const { lastZxid } = tree;
    // Members' clocks differ: who is behind the log must not stand still until it has caught up.
    const nowMs = member === undefined ? lastLoggedMs : 0;
    this.#state = {
      store,
      limits,
      enforceQuota,
      ports,
      config,
      tree,
      prep: new Prep(store.tables, { lastZxid, lastTimeMs: lastLoggedMs, limits, enforceQuota }),
      watches: new WatchManager(limits),
      tracker: new SessionTracker(),
      connections: new Connections(),
      proposals: new Proposals(lastZxid),
      pendingKeys: new PendingKeys(),
      outbox: new Outbox(),
      counters: new Counters(),
      statistics: new ServerStatistics(),
      member: member && createMemberState(member),
      watchesToLoad: new Set(),
      zxidWaiters: new Set(),
      storedSeenMs: new Map(),
      reaping: new Map(),
      openingSessions: new Set(),
      persistedZxid: lastZxid,
      committedZxid: lastZxid,
      nowMs,
      lastWriteMs: nowMs,
      startedMs: nowMs,
      checkpointMs: undefined,
    };
    learnTail(this.#state, tail);
    this.#state.persistedZxid = store.log.lastZxid;
  }

  /** Makes a hibernated connection known again. Before {@link start}; no effects [SE20]. */
  restoreConnection(
    connection: ConnectionId,
    snapshot: ConnectionSnapshot,
    room: number = Infinity,
  ): void {
    assert(!this.#isStarted, "a connection is restored before the start");
    this.#state.connections.add(restoredConnection(connection, snapshot, room));
    this.#state.watchesToLoad.add(connection);
  }

  /**
   * Decides which sessions outlived the time without an instance. Once, before the first
   * {@link step}. Restored connections whose session is gone are closed.
   *
   * @param at.alarmAtMs - the alarm that was set when the last instance ended, if any: when it is
   * more than two ticks ago the platform was out, and sessions are not to blame.
   */
  start(at: { readonly nowMs: number; readonly alarmAtMs?: number | undefined }): void {
    assert(!this.#isStarted, "a server starts once");
    this.#isStarted = true;
    const state = this.#state;
    state.nowMs = Math.max(state.nowMs, at.nowMs);
    state.startedMs = state.nowMs;
    restoreSessions(state);
    // A member that sleeps and wakes as the leader comes back to it.
    if (state.member !== undefined) state.member.alarmAtMs = at.alarmAtMs;
    else if (at.alarmAtMs !== undefined) forgiveOutage(state, at.alarmAtMs);
    for (const connection of state.connections.all()) {
      const { sessionRole, sessionId } = connection;
      if (sessionRole === "none" || state.tracker.get(sessionId) !== undefined) continue;
      closeConnection(state, connection, {
        code: Code.SESSIONEXPIRED,
        reason: "the session is over",
      });
    }
  }

  /** Takes in what happened, to its end. */
  step(input: Input): void {
    assert(this.#isStarted, "a server takes input after its start");
    const state = this.#state;
    state.nowMs = Math.max(state.nowMs, input.nowMs);
    switch (input.type) {
      case "opened": {
        const { connection, identity, room = Infinity, consistency = "linearizable" } = input;
        const { nowMs } = state;
        state.counters.add("connectionsOpened");
        state.connections.add(openConnection(connection, identity, { nowMs, room, consistency }));
        return;
      }
      case "room":
        makeRoom(state, input.connection, input.bytes);
        return;
      case "connect":
      case "request":
        arrive(state, input);
        return;
      case "closed": {
        const connection = state.connections.find(input.connection);
        if (connection !== undefined) forgetConnection(state, connection);
        return;
      }
      case "flush":
        flush(state);
        return;
      case "persisted":
        state.persistedZxid = Math.max(state.persistedZxid, input.zxid);
        this.#applyCommitted(state);
        return;
      case "committed":
        state.committedZxid = Math.max(state.committedZxid, input.zxid);
        this.#applyCommitted(state);
        return;
      case "discarded":
        discardAfter(state, input.zxid);
        return;
      case "tick":
        this.#tick(state);
        return;
      default:
        takeMemberInput(state, input);
    }
  }

  #applyCommitted(state: ServerState): void {
    applyCommitted(state);
    if (state.member !== undefined) leadWhenApplied(state, state.member);
  }

  #tick(state: ServerState): void {
    if (state.member === undefined) tick(state, nextWakeMs(state));
    else tickMember(state, state.member);
  }

  /** Hands over what is to be done since the last call, in order. */
  takeEffects(): Effect[] {
    return this.#state.outbox.take();
  }

  /** Prepared txns wait for a `flush` input; also true after ticks and commits that made some. */
  get wantsFlush(): boolean {
    const { proposals, member } = this.#state;
    return proposals.flushableCount > 0 || (member !== undefined && memberWantsFlush(member));
  }

  /**
   * When a `tick` is wanted, ms since 1970: the earliest session deadline or reap date; undefined
   * when neither exists. The shard keeps one alarm there.
   */
  nextWakeMs(): number | undefined {
    const { member } = this.#state;
    const wakeMs = nextWakeMs(this.#state);
    return member === undefined ? wakeMs : memberWakeMs(this.#state, member, wakeMs);
  }

  /**
   * When a `tick` is wanted while this instance lives, ms since 1970: for what a member of an
   * ensemble waits for. Changes often, so that it is for a timer, not for an alarm.
   */
  nextTimerMs(): number | undefined {
    const { member } = this.#state;
    return member && memberTimerMs(member);
  }

  /**
   * When {@link checkpoint} is wanted, ms since 1970: 0 = now, because much is dirty; otherwise a
   * second after the last write; undefined when the tables on disk are the tree already.
   */
  checkpointDueMs(): number | undefined {
    return checkpointDueMs(this.#state);
  }

  /** Writes the tables at the last zxid applied, and trims the log. */
  checkpoint(nowMs: number): void {
    this.#state.nowMs = Math.max(this.#state.nowMs, nowMs);
    checkpoint(this.#state);
  }

  /** What to keep with the socket: to be asked after each `changed` effect, once per flush. */
  connectionState(connection: ConnectionId): ConnectionSnapshot {
    const found = this.#state.connections.get(connection);
    found.savedSeenMs = found.seenMs;
    return snapshotOf(found);
  }

  /** The watches of a connection, to be kept beside its {@link connectionState}. */
  connectionWatches(connection: ConnectionId): WatchSnapshot {
    return watchesOf(this.#state, connection);
  }

  /** Looks at a session: by its password, or as an admin without one. Touches nothing. */
  describeSession(asker: SessionAsker, id: SessionId, nowMs: number): Outcome<SessionDescription> {
    this.#state.nowMs = Math.max(this.#state.nowMs, nowMs);
    return describeSession(this.#state, asker, id);
  }

  /** Everything that operators may see; of the lists, those that are asked for. */
  admin(details: readonly AdminDetail[]): ServerAdminData {
    return adminDataOf(this.#state, new Set(details));
  }

  /** Starts the statistics of the server, or of all its connections, anew. */
  resetStatistics(kind: StatisticsKind): void {
    resetStatistics(this.#state, kind);
  }

  /** A member of an ensemble that serves what needs no quorum, because it has had none for a while. */
  isReadOnly(nowMs: number): boolean {
    const { member } = this.#state;
    return member !== undefined && isReadOnly(member, nowMs);
  }

  /** The numbers that cost next to nothing. */
  status(): ServerStatus {
    return statusOf(this.#state);
  }
}
