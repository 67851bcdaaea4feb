import { PassThrough } from "node:stream";
import { afterEach, expect, it, vi } from "vitest";
import { paintFor } from "../../../src/cli/output/colours.ts";
import { ShellHarness } from "./shell-harness.ts";

const RED = "\u001B[31mx\u001B[39m";

afterEach(() => vi.unstubAllEnvs());

it("[SH40] a terminal is painted, a pipe is not", () => {
  withEnvironment({});
  expect(paintFor(terminal())("error", "x")).toBe(RED);
  expect(paintFor(new PassThrough())("error", "x")).toBe("x");
});

it("[SH40] NO_COLOR, FORCE_COLOR and the option change it, the option before all", () => {
  withEnvironment({ NO_COLOR: "1" });
  expect(paintFor(terminal())("error", "x")).toBe("x");
  expect(paintFor(terminal(), true)("error", "x")).toBe(RED);
  withEnvironment({ FORCE_COLOR: "1" });
  expect(paintFor(new PassThrough())("error", "x")).toBe(RED);
  expect(paintFor(terminal(), false)("error", "x")).toBe("x");
});

it("[SH41] errors are painted on the stream of errors, drawings on the other one", async () => {
  const harness = new ShellHarness();
  harness.streams.paint = (look, text) => `<${look} ${text}>`;
  harness.streams.paintError = (look, text) => `{${look} ${text}}`;
  expect(await harness.run("create /a", "create /a/b", "tree /a")).toBe("/a\n<faint └── >b\n");
  expect(await harness.run("ls /a")).toBe("<faint [>b<faint ]>\n");
  expect(await harness.run("get /none")).toBe("{error Node does not exist: /none}\n");
  expect(await harness.run("gte /a")).toContain("{error error: unknown command 'gte'");
});

it("[SH41] what programs read has no colours", async () => {
  const harness = new ShellHarness();
  harness.streams.paint = (look, text) => `<${look} ${text}>`;
  expect(await harness.run("create /a", "ls -o json /")).not.toContain("<");
});

/** What Node asks of a terminal: how many bits its colours have. */
function terminal(): PassThrough {
  return Object.assign(new PassThrough(), {
    isTTY: true,
    getColorDepth: () => (process.env["NO_COLOR"] === undefined ? 8 : 1),
  });
}

function withEnvironment(environment: Readonly<Record<string, string>>): void {
  for (const name of ["NO_COLOR", "FORCE_COLOR", "NODE_DISABLE_COLORS"]) {
    vi.stubEnv(name, environment[name]);
  }
}
