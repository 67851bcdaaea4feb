import { Prng } from "../../../simulation/prng.ts";
import { Actor } from "../conversations/actor.ts";
import { Stage } from "../conversations/stage.ts";
import { rowOf } from "../disk.ts";
import type { TraceEvent } from "./trace.ts";

const STEPS = 2_500;
const EPOCH = 2 ** 32;

/** A play without a script: loss, doubles, disorder, crashes and writes, all from one seed. */
export class RandomPlay {
  readonly trace: TraceEvent[] = [];
  readonly #stage = new Stage();
  readonly #random: Prng;
  /** What each process delivered last; its tables, which outlive its machine. */
  readonly #deliveredZxid = new Map<number, number>();

  constructor(seed: number) {
    this.#random = new Prng(seed);
    const sids = this.#random.chance(0.5) ? [1, 2, 3] : [1, 2, 3, 4, 5];
    const members = sids.map((sid) => ({ sid, type: "participant" as const }));
    this.#stage.configuration = { version: 0, members };
    this.#stage.onReport = (actor, report): void => {
      if (report.type === "committed" || report.type === "installed") {
        this.#deliver(actor, report.zxid);
      }
    };
    for (const sid of sids) this.#stage.actors.set(sid, new Actor(sid));
    for (const actor of this.#stage.actors.values()) this.#stage.raise(actor);
  }

  run(): readonly TraceEvent[] {
    const weights = { packet: 88, time: 4, write: 5, crash: 0.5, wait: 2, trim: 0.5 };
    for (let step = 0; step < STEPS; step += 1) {
      this.#take(this.#random.weighted(weights), step);
      this.#stage.takeLines();
    }
    return this.trace;
  }

  #take(kind: string, step: number): void {
    if (kind === "packet") this.#movePacket();
    else if (kind === "time") this.#passTime();
    else if (kind === "write") this.#write(`v${step}`);
    else if (kind === "crash") this.#crash();
    else if (kind === "wait") this.#wait();
    else this.#trim();
  }

  #movePacket(): void {
    const { network } = this.#stage;
    if (network.packets.length === 0) return;
    // Out of order, but not for ever: the oldest ones are on their way first.
    const packet = this.#random.pick(network.packets.slice(0, 8));
    if (!this.#random.chance(0.06)) network.take(packet);
    if (!this.#random.chance(0.06)) this.#stage.deliver(packet);
  }

  #passTime(): void {
    this.#stage.pass(this.#random.int(this.#random.chance(0.1) ? 6_000 : 300), () => {});
  }

  #write(value: string): void {
    const leading = this.#stage.awake.filter(({ machine }) => machine.role.type === "leading");
    if (leading.length === 0) return;
    const actor = this.#random.pick(leading);
    const { lastZxid, acceptedEpoch: epoch } = actor.machine.status();
    const zxid = Math.max(lastZxid, epoch * EPOCH) + 1;
    this.trace.push({ type: "broadcast", process: actor.sid, epoch, txn: { zxid, value } });
    actor.machine.propose([rowOf(zxid, value)], this.#stage.nowMs);
    this.#stage.carryOut(actor);
  }

  /** Whoever is down comes back, else somebody goes, often the leader. */
  #crash(): void {
    const actors = [...this.#stage.actors.values()];
    const down = actors.find(({ peer }) => peer === undefined);
    const leader = actors.find(({ peer }) => peer?.role.type === "leading");
    const victim = this.#random.chance(0.6) ? leader : undefined;
    if (down !== undefined) this.#stage.raise(down);
    else (victim ?? this.#random.pick(actors)).peer = undefined;
  }

  #wait(): void {
    const { awake } = this.#stage;
    if (awake.length === 0) return;
    const actor = this.#random.pick(awake);
    actor.machine.needLeader(this.#stage.nowMs);
    this.#stage.carryOut(actor);
  }

  #trim(): void {
    const { disk } = this.#random.pick([...this.#stage.actors.values()]);
    disk.trim(Math.min(disk.hardState.committedZxid, disk.lastZxid));
  }

  #deliver({ sid, disk }: Actor, upTo: number): void {
    const after = this.#deliveredZxid.get(sid) ?? 0;
    for (const { lastZxid: zxid, txns } of disk.all) {
      if (zxid <= after || zxid > upTo) continue;
      const value = String(JSON.parse(new TextDecoder().decode(txns)));
      this.trace.push({ type: "deliver", process: sid, txn: { zxid, value } });
    }
    this.#deliveredZxid.set(sid, Math.max(after, upTo));
  }
}
