import type { Configuration } from "../../../../src/zab/configuration.ts";
import type { Packet } from "../../../../src/zab/packet.ts";
import { QuorumPeer } from "../../../../src/zab/quorum-peer.ts";
import type { Report } from "../../../../src/zab/ready.ts";
import { configurationIn } from "../disk.ts";
import { Actor } from "./actor.ts";
import { Network } from "./network.ts";
import { Oracle } from "./oracle.ts";
import { packetWords, persistWords, reportWords, sendWords } from "./words.ts";

/** A play that does not come to rest after so many steps has a loop in it. */
const STEPS_MAX = 3_000;

/**
 * An ensemble that does only what a script says, and writes down everything that it does.
 *
 * Members are machines over disks; what a `Ready` asks for is carried out at once and in its order.
 * Packets wait in the network until a command delivers them, time stands still until one moves it.
 */
export class Stage {
  readonly actors = new Map<number, Actor>();
  readonly network = new Network();
  readonly #oracle = new Oracle();
  #lines: string[] = [];
  #isQuiet = false;
  nowMs = 0;
  /** Hears every report when its `Ready` has been carried out. */
  onReport: (actor: Actor, report: Report) => void = () => {};
  configuration: Configuration = { version: 0, members: [] };

  actor(sid: number): Actor {
    const actor = this.actors.get(sid);
    if (actor === undefined) throw new Error(`nobody is called ${sid}`);
    return actor;
  }

  get awake(): Actor[] {
    return [...this.actors.values()].filter(({ peer }) => peer !== undefined);
  }

  /** Takes what was written down since the last time. */
  takeLines(): string[] {
    const lines = this.#lines;
    this.#lines = [];
    this.#isQuiet = false;
    return lines;
  }

  /** Until the end of this command only roles are written down. */
  hush(): void {
    this.#isQuiet = true;
  }

  write(line: string): void {
    if (!this.#isQuiet) this.#lines.push(line);
  }

  /** Gives a member a machine over what its disk holds. */
  raise(actor: Actor): void {
    const { sid, disk } = actor;
    actor.isAsleep = false;
    actor.incarnation += 1;
    actor.peer = new QuorumPeer({
      sid,
      ensemble: "play",
      initialConfiguration: this.configuration,
      hardState: disk.hardState,
      history: disk,
      configurationIn,
      incarnation: actor.incarnation,
      nowMs: this.nowMs,
    });
    this.carryOut(actor);
  }

  /** Does everything that a member wants done, as its caller has to. */
  carryOut(actor: Actor): void {
    for (;;) {
      const ready = actor.machine.takeReady();
      if (ready === undefined) return;
      for (const step of ready.persist) {
        const words = persistWords(step, actor.disk.hardState);
        actor.disk.carryOut(step);
        if (words !== undefined) this.write(`    ${actor.sid} ${words}`);
      }
      actor.machine.persisted();
      if (ready.send.length > 0) this.write(`    ${actor.sid} sends ${sendWords(ready.send)}`);
      for (const packet of ready.send) this.network.send(packet);
      for (const report of ready.reports) {
        this.#oracle.see(actor, report);
        this.onReport(actor, report);
        const words = reportWords(report);
        if (words?.startsWith("ROLE") === true) this.#lines.push(`    ${actor.sid} ${words}`);
        else if (words !== undefined) this.write(`    ${actor.sid} ${words}`);
      }
    }
  }

  /** Brings a packet to its end: taken in, lost, or known to its sender as undeliverable. */
  deliver(packet: Packet): void {
    const words = packetWords(packet);
    const receiver = this.actors.get(packet.to);
    if (this.network.isCut(packet)) {
      this.write(`${words} - lost`);
      return;
    }
    if (receiver?.isAsleep === true) {
      this.write(`${words} - wakes it`);
      this.raise(receiver);
    } else if (receiver?.peer === undefined) {
      this.write(`${words} - cannot be delivered`);
      this.#bounce(packet);
      return;
    } else this.write(words);
    receiver.machine.step(structuredClone(packet), this.nowMs);
    this.carryOut(receiver);
  }

  /** Delivers everything, in the order sent, until nothing is on its way. */
  stabilize(): void {
    for (let count = 0; count < STEPS_MAX; count += 1) {
      const packet = this.network.shift();
      if (packet === undefined) return;
      this.deliver(packet);
    }
    throw new Error(`packets go on and on, the last one is ${packetWords(this.#lastPacket)}`);
  }

  /** Moves the clock; whoever wants a tick gets it in time. `between` is done before each. */
  pass(ms: number, between: () => void): void {
    const untilMs = this.nowMs + ms;
    for (let count = 0; count < STEPS_MAX; count += 1) {
      between();
      const nextMs = Math.min(...this.awake.map(({ machine }) => machine.nextTickMs() ?? Infinity));
      if (nextMs > untilMs) {
        this.nowMs = untilMs;
        return;
      }
      this.nowMs = Math.max(this.nowMs, nextMs);
      for (const actor of this.awake) this.#tick(actor);
    }
    throw new Error("ticks go on and on");
  }

  #tick(actor: Actor): void {
    if ((actor.machine.nextTickMs() ?? Infinity) > this.nowMs) return;
    this.write(`${actor.sid} ticks at ${this.nowMs} ms`);
    actor.machine.tick(this.nowMs);
    this.carryOut(actor);
  }

  #bounce({ from, to }: Packet): void {
    const sender = this.actor(from);
    if (sender.peer === undefined) return;
    sender.peer.unreachable(to, this.nowMs);
    this.carryOut(sender);
  }

  get #lastPacket(): Packet {
    const packet = this.network.history.at(-1);
    if (packet === undefined) throw new Error("nothing was ever sent");
    return packet;
  }
}
