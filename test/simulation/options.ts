import { Prng } from "./prng.ts";
import type { DiskOptions } from "./disk.ts";

const MS = 1_000;
const SECOND = 1_000_000;

/** How members and clients reach each other. */
export interface NetworkOptions {
  readonly delayUs: number;
  /** Messages of one pair overtake each other. */
  readonly isReordering: boolean;
  readonly lossChance: number;
  readonly duplicateChance: number;
  /** Chance that a message takes twenty times as long. */
  readonly stragglerChance: number;
  /** What is sent is copied as the platform does. */
  readonly isCloning: boolean;
}

/** Mean times between faults of a kind, µs of true time; `Infinity` = never. */
export interface FaultOptions {
  readonly crashUs: number;
  /** Chance that a member crashes behind an event, so also in the middle of whatever it does. */
  readonly turnCrashChance: number;
  /** Chance that a fault that may hit any member hits the leader. */
  readonly leaderChance: number;
  /** Chance that a member that crashed stays out of reach instead of being back at the next call. */
  readonly outageChance: number;
  readonly outageUs: number;
  readonly partitionUs: number;
  readonly partitionDurationUs: number;
  readonly partitionMode: "isolate" | "split" | "oneWay" | "any";
  readonly clockJumpUs: number;
  readonly clockJumpMsMax: number;
  readonly linkCutUs: number;
  readonly linkFreezeUs: number;
  readonly clientPauseUs: number;
  readonly clientVanishUs: number;
  readonly reconfigUs: number;
}

/** What clients do. */
export interface ClientOptions {
  readonly count: number;
  /** Share of clients with the door `linearizable`. */
  readonly linearizableShare: number;
  readonly thinkUs: number;
  /** Requests of one client under way. */
  readonly pipelineMax: number;
  readonly readShare: number;
  readonly watchChance: number;
  readonly timeoutMs: number;
  /** Paths in use: fewer, more conflicts. */
  readonly paths: number;
}

/** Everything that a seed decides before the run starts. */
export interface SimulationOptions {
  readonly seed: number;
  readonly participants: number;
  readonly observers: number;
  /** Members with empty disks that belong to nothing at first: an operator replaces others by them. */
  readonly spares: number;
  /** How long faults last, unless clients have asked for {@link operationsMax} before. */
  readonly safetyUs: number;
  readonly operationsMax: number;
  /** How long after the healing everything must have converged and answered. */
  readonly livenessUs: number;
  readonly network: NetworkOptions;
  readonly disk: DiskOptions;
  readonly faults: FaultOptions;
  readonly clients: ClientOptions;
  readonly clockOffsetMsMax: number;
  /** Mean delay of a flush behind the message that asked for it; 0 = at once. */
  readonly flushDelayUs: number;
  /** How long nothing must happen until a member sleeps, its sockets kept: hibernation. */
  readonly sleepUs: number;
  readonly cacheBytes: number;
  readonly logWindowBytes: number;
}

/**
 * Draws the configuration of a run. Swarm testing: each seed leaves out most kinds of trouble and
 * exaggerates some, because all at once hide each other.
 *
 * Source: TigerBeetle `vopr.zig`, `options_swarm`; Groce et al., "Swarm Testing" (ISSTA 2012).
 */
export function drawOptions(seed: number): SimulationOptions {
  const rng = new Prng(seed, "options");
  const [participants, observers] = [rng.pick([1, 3, 3, 3, 3, 5, 5]), rng.pick([0, 0, 0, 1, 2])];
  // Drawn apart, so that seeds without them stay what they were.
  const spares = new Prng(seed, "spares").pick([0, 0, 1, 2]);
  return {
    seed,
    participants,
    observers,
    spares: participants + observers > 1 ? spares : 0,
    safetyUs: rng.between(20, 60) * SECOND,
    operationsMax: rng.pick([200, 600, 1_500]),
    livenessUs: 120 * SECOND,
    network: drawNetwork(rng.fork("network")),
    disk: {
      latencyUs: rng.pick([100, 1 * MS, 10 * MS, 60 * MS]),
      slowChance: rng.pick([0, 0, 0.02, 0.2]),
      slowFactor: 20,
    },
    faults: drawFaults(rng.fork("faults")),
    clients: drawClients(rng.fork("clients")),
    clockOffsetMsMax: rng.pick([0, 10, 1_000, 10_000]),
    flushDelayUs: rng.pick([0, 0, 200, 5 * MS]),
    sleepUs: rng.pick([Infinity, 10 * SECOND]),
    cacheBytes: rng.pick([4_096, 1 << 20]),
    logWindowBytes: rng.pick([500, 5_000, 1 << 20]),
  };
}

function drawNetwork(rng: Prng): NetworkOptions {
  return {
    delayUs: rng.pick([200, 2 * MS, 20 * MS, 80 * MS]),
    isReordering: rng.chance(0.6),
    lossChance: rng.pick([0, 0, 0.005, 0.02, 0.1]),
    duplicateChance: rng.pick([0, 0, 0.01, 0.1]),
    stragglerChance: rng.pick([0, 0, 0.01, 0.05]),
    isCloning: rng.chance(0.2),
  };
}

/** A kind of fault is absent from about half of the runs. */
function every(rng: Prng, seconds: readonly number[]): number {
  return rng.chance(0.5) ? Infinity : rng.pick(seconds) * SECOND;
}

function drawFaults(rng: Prng): FaultOptions {
  return {
    crashUs: every(rng, [1, 3, 8, 20]),
    turnCrashChance: rng.pick([0, 0, 0.002, 0.01]),
    leaderChance: rng.pick([0, 0.3, 0.7]),
    outageChance: rng.pick([0, 0.3, 0.8]),
    outageUs: rng.pick([500 * MS, 5 * SECOND, 15 * SECOND]),
    partitionUs: every(rng, [3, 8, 20]),
    partitionDurationUs: rng.pick([300 * MS, 3 * SECOND, 15 * SECOND]),
    partitionMode: rng.pick(["isolate", "split", "oneWay", "any"]),
    clockJumpUs: every(rng, [5, 15]),
    clockJumpMsMax: rng.pick([100, 3_000, 20_000]),
    linkCutUs: every(rng, [2, 8]),
    linkFreezeUs: every(rng, [8, 20]),
    clientPauseUs: every(rng, [5, 20]),
    clientVanishUs: every(rng, [15, 40]),
    reconfigUs: every(rng, [5, 15]),
  };
}

function drawClients(rng: Prng): ClientOptions {
  return {
    count: rng.between(2, 6),
    linearizableShare: rng.pick([0, 0.5, 1]),
    thinkUs: rng.pick([20 * MS, 20 * MS, 100 * MS, 400 * MS, 8 * SECOND]),
    pipelineMax: rng.pick([1, 1, 4, 16]),
    readShare: rng.pick([0.2, 0.5, 0.8]),
    watchChance: rng.pick([0, 0.2, 0.7]),
    timeoutMs: rng.pick([4_000, 6_000, 20_000]),
    paths: rng.pick([2, 5, 12]),
  };
}
