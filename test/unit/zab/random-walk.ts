import type { Packet } from "../../../src/zab/packet.ts";
import { Cluster, configurationOf, type TestMember } from "./cluster.ts";

/** A small generator of numbers, the same for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Fails the walk in which an invariant does not hold. */
function hold(isHeld: boolean, invariant: string): void {
  if (!isHeld) throw new Error(`broken: ${invariant}`);
}

/** Checks, while a cluster runs, what must never happen. */
export class Watcher {
  readonly cluster: Cluster;
  /** Who was established in which epoch. */
  readonly leaders = new Map<number, number>();
  /** What was committed anywhere, by zxid, in order. */
  readonly committed = new Map<number, string>();
  readonly #reportsSeen = new Map<number, number>();
  readonly #applied = new Map<number, number>();

  constructor(cluster: Cluster) {
    this.cluster = cluster;
    cluster.onSend = (packet): void => this.#onSend(packet);
  }

  /** A new life of a member: nothing of what it reported before counts. */
  restarted(sid: number): void {
    this.#reportsSeen.set(sid, 0);
  }

  check(): void {
    for (const sid of this.cluster.members.keys()) this.#checkReports(sid);
  }

  #onSend(packet: Packet): void {
    const { disk } = this.cluster.member(packet.from);
    if (packet.type === "PROPOSAL" || packet.type === "ACK") {
      const zxid = packet.type === "ACK" ? packet.zxid : (packet.rows.at(-1)?.lastZxid ?? 0);
      hold(disk.lastZxid >= zxid, "logged before it is sent");
      hold(disk.hardState.currentEpoch === packet.epoch, "said in its epoch");
    }
    if (packet.type === "NEWLEADER") {
      hold(disk.hardState.currentEpoch === packet.epoch, "promised by a quorum");
    }
    if (packet.type === "LEADERINFO" || packet.type === "ACKEPOCH") {
      hold(disk.hardState.acceptedEpoch >= packet.epoch, "promised before it is sent");
    }
  }

  #checkReports(sid: number): void {
    const member = this.cluster.member(sid);
    const seen = this.#reportsSeen.get(sid) ?? 0;
    this.#reportsSeen.set(sid, member.reports.length);
    for (const report of member.reports.slice(seen)) {
      if (report.type === "role" && report.role.type === "leading") {
        const { epoch } = report.role;
        hold((this.leaders.get(epoch) ?? sid) === sid, `one leader in epoch ${epoch}`);
        this.leaders.set(epoch, sid);
        this.#checkNothingLost(sid);
      }
      if (report.type === "committed") this.#checkCommitted(sid, report.zxid);
    }
  }

  /** A new leader holds everything that was ever committed. */
  #checkNothingLost(sid: number): void {
    const held = new Set(this.cluster.logOf(sid).map(({ lastZxid }) => lastZxid));
    for (const zxid of this.committed.keys()) hold(held.has(zxid), `nothing lost: ${zxid}`);
  }

  #checkCommitted(sid: number, upTo: number): void {
    const rows = this.cluster.logOf(sid).filter(({ lastZxid }) => lastZxid <= upTo);
    const zxids = new Set(rows.map(({ lastZxid }) => lastZxid));
    const appliedBefore = this.#applied.get(sid) ?? 0;
    this.#applied.set(sid, Math.max(upTo, appliedBefore));
    for (const { lastZxid, txns } of rows) {
      const content = new TextDecoder().decode(txns);
      hold((this.committed.get(lastZxid) ?? content) === content, "one history");
      this.committed.set(lastZxid, content);
    }
    for (const zxid of this.committed.keys()) {
      if (zxid <= upTo) hold(zxids.has(zxid), `nothing skipped: ${zxid} at ${sid}`);
    }
  }
}

/** What a walk does beside losing packets and crashing members. */
export interface Weather {
  /** Disks take their time, and forget what was not durable. */
  readonly isSlow: boolean;
  /** Voters, observers and strangers take each other's place. */
  readonly isChanging: boolean;
}

export interface Walk {
  readonly cluster: Cluster;
  readonly watcher: Watcher;
  readonly random: () => number;
  readonly sids: readonly number[];
  readonly weather: Weather;
}

const pick = <T>(items: readonly T[], random: () => number): T | undefined =>
  items[Math.floor(random() * items.length)];

/** Moves one packet: mostly delivered, sometimes lost, doubled, or out of turn. */
function movePacket({ cluster, random }: Walk): void {
  const { packets } = cluster;
  if (packets.length === 0) return;
  const at = random() < 0.6 ? 0 : Math.floor(random() * packets.length);
  const [packet] = packets.splice(at, 1);
  if (packet === undefined) return;
  const fate = random();
  if (fate < 0.06) return;
  if (fate < 0.12) packets.splice(Math.floor(random() * packets.length), 0, packet);
  cluster.deliver(packet);
}

function letTimePass({ cluster, random }: Walk): void {
  cluster.nowMs += Math.floor(random() * (random() < 0.1 ? 6_000 : 300));
  for (const { sid, peer } of cluster.members.values()) {
    if ((peer?.nextTickMs() ?? Infinity) > cluster.nowMs) continue;
    peer?.tick(cluster.nowMs);
    cluster.run(sid);
  }
}

function disturb({ cluster, watcher, random, sids }: Walk): void {
  const sid = pick(sids, random);
  if (sid === undefined) return;
  const { peer, disk } = cluster.member(sid);
  const kind = random();
  if (peer === undefined) {
    cluster.start(sid);
    watcher.restarted(sid);
  } else if (kind < 0.3) cluster.stop(sid);
  else if (kind < 0.45) disk.trim(Math.min(disk.hardState.committedZxid, disk.lastZxid));
  else if (kind < 0.5) {
    peer.stepDown(cluster.nowMs);
    cluster.run(sid);
  } else {
    peer.needLeader(cluster.nowMs);
    cluster.run(sid);
  }
}

/** Somebody who leads, and whose last configuration is committed. */
function leaderOf({ cluster, random }: Walk): TestMember | undefined {
  const leading = [...cluster.members.values()].filter(({ peer }) => peer?.role.type === "leading");
  const leader = pick(leading, random);
  return leader?.machine.status().proposedConfiguration === undefined ? leader : undefined;
}

function write(walk: Walk, at: number): void {
  const { cluster, random } = walk;
  const leader = leaderOf(walk);
  if (leader === undefined) return;
  const round = random() < 0.3 ? leader.machine.confirm(cluster.nowMs) : 0;
  hold(round >= 0, "a round is a number");
  cluster.propose(leader.sid, `t${at}`, 1 + Math.floor(random() * 3));
}

/**
 * Proposes other voters and observers; who joins is let in before, and a majority of the new voters
 * has to be in sync, as the server asks for.
 */
function reconfigure(walk: Walk): void {
  const { cluster, random, sids } = walk;
  const leader = leaderOf(walk);
  if (leader === undefined) return;
  const { configuration, learners } = leader.machine.status();
  const types = new Map(configuration.members.map(({ sid, type }) => [sid, type]));
  const voters: number[] = [];
  const observers: number[] = [];
  for (const sid of sids) {
    const type =
      random() < 0.6 ? types.get(sid) : pick(["participant", "observer", "none"], random);
    if (type === "participant") voters.push(sid);
    if (type === "observer") observers.push(sid);
  }
  leader.machine.admit([...voters, ...observers], cluster.nowMs);
  const isSynced = (sid: number): boolean =>
    sid === leader.sid || learners.some((each) => each.sid === sid && each.isSynced);
  if (voters.filter(isSynced).length * 2 > voters.length) {
    cluster.proposeConfiguration(leader.sid, voters, observers);
  }
  cluster.run(leader.sid);
}

export function takeStep(walk: Walk, at: number): void {
  const { random, watcher, cluster, sids, weather } = walk;
  const choice = random();
  if (choice < 0.75) movePacket(walk);
  else if (choice < 0.88) letTimePass(walk);
  else if (choice < 0.96) write(walk, at);
  else disturb(walk);
  if (weather.isSlow && random() < 0.5) cluster.finish(pick(sids, random) ?? 0);
  if (weather.isChanging && random() < 0.02) reconfigure(walk);
  watcher.check();
}

/** Ends all faults: everybody is up, nothing is lost, and somebody waits for a leader. */
export function heal({ cluster, watcher, sids }: Walk): void {
  cluster.isDiskSlow = (): boolean => false;
  for (const sid of sids) {
    if (cluster.member(sid).peer === undefined) {
      cluster.start(sid);
      watcher.restarted(sid);
    } else cluster.finish(sid);
  }
  for (let round = 0; round < 8; round += 1) {
    for (const sid of sids) {
      cluster.machine(sid).needLeader(cluster.nowMs);
      cluster.run(sid);
    }
    cluster.advance(12_000);
    watcher.check();
    if (cluster.leader !== undefined && round > 0) return;
  }
}

export function walkOf(seed: number, weather: Weather): Walk {
  const random = randomOf(seed);
  const isSmall = random() < 0.5;
  const sids = weather.isChanging || !isSmall ? [1, 2, 3, 4, 5] : [1, 2, 3];
  const configuration = weather.isChanging
    ? configurationOf(isSmall ? [1, 2, 3] : [1, 2, 3, 4], 0, [5])
    : configurationOf(sids);
  const cluster = new Cluster(configuration);
  const watcher = new Watcher(cluster);
  if (weather.isSlow) cluster.isDiskSlow = (): boolean => random() < 0.5;
  cluster.start(...sids);
  return { cluster, watcher, random, sids, weather };
}
