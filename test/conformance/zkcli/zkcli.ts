import { ProcessGroup } from "../../e2e/process-group.ts";
import type { Part, PartContext } from "../part.ts";
import { addressOf, CLASSPATH, type Server } from "../servers.ts";
import { normaliseOutput } from "./normalise-output.ts";
import { type CliScript, SCRIPTS } from "./scripts.ts";

/** A command that prints always the same, to tell where the output of one ends. */
const MARK = { command: "printwatches", output: "printwatches is on" };

/** The scripts of zkCli on both servers, command by command. */
export const zkcli: Part = {
  name: "zkcli",
  async run(context) {
    for (const script of SCRIPTS) await compareScript(script, context);
  },
};

async function compareScript(script: CliScript, context: PartContext): Promise<void> {
  const [expected, seen] = await Promise.all([
    runScript(context.zooKeeper, script),
    runScript(context.edgekeeper, script),
  ]);
  const check = (name: string, a: string | undefined, b: string | undefined) => {
    const test = `${script.name}: ${name}`;
    if (a === b) context.passed(test);
    else context.failed(test, `  ZooKeeper:\n${indent(a)}\n  edgekeeper:\n${indent(b)}`);
  };
  for (const [index, command] of script.commands.entries()) {
    check(command, expected.outputs[index], seen.outputs[index]);
  }
  check("all watch events", expected.events, seen.events);
}

function indent(text: string | undefined): string {
  return (text ?? "nothing").replaceAll(/^/gm, "    ");
}

/** What a script printed. */
interface Printed {
  readonly outputs: readonly string[];
  /** Events come in a thread of their own, anywhere in the output; their order is compared. */
  readonly events: string;
}

async function runScript(server: Server, script: CliScript): Promise<Printed> {
  // Both streams through one pipe: what a command prints on them keeps its order.
  const group = new ProcessGroup("bash", {
    arguments: [
      "-c",
      'exec "$@" 2>&1',
      "bash",
      "java",
      "-XX:TieredStopAtLevel=1",
      "-cp",
      CLASSPATH,
      "org.apache.zookeeper.ZooKeeperMain",
      "-server",
      addressOf(server),
      "-waitforconnection",
    ],
  });
  const input = script.commands.flatMap((command) => [command, MARK.command]);
  group.write([MARK.command, ...input, "quit", ""].join("\n"));
  await group.succeed();
  const lines = normaliseOutput(group.output).split("\n");
  const [, ...outputs] = lines
    .filter((line) => !isOfEvent(line))
    .join("\n")
    .split(MARK.output);
  return {
    outputs: script.commands.map((command, index) => ordered(command, outputs[index] ?? "")),
    events: lines.filter(isServersEvent).join("\n"),
  };
}

/** That it was closed zkCli tells itself, if it comes to that before it exits. */
function isServersEvent(line: string): boolean {
  return line.startsWith("WatchedEvent ") && !line.includes("state:Closed");
}

/** An event is a few lines among which those of a command may come. */
function isOfEvent(line: string): boolean {
  return line === "" || line === "WATCHER::" || line.startsWith("WatchedEvent ");
}

/** Puts into order what ZooKeeper prints in the order of a hash table. */
function ordered(command: string, output: string): string {
  if (command === "whoami") return output.split("\n").toSorted().join("\n");
  if (!command.startsWith("getEphemerals")) return output;
  return output.replace(/\[(.*)\]/, (_, paths: string) => paths.split(", ").toSorted().join(", "));
}
