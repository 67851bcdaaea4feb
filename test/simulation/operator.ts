import type { ReconfigRequest } from "../../src/core/request.ts";
import type { Configuration, Member as Named } from "../../src/zab/configuration.ts";
import type { Member } from "./member.ts";
import { Prng } from "./prng.ts";
import type { SimulationOptions } from "./options.ts";
import type { Schedule } from "./schedule.ts";

/** What an operator needs. */
export interface OperatorTargets {
  readonly schedule: Schedule;
  readonly members: readonly Member[];
  readonly options: SimulationOptions;
}

/**
 * Whoever changes who votes: members leave, come back, are replaced by others with empty disks, become
 * observers and voters again, the leader among them; at the end everybody is there.
 */
export class Operator {
  readonly #targets: OperatorTargets;
  readonly #rng: Prng;
  #isOver = false;

  constructor(targets: OperatorTargets) {
    this.#targets = targets;
    // Of its own, so that runs without it stay what they were.
    this.#rng = new Prng(targets.options.seed, "operator");
    if (this.isActive) this.#goOn();
  }

  get isActive(): boolean {
    const { members, options } = this.#targets;
    return options.faults.reconfigUs !== Infinity && members.length > 1;
  }

  /** Ends the changes. */
  heal(): void {
    this.#isOver = true;
  }

  /** Brings everybody back; to be called until it says that everybody is. */
  restore(): boolean {
    if (!this.isActive) return true;
    const leader = this.#leader();
    const configuration = leader?.instance?.configuration;
    if (leader === undefined || configuration === undefined) return false;
    // A change of before the healing may be on its way.
    if (leader.hasUncommitted) return false;
    const everybody = this.#everybody();
    if (textOf(configuration.members) === textOf(everybody)) return true;
    leader.reconfigure(requestOf({ newMembers: textOf(everybody) }));
    return false;
  }

  #goOn(): void {
    const { schedule, options } = this.#targets;
    schedule.after(this.#rng.exponential(options.faults.reconfigUs), () => {
      if (this.#isOver) return;
      this.#change();
      this.#goOn();
    });
  }

  #change(): void {
    const leader = this.#leader();
    const configuration = leader?.instance?.configuration;
    if (leader === undefined || configuration === undefined) return;
    leader.reconfigure(requestOf(this.#draw(leader, configuration)));
  }

  #draw(leader: Member, { members, version }: Configuration): Partial<ReconfigRequest> {
    const absent = this.#everybody().filter(({ sid }) => members.every((one) => one.sid !== sid));
    const kind = this.#rng.weighted({ leave: 3, join: absent.length * 3, change: 1, late: 0.3 });
    // Now and then for a configuration that is over.
    const curConfigId = kind === "late" ? version + 1 : this.#rng.pick([-1, version]);
    if (kind === "join") {
      const joining = this.#rng.shuffle(absent).slice(0, this.#rng.between(1, 2));
      return { joiningServers: textOf(joining), curConfigId };
    }
    const one = this.#rng.chance(0.3)
      ? members.find(({ sid }) => sid === leader.sid)
      : this.#rng.pick(members);
    if (one === undefined) return {};
    if (kind !== "change") return { leavingServers: String(one.sid), curConfigId };
    const type = one.type === "observer" ? "participant" : "observer";
    return { joiningServers: textOf([{ ...one, type }]), curConfigId };
  }

  #leader(): Member | undefined {
    return this.#targets.members.find(
      ({ isOut, instance }) => !isOut && instance?.role?.type === "leading",
    );
  }

  /** As they begin; spare members as observers. */
  #everybody(): readonly Named[] {
    const { members, options } = this.#targets;
    return members.map(({ sid }) => ({
      sid,
      type: sid <= options.participants ? "participant" : "observer",
    }));
  }
}

function textOf(members: readonly Named[]): string {
  return members.map(({ sid, type }) => `server.${sid}=any:2888:3888:${type}`).join(",");
}

function requestOf(change: Partial<ReconfigRequest>): ReconfigRequest {
  return {
    op: "reconfig",
    joiningServers: null,
    leavingServers: null,
    newMembers: null,
    curConfigId: -1,
    ...change,
  };
}
