import type { Part, PartContext } from "../part.ts";
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

async function runWay(
  way: Way,
  { passed, failed, print }: Pick<PartContext, "passed" | "failed" | "print">,
): Promise<void> {
  const root = way.connect("");
  let count = 0;
  for (const [name, run] of Object.entries(ALL)) {
    const { path } = await root.create("/node-client-", "", { sequential: true });
    const scene: Scene = { zk: way.connect(path), other: way.connect(path) };
    try {
      await Promise.race([run(scene), afterDeadline(name)]);
      passed(`${way.name}: ${name}`);
      count += 1;
    } catch (error) {
      failed(`${way.name}: ${name}`, error instanceof Error ? `${error.stack}` : String(error));
    }
    await Promise.all([scene.zk.close(), scene.other.close()]);
  }
  await root.close();
  print(`${way.name}: ${count} of ${Object.keys(ALL).length}`);
}

function afterDeadline(name: string): Promise<never> {
  return new Promise((_, reject) => {
    const message = `expected "${name}" to end within ${CASE_MS} ms`;
    setTimeout(() => reject(new Error(message)), CASE_MS).unref();
  });
}
