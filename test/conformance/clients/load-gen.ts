import { poll } from "../../e2e/poll.ts";
import { ProcessGroup } from "../../e2e/process-group.ts";
import type { PartContext } from "../part.ts";
import { addressOf, type Server } from "../servers.ts";

const PROGRAM = "/usr/lib/zookeeper/bin/load_gen";
const NODE = "/load";
const CHILDREN = 500;
const CYCLES = 10;

/** load_gen of the C client: creates, writes, reads and deletes nodes, all at once, again and again. */
export async function compareLoadGenerator(context: PartContext): Promise<void> {
  const [expected, seen] = await Promise.all([
    generateLoad(context.zooKeeper),
    generateLoad(context.edgekeeper),
  ]);
  if (expected === seen) context.passed("load_gen");
  else context.failed("load_gen", `  ZooKeeper:  ${expected}\n  edgekeeper: ${seen}`);
}

/** Its errors in some cycles; it never ends by itself. */
async function generateLoad(server: Server): Promise<string> {
  const load = run(server, `${CHILDREN}`);
  const cycles = () => [...load.output.matchAll(/Starting the delete cycle/g)].length;
  await poll(
    `load_gen on ${server.name} runs ${CYCLES} cycles`,
    () => (cycles() > CYCLES ? true : undefined),
    60_000,
  ).catch((error) => load.fail(error));
  await load.kill();
  const errors = load.output.split("\n").filter((line) => /Failed|Invalid|ZOO_ERROR/.test(line));
  // What was on its way when it was killed may still come.
  await poll("load_gen clears up", () =>
    run(server, "clean")
      .succeed()
      .then(
        () => true,
        () => undefined,
      ),
  );
  return `${errors.length} errors: ${errors.slice(0, 5).join("; ")}`;
}

function run(server: Server, what: string): ProcessGroup {
  return new ProcessGroup(PROGRAM, { arguments: [addressOf(server), NODE, what] });
}
