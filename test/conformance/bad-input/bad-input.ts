import type { Part, PartContext } from "../part.ts";
import { BAD_INPUTS } from "./cases.ts";
import { withstandCrowds } from "./crowds.ts";
import { areAlike, converse, isAlive, type Observation, printObservation } from "./observe.ts";
import { generateStream } from "./streams.ts";

const STREAMS = 400;
const AT_ONCE = 20;

/** What no client should send: both servers answer, close and go on alike. */
export const badInput: Part = {
  name: "bad-input",
  async run(context) {
    await inParallel(BAD_INPUTS, async ({ name, run }) => {
      const [a, b] = await Promise.all([run(context.zooKeeper), run(context.edgekeeper)]);
      compare(context, { name, a, b });
    });
    const seeds = Array.from({ length: STREAMS }, (_, index) => context.seed + index);
    await inParallel(seeds, async (seed) => {
      const stream = generateStream(seed);
      const [a, b] = await Promise.all([
        converse(context.zooKeeper, [stream]),
        converse(context.edgekeeper, [stream]),
      ]);
      compare(context, { name: `stream ${seed}: ${stream.toString("hex")}`, a, b });
    });
    for (const server of [context.zooKeeper, context.edgekeeper]) {
      if (await isAlive(server)) context.passed(`${server.name} is alive`);
      else context.failed(`${server.name} is alive`, "  it does not answer any more");
    }
    await withstandCrowds(context);
  },
};

interface Comparison {
  readonly name: string;
  readonly a: Observation;
  readonly b: Observation;
}

function compare(context: PartContext, { name, a, b }: Comparison): void {
  if (areAlike(a, b)) {
    context.passed(name);
    return;
  }
  const lines = [`  ZooKeeper:  ${printObservation(a)}`, `  edgekeeper: ${printObservation(b)}`];
  context.failed(name, lines.join("\n"));
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
