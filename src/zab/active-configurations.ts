import type { Zxid } from "../core/zxid.ts";
import { batchesOf } from "./batch.ts";
import type { Configuration, LearnerType, Member, Sid } from "./configuration.ts";
import type { LogRow } from "./log-row.ts";
import { QuorumMaj, type QuorumVerifier } from "./quorum-verifier.ts";

/** A configuration that stands in the log and is not known to be committed. */
interface Proposed {
  /** End of its batch. */
  readonly zxid: Zxid;
  readonly configuration: Configuration;
}

/**
 * The configurations that count: the committed one and, while it stands uncommitted in the log, the
 * next. A quorum is a quorum of each of them.
 *
 * Why that is safe also across a change of leader: the next configuration commits only with quorums
 * of both, so whoever then gathers a quorum of the old one alone meets a member whose log holds
 * the change and is later than a log without it; and whoever holds it needs both.
 *
 * Source: ZooKeeper `QuorumPeer.getQuorumVerifier`, `getLastSeenQuorumVerifier`,
 * `SyncedLearnerTracker`; Shraer, Reed, Malkhi, Junqueira (USENIX ATC 2012).
 */
export class ActiveConfigurations {
  #committed: Configuration;
  #proposed: Proposed[] = [];
  #verifiers: readonly QuorumVerifier[] = [];
  #members: ReadonlyMap<Sid, Member> = new Map();
  readonly #configurationIn: (rows: readonly LogRow[]) => Configuration | undefined;

  constructor(
    committed: Configuration,
    configurationIn: (rows: readonly LogRow[]) => Configuration | undefined,
  ) {
    this.#committed = committed;
    this.#configurationIn = configurationIn;
    this.#derive();
  }

  get committed(): Configuration {
    return this.#committed;
  }

  get proposed(): Configuration | undefined {
    return this.#proposed.at(-1)?.configuration;
  }

  /** Members of any of them, ascending. */
  get members(): readonly Member[] {
    return [...this.#members.values()];
  }

  /** Who votes in any of them. Source: ZooKeeper `getCurrentAndNextConfigVoters`. */
  get voters(): readonly Sid[] {
    return [...this.#members.keys()].filter((sid) => this.isVoter(sid));
  }

  isVoter(sid: Sid): boolean {
    return this.#verifiers.some(({ voters }) => voters.includes(sid));
  }

  /** Who may be voted for: who votes in the committed one. */
  isCandidate(sid: Sid): boolean {
    return this.typeOf(sid) === "participant";
  }

  isMember(sid: Sid): boolean {
    return this.#members.has(sid);
  }

  /** What a member is in the committed configuration; undefined if it does not belong there. */
  typeOf(sid: Sid): LearnerType | undefined {
    return this.#committed.members.find((member) => member.sid === sid)?.type;
  }

  /** Source: ZooKeeper `SyncedLearnerTracker.hasAllQuorums`. */
  hasQuorum(sids: ReadonlySet<Sid>): boolean {
    return this.#verifiers.every((verifier) => verifier.containsQuorum(sids));
  }

  /** The greatest number that a quorum reached; undefined if there is no quorum in `reached`. */
  reachedByQuorum(reached: ReadonlyMap<Sid, number>): number | undefined {
    const descending = [...new Set(reached.values())].toSorted((a, b) => b - a);
    return descending.find((value) => {
      const sids = [...reached].filter(([, number]) => number >= value).map(([sid]) => sid);
      return this.hasQuorum(new Set(sids));
    });
  }

  /** Rows came into the log. */
  append(rows: readonly LogRow[]): void {
    for (const batch of batchesOf(rows)) {
      const configuration = this.#configurationIn(batch);
      const zxid = batch[0]?.lastZxid;
      if (configuration === undefined || zxid === undefined) continue;
      if (configuration.version <= this.#committed.version) continue;
      this.#proposed.push({ zxid, configuration });
      this.#derive();
    }
  }

  /** The log was cut: configurations behind `zxid` were never made. */
  truncate(zxid: Zxid): void {
    this.#proposed = this.#proposed.filter((proposed) => proposed.zxid <= zxid);
    this.#derive();
  }

  /** Everything up to `zxid` is committed; returns the configuration that counts from now on. */
  commit(zxid: Zxid): Configuration | undefined {
    const committed = this.#proposed.findLast((proposed) => proposed.zxid <= zxid);
    return committed !== undefined && this.adopt(committed.configuration)
      ? this.#committed
      : undefined;
  }

  /**
   * Takes over a configuration that another member knows to be committed, if it is newer: a member
   * that slept through a change learns here whom to ask. Tells whether it was.
   *
   * Source: ZooKeeper `FastLeaderElection.WorkerReceiver`, `QuorumPeer.processReconfig`.
   */
  adopt(configuration: Configuration): boolean {
    if (configuration.version <= this.#committed.version) return false;
    this.#committed = configuration;
    this.#proposed = this.#proposed.filter(
      (proposed) => proposed.configuration.version > configuration.version,
    );
    this.#derive();
    return true;
  }

  /** The end of the proposed configuration of this version in the log, if it stands there. */
  endOfProposed(version: Zxid): Zxid | undefined {
    return this.#proposed.find(({ configuration }) => configuration.version === version)?.zxid;
  }

  #derive(): void {
    const all = [this.#committed, ...this.#proposed.map(({ configuration }) => configuration)];
    this.#verifiers = all.map((configuration) => new QuorumMaj(configuration));
    const members = all.flatMap((configuration) => configuration.members);
    this.#members = new Map(
      members.toSorted((a, b) => a.sid - b.sid).map((member) => [member.sid, member]),
    );
  }
}
