import { generateOperation } from "./generate-operation.ts";
import type { Damage, Operation } from "./operation.ts";
import { type Profile, PROFILES } from "./profile.ts";
import { Random } from "./random.ts";
import type { Script, Step } from "./script.ts";

const STEPS = 40;

/** The script of a seed; the same one always. */
export function generateScript(seed: number): Script {
  const random = new Random(seed);
  const profile = random.weighted(PROFILES.map((each) => [each.weight, each] as const));
  const steps = Array.from({ length: STEPS }, () => generateStep(random, profile)).flat();
  const { sessions, isParallel } = profile;
  return { name: `seed ${seed} (${profile.name})`, sessions, isParallel, steps };
}

function generateStep(random: Random, profile: Profile): Step | Step[] {
  const session = random.below(profile.sessions);
  const kind = profile.isParallel ? "requests" : random.weighted(STEP_KINDS);
  switch (kind) {
    case "reconnect":
      return { kind, session, isTakeover: random.oneIn(2) };
    case "close":
      return { kind, session };
    case "last":
      return { kind: "requests", session, operations: [random.pick(LAST_WORDS)], cut: 0 };
    case "requests": {
      const count = 1 + random.below(random.pick([1, 8, 30]));
      const operations = Array.from({ length: count }, () =>
        generate({ random, profile, session }),
      ).flat();
      const cut = random.oneIn(8) ? 1 + random.below(40) : 0;
      const runs = pipelines(operations, profile);
      return runs.map((run) => ({ kind, session, operations: run, cut }));
    }
  }
}

/**
 * Where ZooKeeper must have answered before the next request is sent. Behind a setACL that has not
 * been applied it checks against the old ACL.
 */
function pipelines(operations: readonly Operation[], profile: Profile): Operation[][] {
  const runs: Operation[][] = [[]];
  for (const operation of operations) {
    runs.at(-1)?.push(operation);
    const isBarrier = profile.openness !== "open" && operation.op === "setACL";
    if (isBarrier || !profile.isPipelined) runs.push([]);
  }
  return runs.filter((run) => run.length > 0);
}

const STEP_KINDS = [
  [60, "requests"],
  [3, "reconnect"],
  [3, "close"],
  [1, "last"],
] as const;

/** Requests that the server answers by closing; what stands behind them has no fixed outcome. */
const LAST_WORDS: readonly Operation[] = [
  { op: "unknown" },
  { op: "auth", scheme: "nobody", auth: "x" },
  { op: "auth", scheme: null, auth: "x" },
];

interface Generating {
  readonly random: Random;
  readonly profile: Profile;
  readonly session: number;
}

function generate({ random, profile, session }: Generating): Operation[] {
  const operation = generateOperation(random.weighted(profile.kinds), { random, profile, session });
  const operations = [operation].flat();
  if (profile.damageOneIn === 0) return operations;
  return operations.map((each) =>
    random.oneIn(profile.damageOneIn) ? { ...each, ...damageOf(each, random) } : each,
  );
}

const TRUNCATED_ONLY: ReadonlySet<Operation["op"]> = new Set<Operation["op"]>([
  "multi",
  "multiRead",
  "createTTL",
  "createContainer",
  "setWatches",
  "setWatches2",
]);

/**
 * Damage that leaves the real server alive: a TTL create with foreign flags kills it, and a container
 * with a foreign ACL could not be removed. A foreign byte in the zxid of setWatches says something else
 * to each server: both count from where they started.
 */
function damageOf({ op }: Operation, random: Random): { damage?: Damage } {
  // Answered by closing, in a thread that does not wait for the requests before it.
  if (op === "auth" || op === "sasl") return {};
  const keep = { damage: { keep: random.below(1_000) } };
  if (TRUNCATED_ONLY.has(op)) return keep;
  const byte = random.pick([0, 1, 0x7f, 0x80, 0xff, random.below(256)]);
  return random.oneIn(3) ? keep : { damage: { at: random.below(1_000), byte } };
}
