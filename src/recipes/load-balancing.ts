/** Somebody who serves. */
export interface Instance {
  readonly id: string;
  /** Where: `host:port`, a URL. */
  readonly address: string;
  /** How much it serves compared with others; 1 if absent, 0 for nothing. */
  readonly weight?: number;
  /** Whatever its clients have to know. */
  readonly payload?: unknown;
}

/** What a choice may depend on. */
export interface Choice {
  /** Sorted by id; at least one. */
  readonly instances: readonly Instance[];
  /** How many choices were made before. */
  readonly turn: number;
  /** From 0 up to, and without, 1. */
  readonly chance: number;
  /** Uses under way from here. */
  readonly load: (instance: Instance) => number;
}

/**
 * Chooses who serves; a pure function.
 *
 * @example
 * ```ts
 * import { leastLoaded, type LoadBalancing, random } from "edgekeeper/recipes";
 * import { roundRobin, ServiceRegistry, weighted } from "edgekeeper/recipes";
 *
 * const registry = new ServiceRegistry(zk, "/services");
 * for (const balancing of [roundRobin, random, weighted, leastLoaded]) {
 *   await using mails = registry.discover("mail", balancing);
 * }
 * const near: LoadBalancing = ({ instances }) =>
 *   instances.find(({ address }) => address.startsWith("10.0."));
 * ```
 */
export type LoadBalancing = (choice: Choice) => Instance | undefined;

/** One after the other. */
export const roundRobin: LoadBalancing = ({ instances, turn }) =>
  instances[turn % instances.length];

/** Anybody. */
export const random: LoadBalancing = ({ instances, chance }) =>
  instances[Math.floor(chance * instances.length)];

/** Anybody, in proportion to the weights. */
export const weighted: LoadBalancing = ({ instances, chance }) => {
  const total = instances.reduce((sum, { weight = 1 }) => sum + weight, 0);
  let left = chance * total;
  return instances.find(({ weight = 1 }) => (left -= weight) < 0);
};

/** Who has the fewest uses from here for his weight; those with as few, one after the other. */
export const leastLoaded: LoadBalancing = ({ instances, turn, load }) => {
  const serving = instances.filter(({ weight = 1 }) => weight > 0);
  const loadOf = (instance: Instance): number => load(instance) / (instance.weight ?? 1);
  const least = Math.min(...serving.map(loadOf));
  const idle = serving.filter((instance) => loadOf(instance) === least);
  return idle[turn % idle.length];
};
