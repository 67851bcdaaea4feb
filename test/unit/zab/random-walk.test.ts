import { expect, test } from "vitest";
import type { Packet } from "../../../src/zab/packet.ts";
import { Cluster, configurationOf } from "./cluster.ts";

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
class Watcher {
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

interface Walk {
  readonly cluster: Cluster;
  readonly watcher: Watcher;
  readonly random: () => number;
  readonly sids: readonly number[];
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
  else if (kind < 0.5) disk.trim(Math.min(disk.hardState.committedZxid, disk.lastZxid));
  else {
    peer.needLeader(cluster.nowMs);
    cluster.run(sid);
  }
}

function write({ cluster, random }: Walk, at: number): void {
  const leading = [...cluster.members.values()].filter(({ peer }) => peer?.role.type === "leading");
  const leader = pick(leading, random);
  if (leader?.peer?.status().proposedConfiguration !== undefined) return;
  if (leader !== undefined) cluster.propose(leader.sid, `t${at}`, 1 + Math.floor(random() * 3));
}

/** Proposes another set of voters, of at least two, if none is proposed. */
function reconfigure({ cluster, random }: Walk): void {
  const leading = [...cluster.members.values()].filter(({ peer }) => peer?.role.type === "leading");
  const leader = pick(leading, random);
  if (leader === undefined) return;
  const { proposedConfiguration, configuration } = cluster.machine(leader.sid).status();
  if (proposedConfiguration !== undefined) return;
  const present = new Set(configuration.members.map(({ sid }) => sid));
  const next = [1, 2, 3, 4, 5].filter((sid) =>
    random() < 0.7 ? present.has(sid) : random() < 0.6,
  );
  if (next.length > 1) cluster.proposeConfiguration(leader.sid, next);
}

function takeStep(walk: Walk, at: number): void {
  const { random, watcher } = walk;
  const choice = random();
  if (choice < 0.75) movePacket(walk);
  else if (choice < 0.88) letTimePass(walk);
  else if (choice < 0.96) write(walk, at);
  else disturb(walk);
  watcher.check();
}

/** Ends all faults: everybody is up, nothing is lost, and somebody waits for a leader. */
function heal({ cluster, watcher, sids }: Walk): void {
  for (const sid of sids) {
    if (cluster.member(sid).peer !== undefined) continue;
    cluster.start(sid);
    watcher.restarted(sid);
  }
  for (let round = 0; round < 8 && cluster.leader === undefined; round += 1) {
    for (const sid of sids) {
      cluster.machine(sid).needLeader(cluster.nowMs);
      cluster.run(sid);
    }
    cluster.advance(12_000);
    watcher.check();
  }
}

function walkOf(seed: number): Walk {
  const random = randomOf(seed);
  const sids = random() < 0.5 ? [1, 2, 3] : [1, 2, 3, 4, 5];
  const cluster = new Cluster(configurationOf(sids));
  const watcher = new Watcher(cluster);
  cluster.start(...sids);
  return { cluster, watcher, random, sids };
}

const SEEDS = Number(process.env["ZAB_SEEDS"] ?? 40);
const FIRST = Number(process.env["ZAB_FIRST"] ?? 1);

test.each(Array.from({ length: SEEDS }, (_, at) => at + FIRST))(
  "[BC1][QC2][QC3] seed %i keeps one history while its voters change",
  (seed) => {
    const walk = walkOf(seed);
    for (let at = 0; at < 1_500; at += 1) {
      takeStep(walk, at);
      if (walk.random() < 0.01) reconfigure(walk);
      walk.watcher.check();
    }
    expect(walk.cluster.sent.length).toBeGreaterThan(0);
  },
);

test.each(Array.from({ length: SEEDS }, (_, at) => at + FIRST))(
  "[BC1] seed %i keeps one history through loss, doubles, disorder and crashes",
  (seed) => {
    const walk = walkOf(seed);
    for (let at = 0; at < 1_500; at += 1) takeStep(walk, at);

    heal(walk);

    const { cluster, watcher, sids } = walk;
    expect(cluster.leader, "a healed cluster has a leader").toBeDefined();
    cluster.propose(cluster.leader ?? 0, "last");
    cluster.advance(12_000);
    watcher.check();
    const logs = sids.map((sid) => cluster.contentOf(sid));
    for (const log of logs) expect(log).toEqual(logs[0]);
    expect(logs[0]?.at(-1)).toBe("last");
    const idle = sids.map((sid) => cluster.machine(sid).nextTickMs());
    expect(
      idle.every((tick) => tick === undefined),
      `${idle.join()}`,
    ).toBe(true);
  },
);
