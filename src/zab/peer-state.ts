import { assert } from "../core/assert.ts";
import type { Zxid } from "../core/zxid.ts";
import { ActiveConfigurations } from "./active-configurations.ts";
import type { Configuration, Sid } from "./configuration.ts";
import type { HardState, ServerState } from "./hard-state.ts";
import type { History } from "./history.ts";
import type { LogRow } from "./log-row.ts";
import type { PacketBody, Vote } from "./packet.ts";
import type { ElectionStatus } from "./peer-status.ts";
import type { PeerRole, PersistStep, Ready } from "./ready.ts";
import { ReadyBuilder } from "./ready-builder.ts";
import { ReplicaLog } from "./replica-log.ts";
import { isMoreRecentThan, type StateSummary } from "./vote.ts";

/** What a member is made from. */
export interface QuorumPeerOptions {
  readonly sid: Sid;
  /** Names the ensemble; packets of another one are dropped. */
  readonly ensemble: string;
  /** Counts until one was committed. */
  readonly initialConfiguration: Configuration;
  /** From before the sleep; its `committedZxid` is at least what the checkpoint stands at. */
  readonly hardState: HardState;
  readonly history: History;
  /** The configuration that a batch of rows makes, undefined for nearly all of them. */
  configurationIn(rows: readonly LogRow[]): Configuration | undefined;
  /** Drawn at each start, not 0. */
  readonly incarnation: number;
  readonly nowMs: number;
}

/** Where a role wants to go. */
export type Transition =
  | { readonly type: "looking" }
  | { readonly type: "leading" }
  | { readonly type: "learning"; readonly leader: Sid };

/** Bytes of log that are read at once to find a proposed configuration. */
const SCAN_BYTES = 4 * 1024 * 1024;

/**
 * What a member is, whatever its role: log, promises, configurations, time, and what it wants done.
 * The roles change it; only one of them is at work at a time.
 */
export class PeerState {
  readonly sid: Sid;
  readonly ensemble: string;
  readonly incarnation: number;
  readonly log: ReplicaLog;
  readonly configurations: ActiveConfigurations;
  readonly ready: ReadyBuilder = new ReadyBuilder();
  /** The latest time seen; it never goes back. */
  nowMs: number;
  /** The round of election. Source: ZooKeeper `FastLeaderElection.logicalclock`. */
  electionEpoch = 0;
  /** The last election, for operators. */
  election: ElectionStatus | undefined;
  /** Members that a leader let in before they are in a configuration. */
  readonly admitted: Set<Sid> = new Set();
  /** Set by a role that ends; taken at once by the machine. */
  transition: Transition | undefined;
  /** The role as it was reported last. */
  role: PeerRole = { type: "looking" };
  #hardState: HardState;
  #writtenHardState: HardState;
  #durable: StateSummary;
  #taken: StateSummary | undefined;

  constructor(options: QuorumPeerOptions) {
    const { sid, ensemble, incarnation, history, hardState, initialConfiguration } = options;
    this.sid = sid;
    this.ensemble = ensemble;
    this.incarnation = incarnation;
    this.nowMs = options.nowMs;
    this.log = new ReplicaLog(history);
    // What was trimmed is in the checkpoint, and that holds only what is committed.
    const committedZxid = Math.max(hardState.committedZxid, history.trimmedZxid);
    this.#hardState = { ...hardState, committedZxid };
    this.#writtenHardState = this.#hardState;
    this.configurations = new ActiveConfigurations(
      hardState.configuration ?? initialConfiguration,
      (rows) => options.configurationIn(rows),
    );
    this.#scanTail(committedZxid);
    this.#durable = this.summary;
  }

  get hardState(): HardState {
    return this.#hardState;
  }

  get committedZxid(): Zxid {
    return this.#hardState.committedZxid;
  }

  /** What this member holds. */
  get summary(): StateSummary {
    return { currentEpoch: this.#hardState.currentEpoch, lastZxid: this.log.lastZxid };
  }

  /** The part of it that is durable here. */
  get durable(): StateSummary {
    return this.#durable;
  }

  get isVoter(): boolean {
    return this.configurations.isVoter(this.sid);
  }

  get learningState(): ServerState {
    return this.isVoter ? "FOLLOWING" : "OBSERVING";
  }

  setHardState(change: Partial<HardState>): void {
    const next = { ...this.#hardState, ...change };
    assert(
      next.acceptedEpoch >= this.#hardState.acceptedEpoch &&
        next.currentEpoch >= this.#hardState.currentEpoch &&
        next.currentEpoch <= next.acceptedEpoch,
      `expected epochs not to go back, saw ${next.currentEpoch} of ${next.acceptedEpoch}`,
    );
    this.#hardState = next;
  }

  /** Tells somebody something, once everything before it is durable. */
  send(to: Sid, body: PacketBody): void {
    const { sid: from, ensemble, incarnation } = this;
    const configVersion = this.configurations.committed.version;
    this.ready.send({ from, to, ensemble, incarnation, configVersion, ...body });
  }

  /** Tells somebody where this member stands. */
  notify(to: Sid, state: ServerState, vote: Vote): void {
    this.send(to, {
      type: "NOTIFICATION",
      state,
      vote,
      electionEpoch: this.electionEpoch,
      acceptedEpoch: this.#hardState.acceptedEpoch,
      configuration: this.#hardState.configuration,
    });
  }

  reportRole(role: PeerRole): void {
    if (role.type === "looking" && this.role.type === "looking") return;
    this.role = role;
    this.ready.report({ type: "role", role });
  }

  /** Rows go into the log; reports are read when they are durable there. */
  append(rows: readonly LogRow[]): void {
    this.log.append(rows);
    this.configurations.append(rows);
    this.ready.report({ type: "persisted", zxid: this.log.lastZxid });
  }

  /** Cuts the log behind `zxid`, which is the end of a batch and not below what is committed. */
  truncate(zxid: Zxid): void {
    assert(zxid >= this.committedZxid, `expected to cut only what is not committed, saw ${zxid}`);
    this.log.truncate(zxid);
    this.configurations.truncate(zxid);
    this.ready.report({ type: "discarded", zxid });
  }

  /** Replaces the whole state by the staged snapshot. */
  install(zxid: Zxid): void {
    this.log.install(zxid);
    // Everything in a snapshot is committed; a configuration in it comes with the NEWLEADER.
    this.configurations.truncate(0);
    this.setHardState({ committedZxid: zxid });
    this.ready.report({ type: "installed", zxid });
  }

  /** Everything up to `zxid`, as far as it is here, is committed. */
  commit(zxid: Zxid): void {
    const committedZxid = Math.min(zxid, this.log.lastZxid);
    if (committedZxid <= this.committedZxid) return;
    this.setHardState({ committedZxid });
    this.ready.report({ type: "committed", zxid: committedZxid });
    const configuration = this.configurations.commit(committedZxid);
    if (configuration !== undefined) this.#activate(configuration);
  }

  /**
   * The configuration of this version is committed, another member says. If it stands in this log,
   * so does everything that was committed before it.
   */
  confirmConfiguration(version: Zxid): void {
    const zxid = this.configurations.endOfProposed(version);
    if (zxid !== undefined) this.commit(zxid);
  }

  /** Another member says that this configuration is committed. */
  adopt(configuration: Configuration | undefined): void {
    if (configuration === undefined) return;
    this.confirmConfiguration(configuration.version);
    if (this.configurations.adopt(configuration)) this.#activate(configuration);
  }

  isMoreRecent(theirs: StateSummary): boolean {
    return isMoreRecentThan(theirs, this.summary);
  }

  takeReady(): Ready | undefined {
    if (this.#taken !== undefined) return undefined;
    const persist: PersistStep[] = this.log.takeSteps();
    if (persist.length > 0 || this.#isRoleUnwritten()) {
      persist.push({ type: "hardState", hardState: this.#hardState });
      this.#writtenHardState = this.#hardState;
    }
    const ready = this.ready.take(persist);
    if (ready !== undefined) this.#taken = this.summary;
    return ready;
  }

  persisted(): void {
    assert(this.#taken !== undefined, "expected a Ready under way, saw none");
    this.log.persisted();
    this.#durable = this.#taken;
    this.#taken = undefined;
  }

  get isReadyUnderWay(): boolean {
    return this.#taken !== undefined;
  }

  #activate(configuration: Configuration): void {
    this.setHardState({ configuration });
    this.ready.report({ type: "configuration", configuration });
  }

  /** What is committed may be written late; everything else is a promise. */
  #isRoleUnwritten(): boolean {
    const { committedZxid } = this.#hardState;
    const written = { ...this.#writtenHardState, committedZxid };
    const now = this.#hardState;
    return (
      written.acceptedEpoch !== now.acceptedEpoch ||
      written.currentEpoch !== now.currentEpoch ||
      written.state !== now.state ||
      written.leader !== now.leader ||
      written.configuration !== now.configuration
    );
  }

  #scanTail(after: Zxid): void {
    let zxid = after;
    while (zxid < this.log.lastZxid) {
      const rows = this.log.read(zxid, SCAN_BYTES);
      const last = rows.at(-1);
      assert(last !== undefined, `expected rows behind ${zxid} in the log, saw none`);
      this.configurations.append(rows);
      zxid = last.lastZxid;
    }
  }
}
