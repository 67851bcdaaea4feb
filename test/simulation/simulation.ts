import { AssertionError } from "../../src/core/assert.ts";
import { OPEN_ACL_UNSAFE } from "../../src/core/acl.ts";
import { isFailure } from "../../src/core/keeper-error.ts";
import type { LearnerType } from "../../src/zab/configuration.ts";
import { Client } from "./client.ts";
import { Faults } from "./faults.ts";
import type { Checker, History, Violation } from "./history.ts";
import { describePackets } from "./describe-packet.ts";
import { EnsembleInstance } from "./ensemble-instance.ts";
import { StandaloneInstance } from "./instance.ts";
import { Member, type InstanceFactory } from "./member.ts";
import { Network } from "./network.ts";
import { Operator } from "./operator.ts";
import type { SimulationOptions } from "./options.ts";
import { Prng } from "./prng.ts";
import { Recorder } from "./recorder.ts";
import { Schedule } from "./schedule.ts";
import { Trace } from "./trace.ts";

/** What became of a run. */
export interface SimulationResult {
  readonly violations: readonly Violation[];
  readonly history: History;
  /** Simulated time, µs. */
  readonly simulatedUs: number;
  /** Events run. */
  readonly steps: number;
}

/** More events than any sound run needs: members that talk for ever. */
const STEPS_MAX = 2_000_000;

/** One run: an ensemble, its clients, and everything that goes wrong, all from one seed. */
export class Simulation {
  readonly #options: SimulationOptions;
  readonly #check: Checker;
  readonly #schedule = new Schedule();
  readonly #recorder = new Recorder(this.#schedule);
  readonly #members: Member[] = [];
  readonly #clients: Client[] = [];
  readonly #violations: Violation[] = [];
  readonly #faults: Faults;
  readonly #operator: Operator;
  readonly #rng: Prng;
  #steps = 0;

  constructor(options: SimulationOptions, check: Checker, trace: Trace = new Trace()) {
    this.#options = options;
    this.#check = check;
    const rng = new Prng(options.seed, "run");
    this.#rng = rng;
    const schedule = this.#schedule;
    const recorder = this.#recorder;
    const network = new Network({
      schedule,
      rng: rng.fork("network"),
      options: options.network,
      trace,
      describe: describePackets,
    });
    const factory = factoryOf(options);
    const world = { schedule, trace, recorder, network, options, factory };
    for (let sid = 1; sid <= membersMaxOf(options); sid++) {
      const member = new Member(sid, world, rng.fork(`member ${sid}`));
      this.#members.push(member);
      network.add(member);
    }
    const clientWorld = {
      schedule,
      trace,
      recorder,
      options,
      members: () => this.#members,
      leaderHint: () => this.#members.find(({ sid }) => sid === network.leaderHint),
    };
    for (let id = 0; id < options.clients.count; id++) {
      this.#clients.push(new Client(id, clientWorld, rng.fork(`client ${id}`)));
    }
    const targets = {
      schedule,
      trace,
      network,
      members: this.#members,
      clients: this.#clients,
      options,
    };
    this.#faults = new Faults(targets, rng.fork("faults"));
    this.#operator = new Operator(targets);
  }

  /** Runs both phases. */
  run(): SimulationResult {
    try {
      const { safetyUs, operationsMax } = this.#options;
      this.#runUntil(safetyUs, () => this.#recorder.operations.length >= operationsMax);
      this.#heal();
      this.#live();
    } catch (error) {
      this.#violations.push(violationOf(error));
    }
    const history = this.#recorder.history(this.#options.seed);
    this.#violations.push(...this.#check(history));
    const { nowUs: simulatedUs } = this.#schedule;
    return { violations: this.#violations, history, simulatedUs, steps: this.#steps };
  }

  #runUntil(untilUs: number, isDone: () => boolean = () => false): void {
    while (!isDone() && this.#schedule.runNext(untilUs)) {
      this.#steps++;
      if (this.#steps > STEPS_MAX) throw new Error(`expected at most ${STEPS_MAX} events`);
    }
  }

  #heal(): void {
    this.#recorder.healedUs = this.#schedule.nowUs;
    // A minority of the members may be a majority of those that vote now.
    this.#faults.heal(this.#rng.chance(0.4) && !this.#operator.isActive);
    this.#operator.heal();
  }

  /** A majority is healed: everything must converge and answer. */
  #live(): void {
    const { livenessUs } = this.#options;
    for (const client of this.#clients) client.rest();
    this.#settle("all members back", livenessUs, () => this.#operator.restore());
    this.#settle("answers", livenessUs, () =>
      this.#living().every(({ hasPending }) => !hasPending),
    );
    this.#probe(livenessUs);
    this.#settle("the end of sessions without client", livenessUs, () => !this.#hasStaleSession());
    this.#settle("equal members", livenessUs, () => this.#findDifference() === undefined);
    const difference = this.#findDifference();
    if (difference !== undefined) this.#fail("digest", "TR1", difference);
  }

  /** Each client writes and reads once, whatever it takes. */
  #probe(withinUs: number): void {
    const open = new Map(this.#living().map((client) => [client, -1]));
    const isAnswered = (client: Client): boolean => {
      const completion = this.#recorder.operations[open.get(client) ?? -1]?.completion;
      return completion !== undefined && !isUnserved(completion.outcome);
    };
    const ask = (): void => {
      for (const [client] of open) {
        if (isAnswered(client)) open.delete(client);
        else if (!client.hasPending) open.set(client, this.#ask(client));
      }
    };
    const untilUs = this.#schedule.nowUs + withinUs;
    while (open.size > 0 && this.#schedule.nowUs < untilUs) {
      ask();
      this.#runUntil(this.#schedule.nowUs + 500_000);
    }
    ask();
    if (open.size === 0) return;
    const names = [...open.keys()].map(({ name }) => name).join();
    this.#fail("liveness", "OR1", `expected a write of each client answered, not of ${names}`);
  }

  #ask(client: Client): number {
    const operation = client.probe({
      op: "create2",
      path: `/probe-${client.id}-`,
      data: client.newData(),
      acl: OPEN_ACL_UNSAFE,
      flags: 2,
      ttlMs: 0,
    });
    return operation ?? -1;
  }

  #settle(what: string, withinUs: number, isDone: () => boolean): void {
    const untilUs = this.#schedule.nowUs + withinUs;
    while (!isDone() && this.#schedule.nowUs < untilUs) {
      this.#runUntil(this.#schedule.nowUs + 500_000);
    }
    if (isDone()) return;
    this.#fail("liveness", "OR1", `expected ${what} within ${withinUs / 1e6} s of the healing`);
  }

  #findDifference(): string | undefined {
    const seen = new Map<string, string>();
    for (const member of this.#members) {
      if (member.isOut) continue;
      const digest = member.digest() ?? "asleep";
      seen.set(`0x${member.appliedZxid.toString(16)} ${digest}`, member.name);
    }
    if (seen.size <= 1) return undefined;
    return [...seen].map(([state, name]) => `${name} at ${state}`).join(", ");
  }

  /** A session in the tree that no living client has: its client vanished, or has another one. */
  #hasStaleSession(): boolean {
    const wanted = new Set(this.#living().map(({ sessionId }) => sessionId));
    return this.#members.some(({ isOut, instance }) => {
      const sessions = isOut ? undefined : instance?.store.tables.sessions();
      return [...(sessions ?? [])].some(({ id }) => !wanted.has(id));
    });
  }

  #living(): Client[] {
    return this.#clients.filter(({ isGone }) => !isGone);
  }

  #fail(checker: string, rule: string, message: string): void {
    this.#violations.push({ checker, rule, message });
  }
}

/** Says that nobody serves now, which is an answer, but not one to a probe. */
function isUnserved(outcome: unknown): boolean {
  return isFailure(outcome) && outcome.code === -4;
}

/** An exception that leaves production code is a broken invariant; in a shard it aborts the object. */
function violationOf(error: unknown): Violation {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const isAssertion = error instanceof AssertionError;
  return { checker: isAssertion ? "assertion" : "exception", rule: "OR1", message: stack };
}

/** Without an operator nobody makes anything of the spare members. */
function membersMaxOf({ participants, observers, spares, faults }: SimulationOptions): number {
  return participants + observers + (faults.reconfigUs === Infinity ? 0 : spares);
}

/** A lone participant stands alone or is an ensemble of one; several are an ensemble. */
function factoryOf(options: SimulationOptions): InstanceFactory {
  const { participants, observers } = options;
  if (participants + observers === 1) return (_member, parts) => new StandaloneInstance(parts);
  const members = Array.from({ length: participants + observers }, (_, index) => {
    const type: LearnerType = index < participants ? "participant" : "observer";
    return { sid: index + 1, type };
  });
  const initialConfiguration = { version: 0, members };
  return (member, parts) =>
    new EnsembleInstance({
      ...parts,
      sid: member.sid,
      initialConfiguration,
      send: (to, packets) => member.send(to, packets),
    });
}
