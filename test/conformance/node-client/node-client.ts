import type { Part, PartContext } from "../part.ts";
import { runCase } from "../run-case.ts";
import { type Way, waysOf } from "../way.ts";
import { CASES, type Scene } from "./cases.ts";
import { RECIPE_CASES } from "./recipe-cases.ts";

/** How long a case may take, milliseconds. */
const CASE_MS = 20_000;

const ALL = { ...CASES, ...RECIPE_CASES };

/** Our own client and the recipes on it, the same cases against Apache ZooKeeper, our native port, and our WebSocket. */
export const nodeClient: Part = {
  name: "node-client",
  async run(context) {
    for (const way of waysOf(context)) await runWay(way, context);
  },
};

async function runWay(way: Way, context: PartContext): Promise<void> {
  const root = way.connect("");
  let count = 0;
  for (const [title, run] of Object.entries(ALL)) {
    const { path } = await root.create("/node-client-", "", { sequential: true });
    const scene: Scene = { zk: way.connect(path), other: way.connect(path) };
    const name = `${way.name}: ${title}`;
    if (await runCase(context, { name, run: () => run(scene), deadlineMs: CASE_MS })) count += 1;
    await Promise.all([scene.zk.close(), scene.other.close()]);
  }
  await root.close();
  context.print(`${way.name}: ${count} of ${Object.keys(ALL).length}`);
}
