import { join } from "node:path";
import { poll } from "../../e2e/poll.ts";
import { ProcessGroup } from "../../e2e/process-group.ts";
import { Door } from "../door.ts";
import type { Part, PartContext } from "../part.ts";
import { CLASSPATH, CURATOR_CLASSPATH, type Server } from "../servers.ts";
import { compareCli } from "./cli-mt.ts";
import { compareLoadGenerator } from "./load-gen.ts";

const PROGRAM_MS = 120_000;

/** A program that prints the same lines against every server. */
interface Program {
  readonly name: string;
  command(address: string): readonly [string, ...string[]];
}

const PROGRAMS: readonly Program[] = [
  {
    name: "C",
    command: (address) => [
      "/usr/bin/python3",
      "-B",
      join(import.meta.dirname, "c_client.py"),
      address,
    ],
  },
  { name: "Java", command: (address) => java("JavaClient.java", CLASSPATH, address) },
  {
    name: "Curator",
    command: (address) => java("CuratorClient.java", CURATOR_CLASSPATH, address),
  },
];

function java(program: string, classpath: string, address: string): readonly [string, ...string[]] {
  const file = join(import.meta.dirname, program);
  return ["java", "-XX:TieredStopAtLevel=1", "-cp", classpath, file, address];
}

/** The C client, the Java client and Curator's through programs of ours, and the C client's own. */
export const clients: Part = {
  name: "clients",
  async run(context) {
    for (const program of PROGRAMS) await compareProgram(program, context);
    await compareCli(context);
    await compareLoadGenerator(context);
  },
};

async function compareProgram(program: Program, context: PartContext): Promise<void> {
  const [expected, seen] = await Promise.all([
    runProgram(program, context.zooKeeper),
    runProgram(program, context.edgekeeper),
  ]);
  for (const [index, line] of expected.entries()) {
    const test = `${program.name} ${index}: ${line}`;
    if (seen[index] === line) {
      context.passed(test);
      continue;
    }
    const before = expected.slice(Math.max(0, index - 3), index).map((each) => `  both: ${each}`);
    const after = seen.slice(index, index + 6).map((each) => `  edgekeeper: ${each}`);
    context.failed(test, [...before, `  ZooKeeper:  ${line}`, ...after].join("\n"));
    // Behind the first difference lines only repeat it.
    return;
  }
}

/** Runs it through a door, and cuts its connections where it asks for that. */
async function runProgram(program: Program, server: Server): Promise<string[]> {
  const door = await Door.open(server);
  const [command, ...args] = program.command(door.address);
  const group = new ProcessGroup(command, { arguments: args });
  let hasEnded = false;
  const end = group.succeed(PROGRAM_MS).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : "for a reason unknown"),
  );
  void end.then(() => (hasEnded = true));
  const isAtCut = () => (/^cut$/m.test(group.output) || hasEnded ? true : undefined);
  await poll(`${program.name} asks for the cut`, isAtCut, PROGRAM_MS);
  door.cut();
  const error = await end;
  door.close();
  const lines = group.output.split("\n").filter((line) => !line.startsWith("SLF4J"));
  return error === undefined ? lines : [...lines, `ended: ${error.split("\n")[0]}`];
}
