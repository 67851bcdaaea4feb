import type { Part, PartContext } from "../part.ts";
import { BAD_INPUTS, type BadInput } from "./cases.ts";

import { INTENDED } from "./differences.ts";
import { boundMemory } from "./memory.ts";
import { areAlike, converse, isAlive, printObservation, SILENCE_MS } from "./observe.ts";
import { generateStream } from "./streams.ts";
import { withstandCrowds } from "./withstand.ts";

const STREAMS = 400;
const AT_ONCE = 20;

/** What no client should send: both servers answer, close and go on alike. */
export const badInput: Part = {
  name: "bad-input",
  async run(context) {
    const seeds = Array.from({ length: STREAMS }, (_, index) => context.seed + index);
    const intended = new Map<string, number>();
    const differing: BadInput[] = [];
    await inParallel([...BAD_INPUTS, ...seeds.map(streamOf)], async (input) => {
      const difference = await differenceOf(input, context, SILENCE_MS.quick);
      if (difference === undefined) context.passed(input.name);
      else differing.push(input);
    });
    await inParallel(differing, async (input) => {
      const difference = await differenceOf(input, context, SILENCE_MS.patient);
      if (difference?.intended !== undefined) {
        intended.set(difference.intended, (intended.get(difference.intended) ?? 0) + 1);
      }
      if (difference === undefined || difference.intended !== undefined) context.passed(input.name);
      else context.failed(input.name, difference.lines);
    });
    for (const { name, reason } of INTENDED) {
      context.print(`  ${intended.get(name) ?? 0} times ${name}: ${reason}`);
    }
    for (const server of [context.zooKeeper, context.edgekeeper]) {
      if (await isAlive(server)) context.passed(`${server.name} is alive`);
      else context.failed(`${server.name} is alive`, "  it does not answer any more");
    }
    await boundMemory(context);
    await withstandCrowds(context);
  },
};

function streamOf(seed: number): BadInput {
  const stream = generateStream(seed);
  return {
    name: `stream ${seed}: ${stream.toString("hex")}`,
    run: (talk) => converse(talk, [stream]),
  };
}

/** Where the servers differ, and the name of the difference if it is meant to be. */
interface Difference {
  readonly lines: string;
  readonly intended: string | undefined;
}

async function differenceOf(
  { run }: BadInput,
  { zooKeeper, edgekeeper }: PartContext,
  silenceMs: number,
): Promise<Difference | undefined> {
  const [a, b] = await Promise.all([
    run({ server: zooKeeper, silenceMs }),
    run({ server: edgekeeper, silenceMs }),
  ]);
  if (areAlike(a, b)) return undefined;
  const lines = `  ZooKeeper:  ${printObservation(a)}\n  edgekeeper: ${printObservation(b)}`;
  return { lines, intended: INTENDED.find(({ explains }) => explains(a, b))?.name };
}

/** Runs them, some at a time: most of their time is silence. */
async function inParallel<T>(
  values: readonly T[],
  run: (value: T) => Promise<void>,
): Promise<void> {
  const rest = values.values();
  const worker = async () => {
    for (const value of rest) await run(value);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
