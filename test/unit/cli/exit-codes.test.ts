import { describe, expect, it, test } from "vitest";
import { Interrupts } from "../../../src/cli/interrupts.ts";
import { programOf } from "../../../src/cli/program.ts";
import { runCommand } from "../../../src/cli/run-command.ts";
import { FakeClock } from "../client/fake-clock.ts";
import { ShellHarness } from "./shell-harness.ts";

describe("the exit code of", () => {
  test.each([
    [0, "ls /"],
    [0, "help ls"],
    [0, "ls --help"],
    [0, "grep x /a"],
    [1, "grep nothing /a"],
    [1, "get /missing"],
    [1, "get no-slash"],
    [1, "get"],
    [1, "get --none /a"],
    [1, "create -t x /b"],
    [1, "setquota -n 0 /a"],
    [0, "diff /a /a"],
    [1, "diff /a /b"],
    [2, "diff /a /missing"],
    [127, "gett /a"],
    [0, "lock /lock -- true"],
    [7, "lock /lock -- sh -c 'exit 7'"],
    [143, "lock /lock -- sh -c 'kill -TERM $$'"],
    [127, "lock /lock -- /missing/program"],
    [1, "lock --wait 0 /held -- true"],
    [3, "elect /election -- sh -c 'exit 3'"],
    [0, "ruok"],
  ])("[SH73] %i: %s", async (exitCode, line) => {
    const harness = new ShellHarness();
    const other = harness.client();
    await other.create("/a", "x");
    await other.create("/b", "y");
    await other.create("/held");
    await other.create("/held/lock-", "", { ephemeral: true, sequential: true });
    const words = [...line.matchAll(/'([^']*)'|\S+/g)].map(([word, quoted]) => quoted ?? word);
    expect(await harness.runOnce(words)).toBe(exitCode);
  });

  it("[SH73] 1: ruok of a server that does not serve", async () => {
    const harness = new ShellHarness();
    harness.answer = "This ZooKeeper instance is not currently serving requests";
    expect(await harness.runOnce(["ruok"])).toBe(1);
  });

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("[SH73] what %s ended: %i", async (name, exitCode) => {
    using interrupts = new Interrupts(new FakeClock());
    const { root } = programOf([], interrupts);
    root.commands
      .find((command) => command.name() === "ls")
      ?.action(() => {
        interrupts.interrupt(name);
        interrupts.signal.throwIfAborted();
      });
    const options = { err: () => undefined, interrupts };
    expect(await runCommand(root, ["ls", "/"], options)).toBe(exitCode);
  });
});

it("[SH73] the help of the program has all of them", () => {
  let help = "";
  const { root } = programOf([], new Interrupts(new FakeClock()));
  root.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
  const codes = [...help.matchAll(/^ {2}(\d+) {2,}\S/gm)].map(([, code]) => Number(code));
  expect(codes).toEqual([0, 1, 2, 127, 130, 143]);
});
