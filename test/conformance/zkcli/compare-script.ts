import { ProcessGroup } from "../../e2e/process-group.ts";
import type { PartContext } from "../part.ts";
import { normaliseOutput } from "./normalise-output.ts";
import type { CliScript } from "./scripts.ts";

/** A command that prints always the same, to tell where the output of one ends. */
const MARK = { command: "printwatches", output: "printwatches is on" };

/** A shell and the server that it is connected to. */
export interface Side {
  /** How reports call it. */
  readonly name: string;
  /** A program that reads zkCli's commands from a pipe, and its arguments. */
  readonly command: readonly string[];
}

/** Runs a script in two shells, the first of which is right by definition; compares each command. */
export async function compareScript(
  script: CliScript,
  context: Pick<PartContext, "passed" | "failed">,
  [right, under]: readonly [Side, Side],
): Promise<void> {
  const [expected, seen] = [await runScript(right, script), await runScript(under, script)];
  const check = (name: string, a: string | undefined, b: string | undefined) => {
    const test = `${script.name}: ${name}`;
    if (a === b) context.passed(test);
    else {
      context.failed(test, `  ${right.name}:\n${indent(a)}\n  ${under.name}:\n${indent(b)}`);
    }
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

async function runScript({ command }: Side, script: CliScript): Promise<Printed> {
  // Both streams through one pipe: what a command prints on them keeps its order.
  const group = new ProcessGroup("bash", {
    arguments: ["-c", 'exec "$@" 2>&1', "bash", ...command],
  });
  const input = script.commands.flatMap((line) => [line, MARK.command]);
  group.write([MARK.command, ...input, "quit", ""].join("\n"));
  await group.succeed();
  const lines = normaliseOutput(group.output).split("\n");
  const [, ...outputs] = lines
    .filter((line) => !isOfEvent(line))
    .join("\n")
    .split(MARK.output);
  return {
    outputs: script.commands.map((line, index) => ordered(line, outputs[index] ?? "")),
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
