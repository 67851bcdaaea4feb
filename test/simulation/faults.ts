import type { Client } from "./client.ts";
import type { Member } from "./member.ts";
import type { Network } from "./network.ts";
import type { SimulationOptions } from "./options.ts";
import type { Prng } from "./prng.ts";
import type { Schedule } from "./schedule.ts";
import type { Trace } from "./trace.ts";

/** What faults may hit. */
export interface FaultTargets {
  readonly schedule: Schedule;
  readonly trace: Trace;
  readonly network: Network;
  readonly members: readonly Member[];
  readonly clients: readonly Client[];
  readonly options: SimulationOptions;
}

/** Lets things go wrong, each kind at its own rate, until {@link heal}. */
export class Faults {
  readonly #targets: FaultTargets;
  readonly #rng: Prng;
  #isOver = false;

  constructor(targets: FaultTargets, rng: Prng) {
    this.#targets = targets;
    this.#rng = rng;
    const { faults } = targets.options;
    this.#repeat(faults.crashUs, () => this.#crash());
    this.#repeat(faults.clockJumpUs, () => this.#jumpClock());
    this.#repeat(faults.partitionUs, () => this.#partition());
    this.#repeat(faults.linkCutUs, () => this.#cutLink());
    this.#repeat(faults.linkFreezeUs, () => this.#freezeLink());
    this.#repeat(faults.clientPauseUs, () => this.#pauseClient());
    this.#repeat(faults.clientVanishUs, () => this.#vanishClient());
  }

  /** Ends all faults. A minority stays out of reach for good if `keepsMinorityOut`. */
  heal(keepsMinorityOut: boolean): void {
    this.#isOver = true;
    const { network, members, options, trace, schedule } = this.#targets;
    trace.add(schedule.nowUs, "all", "heal", () => "");
    network.isHealed = true;
    network.mend();
    for (const client of this.#targets.clients) client.wake();
    const minority = keepsMinorityOut ? Math.floor((options.participants - 1) / 2) : 0;
    const out = new Set(
      this.#rng.shuffle(members.slice(0, options.participants)).slice(0, minority),
    );
    for (const member of members) {
      member.disk.isHealed = true;
      member.isHealed = true;
      member.isCutFromClients = false;
      if (!out.has(member)) member.comeBack();
      else if (!member.isOut) member.goOut();
    }
  }

  #repeat(meanUs: number, fault: () => void): void {
    if (meanUs === Infinity) return;
    this.#targets.schedule.after(this.#rng.exponential(meanUs), () => {
      if (this.#isOver) return;
      fault();
      this.#repeat(meanUs, fault);
    });
  }

  #member(): Member {
    return this.#leaderFirst()[0] ?? this.#rng.pick(this.#targets.members);
  }

  /** All members in a random order, the leader more often than others at its head. */
  #leaderFirst(): readonly Member[] {
    const { members, options, network } = this.#targets;
    const shuffled = this.#rng.shuffle(members);
    if (!this.#rng.chance(options.faults.leaderChance)) return shuffled;
    const isLeader = ({ sid }: Member): boolean => sid === network.leaderHint;
    return [...shuffled.filter(isLeader), ...shuffled.filter((member) => !isLeader(member))];
  }

  #client(): Client | undefined {
    const clients = this.#targets.clients.filter(({ isGone }) => !isGone);
    return clients.length === 0 ? undefined : this.#rng.pick(clients);
  }

  #crash(): void {
    const { faults } = this.#targets.options;
    // Now and then several at once: a region, or a deployment.
    const count = this.#rng.chance(0.1) ? this.#targets.members.length : 1;
    for (const member of this.#leaderFirst().slice(0, count)) {
      if (member.isOut) continue;
      if (!this.#rng.chance(faults.outageChance)) {
        member.crash();
        continue;
      }
      member.goOut();
      this.#targets.schedule.after(this.#rng.exponential(faults.outageUs), () => {
        if (!this.#isOver) member.comeBack();
      });
    }
  }

  #jumpClock(): void {
    const { clockJumpMsMax } = this.#targets.options.faults;
    this.#member().jumpClock(this.#rng.between(-clockJumpMsMax, clockJumpMsMax));
  }

  #partition(): void {
    const { members, network, options, schedule, trace } = this.#targets;
    network.mend();
    for (const member of members) member.isCutFromClients = false;
    const { partitionMode, partitionDurationUs } = options.faults;
    const mode =
      partitionMode === "any" ? this.#rng.pick(["isolate", "split", "oneWay"]) : partitionMode;
    const shuffled = this.#leaderFirst();
    const size = mode === "split" ? this.#rng.int(members.length) : 1;
    const [one, other] = [shuffled.slice(0, size), shuffled.slice(size)];
    for (const a of one) {
      for (const b of other) {
        network.cut(a.sid, b.sid);
        if (mode !== "oneWay") network.cut(b.sid, a.sid);
      }
      a.isCutFromClients = this.#rng.chance(0.2);
    }
    trace.add(schedule.nowUs, "all", "cut", () => `${mode} ${one.map(({ sid }) => sid).join()}`);
    schedule.after(this.#rng.exponential(partitionDurationUs), () => {
      if (this.#isOver) return;
      trace.add(schedule.nowUs, "all", "heal", () => "network");
      network.mend();
      for (const member of members) member.isCutFromClients = false;
    });
  }

  #cutLink(): void {
    const link = this.#client()?.link;
    if (link === undefined) return;
    const hearing = this.#rng.pick([["client"], ["member"], ["client", "member"]] as const);
    // Who does not hear of it finds out by its heartbeats.
    link.break(...hearing);
  }

  #freezeLink(): void {
    const { trace, schedule } = this.#targets;
    const client = this.#client();
    trace.add(schedule.nowUs, client?.name ?? "all", "fault", () => "freeze");
    client?.link?.freeze();
  }

  #pauseClient(): void {
    const client = this.#client();
    const { timeoutMs } = this.#targets.options.clients;
    client?.pause(this.#rng.exponential(timeoutMs * 700));
  }

  #vanishClient(): void {
    const alive = this.#targets.clients.filter(({ isGone }) => !isGone);
    if (alive.length > 1) this.#client()?.vanish();
  }
}
