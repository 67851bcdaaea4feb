import type { Configuration, Member } from "../../../src/zab/configuration.ts";
import type { LogRow } from "../../../src/zab/log-row.ts";
import type { Packet } from "../../../src/zab/packet.ts";
import { QuorumPeer } from "../../../src/zab/quorum-peer.ts";
import type { Ready, Report } from "../../../src/zab/ready.ts";
import { configurationIn, Disk, rowOf } from "./disk.ts";

export const EPOCH = 2 ** 32;

/** One member: a machine over a disk that outlives it, and what the machine reported. */
export class TestMember {
  readonly sid: number;
  readonly disk = new Disk();
  peer: QuorumPeer | undefined;
  /** Asked for, not durable yet: a slow disk. */
  underWay: Ready | undefined;
  reports: Report[] = [];
  incarnation = 0;
  counter = 0;

  constructor(sid: number) {
    this.sid = sid;
  }

  get machine(): QuorumPeer {
    if (this.peer === undefined) throw new Error(`member ${this.sid} is down`);
    return this.peer;
  }
}

export function configurationOf(
  sids: readonly number[],
  version = 0,
  observers: readonly number[] = [],
): Configuration {
  const members = [
    ...sids.map((sid): Member => ({ sid, type: "participant" })),
    ...observers.map((sid): Member => ({ sid, type: "observer" })),
  ];
  return { version, members: members.toSorted((a, b) => a.sid - b.sid) };
}

/** Some members and a network without loss, unless the test takes packets out of it. */
export class Cluster {
  readonly members = new Map<number, TestMember>();
  readonly configuration: Configuration;
  /** On their way, in order. */
  packets: Packet[] = [];
  /** Every packet that was ever sent. */
  readonly sent: Packet[] = [];
  nowMs = 1_000;
  onSend: (packet: Packet) => void = () => {};
  /** Tells whether what a member wants done now becomes durable only by {@link finish}. */
  isDiskSlow: (sid: number) => boolean = () => false;

  constructor(configuration: Configuration) {
    this.configuration = configuration;
    for (const { sid } of configuration.members) this.members.set(sid, new TestMember(sid));
  }

  member(sid: number): TestMember {
    const member = this.members.get(sid);
    if (member === undefined) throw new Error(`no member ${sid}`);
    return member;
  }

  machine(sid: number): QuorumPeer {
    return this.member(sid).machine;
  }

  start(...sids: number[]): void {
    for (const sid of sids) {
      const member = this.members.get(sid) ?? new TestMember(sid);
      this.members.set(sid, member);
      member.incarnation += 1;
      member.reports = [];
      member.peer = new QuorumPeer({
        sid,
        ensemble: "test",
        initialConfiguration: this.configuration,
        hardState: member.disk.hardState,
        history: member.disk,
        configurationIn,
        incarnation: member.incarnation * 1_000 + sid,
        nowMs: this.nowMs,
      });
      this.run(sid);
    }
  }

  /** Ends instances; what was not durable never happens. */
  stop(...sids: number[]): void {
    for (const sid of sids) {
      const member = this.member(sid);
      member.peer = undefined;
      member.underWay = undefined;
    }
  }

  /** Carries out everything that a member wants done. */
  run(sid: number): void {
    const member = this.member(sid);
    while (member.underWay === undefined) {
      const ready = member.machine.takeReady();
      if (ready === undefined) return;
      member.underWay = ready;
      if (!this.isDiskSlow(sid)) this.#carryOut(member);
    }
  }

  /** What a member asked for is durable now, if anything is under way. */
  finish(sid: number): void {
    const member = this.member(sid);
    if (member.underWay === undefined) return;
    this.#carryOut(member);
    this.run(sid);
  }

  #carryOut(member: TestMember): void {
    const { underWay: ready } = member;
    member.underWay = undefined;
    if (ready === undefined) return;
    for (const step of ready.persist) member.disk.carryOut(step);
    member.machine.persisted();
    for (const packet of ready.send) {
      this.packets.push(packet);
      this.sent.push(packet);
      this.onSend(packet);
    }
    member.reports.push(...ready.reports);
  }

  /** Takes the packets that match out of the network. */
  lose(isLost: (packet: Packet) => boolean): Packet[] {
    const lost = this.packets.filter(isLost);
    this.packets = this.packets.filter((packet) => !isLost(packet));
    return lost;
  }

  deliver(packet: Packet): void {
    const member = this.members.get(packet.to);
    if (member?.peer !== undefined) {
      member.peer.step(structuredClone(packet), this.nowMs);
      this.run(packet.to);
      return;
    }
    const sender = this.members.get(packet.from);
    if (sender?.peer === undefined) return;
    sender.peer.unreachable(packet.to, this.nowMs);
    this.run(packet.from);
  }

  /** Delivers everything until nothing is on its way; packets to `cut` members are lost. */
  stabilize(isLost: (packet: Packet) => boolean = () => false): void {
    for (let count = 0; count < 20_000; count += 1) {
      const packet = this.packets.shift();
      if (packet === undefined) return;
      if (!isLost(packet)) this.deliver(packet);
    }
    throw new Error("the network never falls silent");
  }

  /** Lets time pass, tick by tick, for those who asked for one. */
  advance(ms: number, isLost: (packet: Packet) => boolean = () => false): void {
    const untilMs = this.nowMs + ms;
    for (let count = 0; count < 20_000; count += 1) {
      this.stabilize(isLost);
      const awake = [...this.members.values()].filter(({ peer }) => peer !== undefined);
      const nextMs = Math.min(...awake.map(({ peer }) => peer?.nextTickMs() ?? Infinity));
      if (nextMs > untilMs) {
        this.nowMs = untilMs;
        return;
      }
      this.nowMs = Math.max(this.nowMs, nextMs);
      for (const { sid, peer } of awake) {
        if ((peer?.nextTickMs() ?? Infinity) > this.nowMs) continue;
        peer?.tick(this.nowMs);
        this.run(sid);
      }
    }
    throw new Error("time never passes");
  }

  /** The established leader; undefined if there is none, or more than one. */
  get leader(): number | undefined {
    const leaders = [...this.members.values()].filter(({ peer }) => peer?.role.type === "leading");
    return leaders.length === 1 ? leaders[0]?.sid : undefined;
  }

  /** Proposes a batch of `count` txns at a leader; returns its end. */
  propose(sid: number, content: string, count = 1): number {
    const { machine, disk } = this.member(sid);
    const epoch = machine.status().acceptedEpoch;
    const first = Math.max(machine.status().lastZxid, epoch * EPOCH) + 1;
    const lastZxid = first + count - 1;
    machine.propose([rowOf(first, content, lastZxid)], this.nowMs);
    if (disk.lastZxid >= lastZxid) throw new Error("on disk before it was asked for");
    this.run(sid);
    return lastZxid;
  }

  proposeConfiguration(
    sid: number,
    sids: readonly number[],
    observers: readonly number[] = [],
  ): Configuration {
    const zxid = Math.max(
      this.machine(sid).status().lastZxid,
      this.machine(sid).status().acceptedEpoch * EPOCH,
    );
    const configuration = configurationOf(sids, zxid + 1, observers);
    this.machine(sid).propose([rowOf(zxid + 1, configuration)], this.nowMs);
    this.run(sid);
    return configuration;
  }

  logOf(sid: number): readonly LogRow[] {
    return this.member(sid).disk.all;
  }

  /** What a member wrote in its log, in words. */
  contentOf(sid: number): readonly string[] {
    return this.logOf(sid).map(({ txns }) => String(JSON.parse(new TextDecoder().decode(txns))));
  }

  reportsOf<T extends Report["type"]>(sid: number, type: T): Extract<Report, { type: T }>[] {
    const isOfType = (report: Report): report is Extract<Report, { type: T }> =>
      report.type === type;
    return this.member(sid).reports.filter(isOfType);
  }
}

/** Members with these sids, started and stable: the last one leads. */
export function startCluster(...sids: number[]): Cluster {
  const cluster = new Cluster(configurationOf(sids));
  cluster.start(...sids);
  cluster.advance(1_000);
  return cluster;
}
