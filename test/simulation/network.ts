import type { Sid } from "../../src/zab/configuration.ts";
import type { MemberPacket } from "../../src/server/ensemble/member-message.ts";
import type { Member } from "./member.ts";
import type { NetworkOptions } from "./options.ts";
import type { Prng } from "./prng.ts";
import type { Schedule } from "./schedule.ts";
import type { Trace } from "./trace.ts";

/** How long a call that gets no answer hangs before it fails, µs. */
const BROKEN_CALL_US = 20_000;

/** What one member gets as the result of a call; undefined when the call failed. */
type OnResult = (result: readonly MemberPacket[] | undefined) => void;

/** Turns packets into words, for the trace. */
export type DescribePackets = (packets: readonly MemberPacket[]) => string;

/**
 * Calls between members, as by RPC: a request with a result. Either may be lost (then the caller sees
 * a failure, whatever the callee did), late, carried out twice, or overtaken by another call.
 */
export class Network {
  readonly #schedule: Schedule;
  readonly #rng: Prng;
  readonly #options: NetworkOptions;
  readonly #trace: Trace;
  readonly #describe: DescribePackets;
  readonly #members = new Map<Sid, Member>();
  /** Directed pairs `from>to` that don't get through. */
  readonly #cuts = new Set<string>();
  readonly #lastUs = new Map<string, number>();
  /** Faults are over. */
  isHealed = false;
  /** Calls made so far. */
  calls = 0;
  /** Whom gateways take for the leader: what some member said last. */
  leaderHint: Sid | undefined;

  constructor(parts: {
    readonly schedule: Schedule;
    readonly rng: Prng;
    readonly options: NetworkOptions;
    readonly trace: Trace;
    readonly describe: DescribePackets;
  }) {
    this.#schedule = parts.schedule;
    this.#rng = parts.rng;
    this.#options = parts.options;
    this.#trace = parts.trace;
    this.#describe = parts.describe;
  }

  add(member: Member): void {
    this.#members.set(member.sid, member);
  }

  cut(from: Sid, to: Sid): void {
    this.#cuts.add(`${from}>${to}`);
  }

  mend(): void {
    this.#cuts.clear();
  }

  isCut(from: Sid, to: Sid): boolean {
    return this.#cuts.has(`${from}>${to}`);
  }

  /** One try, and at once another one if that failed: an object that was reset is back then. */
  exchange(from: Sid, to: Sid, packets: readonly MemberPacket[], onResult: OnResult): void {
    this.#call(from, to, packets, (result) => {
      if (result === undefined) this.#call(from, to, packets, onResult);
      else onResult(result);
    });
  }

  #call(from: Sid, to: Sid, packets: readonly MemberPacket[], onResult: OnResult): void {
    this.calls++;
    const target = this.#members.get(to);
    const name = `m${from}`;
    this.#trace.add(this.#schedule.nowUs, name, "send", () => `→${to} ${this.#describe(packets)}`);
    const copy = this.#copy(packets);
    const fail = (): void => {
      this.#trace.add(this.#schedule.nowUs, name, "lost", () => `→${to}`);
      this.#schedule.after(this.#rng.exponential(BROKEN_CALL_US), () => onResult(undefined));
    };
    if (target === undefined) return fail();
    this.#carry(from, to, fail, () => {
      target.called(from, copy, (result) => {
        if (result === undefined) return fail();
        const answer = this.#copy(result);
        this.#carry(to, from, fail, () => {
          if (answer.length > 0) {
            const words = (): string => `←${to} ${this.#describe(answer)}`;
            this.#trace.add(this.#schedule.nowUs, name, "recv", words);
          }
          onResult(answer);
        });
      });
    });
    if (!this.#isUnlucky(this.#options.duplicateChance)) return;
    // Carried out once more: the caller's runtime tried again, and the first one had arrived.
    this.#carry(from, to, ignore, () => target.called(from, this.#copy(packets), ignore));
  }

  #carry(from: Sid, to: Sid, lost: () => void, arrive: () => void): void {
    if (this.isCut(from, to) || this.#isUnlucky(this.#options.lossChance)) return lost();
    const key = `${from}>${to}`;
    let atUs = this.#schedule.nowUs + this.#delayUs();
    if (!this.#options.isReordering) atUs = Math.max(atUs, this.#lastUs.get(key) ?? 0);
    this.#lastUs.set(key, atUs);
    this.#schedule.at(atUs, () => {
      if (this.isCut(from, to)) lost();
      else arrive();
    });
  }

  #delayUs(): number {
    const { delayUs } = this.#options;
    const isStraggler = this.#isUnlucky(this.#options.stragglerChance);
    return delayUs / 2 + this.#rng.exponential(delayUs / 2) * (isStraggler ? 20 : 1);
  }

  #isUnlucky(chance: number): boolean {
    return !this.isHealed && this.#rng.chance(chance);
  }

  #copy<T>(value: T): T {
    return this.#options.isCloning ? structuredClone(value) : value;
  }
}

function ignore(): void {}
