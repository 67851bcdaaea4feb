import type { Command } from "commander";
import { describe, expect, it, test } from "vitest";
import { openShellWord } from "../../../src/cli/completion/open-shell-word.ts";
import { Interrupts } from "../../../src/cli/interrupts.ts";
import { programOf } from "../../../src/cli/program.ts";
import { splitWords } from "../../../src/cli/shell/split-words.ts";
import { withTwoDashes } from "../../../src/cli/single-dashes.ts";
import { FakeClock } from "../client/fake-clock.ts";
import { ShellHarness } from "./shell-harness.ts";

/** The program as users start it, and that of a line of the shell; neither does anything. */
const PROGRAMS = {
  edgekeeper: () => idle(programOf([], new Interrupts(new FakeClock())).root),
  shell: () => idle(new ShellHarness().shell.program),
} as const;

function idle(program: Command): Command {
  program.configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
  for (const command of program.commands) {
    command.action(() => undefined).configureOutput(program.configureOutput());
  }
  return program;
}

function helpOf(command: Command): string {
  let help = "";
  command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
  return help;
}

/** Lines of a help behind "Example:" or "Examples:". */
function examplesOf(command: Command): string[] {
  const [, examples = ""] = helpOf(command).split(/^Examples?:\n/m);
  return examples.split("\n").filter((line) => line.startsWith("  "));
}

/** Our part of a pipe, without variables, a redirection, a remark and the name of the program. */
function wordsOf(example: string): readonly string[] {
  const parts = example.trim().split(" | ");
  const line = (parts.find((part) => /\bedgekeeper\b/.test(part)) ?? parts[0] ?? "")
    .replace(/ +#.*$/, "")
    .replace(/ [<>] \S+$/, "")
    .replace(/^(\w+=("[^"]*"|'[^']*'|\S*) )+/, "");
  const isOfSystem = /^(npx )?edgekeeper\b/.test(line);
  return withTwoDashes(isOfSystem ? openShellWord(`${line} `).words : splitWords(line));
}

/** Reads an example as it would be run. @throws CommanderError */
async function read(example: string, of: keyof typeof PROGRAMS): Promise<void> {
  const words = wordsOf(example);
  // Without words it is a shell.
  if (words.length === 0) return;
  const program = PROGRAMS[example.includes("edgekeeper ") ? "edgekeeper" : of]();
  await program.parseAsync([...words], { from: "user" });
}

const COMMANDS = Object.entries(PROGRAMS).flatMap(([name, make]) =>
  make()
    .commands.filter((command) => command.name() !== "__complete")
    .map((command) => ({ of: name as keyof typeof PROGRAMS, name: command.name(), command })),
);

describe.each(COMMANDS)("$of: help $name", ({ of, name, command }) => {
  test("[SH71] says what it does, and what each argument and option is", () => {
    expect(command.description()).toMatch(/^[^A-Z].*[^.]$/);
    const options = command.options.filter(({ description }) => description === "");
    expect(options.map(({ flags }) => flags)).toEqual([]);
    // Arguments whose names say it all.
    const isPlain = /^(path|from|to)$/;
    const unsaid = command.registeredArguments.filter(({ description }) => description === "");
    expect(unsaid.map((one) => one.name()).filter((name) => !isPlain.test(name))).toEqual([]);
  });

  test("[SH71] has examples, which are read as they should be", async () => {
    const examples = examplesOf(command);
    expect(examples.join("\n")).toMatch(new RegExp(`\\b${name}\\b`));
    for (const example of examples) await read(example, of);
  });
});

it("[SH71] the program's own help has examples that are read", async () => {
  const examples = examplesOf(PROGRAMS.edgekeeper());
  expect(examples.length).toBeGreaterThan(2);
  for (const example of examples) await read(example, "edgekeeper");
});

describe("what was meant", () => {
  test.each([
    ["craete /a", "create"],
    ["get-acl /a", "getAcl"],
    ["GETACL /a", "getAcl"],
    ["delete-all /a", "deleteall"],
    ["Get_All_Children_Number /", "getAllChildrenNumber"],
    ["rmr /a", "deleteall"],
    ["ls2 /a", "ls -s"],
    ["cat /a", "get"],
    ["exists /a", "stat"],
    ["ls --formatt json /", "--output"],
  ])("[SH72] %s: %s", async (line, meant) => {
    const harness = new ShellHarness();
    const said = await harness.run(line);
    expect(said).toContain(meant === "--output" ? 'see "help ls"' : `(Did you mean ${meant}?)`);
    expect(await harness.runOnce(splitWords(line))).toBe(meant === "--output" ? 1 : 127);
    expect(harness.err).toContain(meant === "--output" ? 'see "edgekeeper help ls"' : meant);
  });

  test.each([
    ["lock /a -- true", "it gives the terminal away, so not in the shell"],
    ["help gett", "(Did you mean get?)"],
    ["help rmr", "(Did you mean deleteall?)"],
  ])("[SH72] %s", async (line, said) => {
    const harness = new ShellHarness();
    expect(await harness.run(line)).toContain(said);
    expect(harness.shell.exitCode).toBe(127);
  });

  it("[SH71] in the shell a command stands at the start of its usage", async () => {
    const harness = new ShellHarness();
    expect(await harness.run("help get")).toMatch(/^Usage: get \[options\] <path>\n/);
    expect(await harness.run("help")).toMatch(/^Usage: <command> \[options\] \[arguments\]\n/);
  });

  it("[SH72] connect, outside of a shell", async () => {
    const harness = new ShellHarness();
    expect(await harness.runOnce(["connect", "zoo2"])).toBe(127);
    expect(harness.err).toContain("(it is a command of the shell; here --server says where)");
  });

  test.each([
    ["get -Z /a", "unknown option '-Z'"],
    ["deleteall --dryrun /a", "(Did you mean --dry-run?)"],
    ["get", "missing required argument 'path'"],
    ["get /a /b", "too many arguments"],
    ["4lw nope", "Allowed choices are"],
    ["create -t x /a", "expected a whole number"],
  ])("[SH72] %s is told what is wrong, and where its help is", async (line, told) => {
    const harness = new ShellHarness();
    const said = await harness.run(line);
    expect(said).toContain(told);
    expect(said).toContain(`see "help ${line.split(" ")[0]}"`);
    expect(harness.shell.exitCode).toBe(1);
  });
});
