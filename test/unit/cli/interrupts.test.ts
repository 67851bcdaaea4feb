import { describe, expect, it } from "vitest";
import { Interrupts } from "../../../src/cli/interrupts.ts";
import { FakeClock, settled } from "../client/fake-clock.ts";
import { ShellHarness } from "./shell-harness.ts";

describe("Ctrl-C", () => {
  it("[SH64] leaves a command that waits for an answer alone after a second", async () => {
    const clock = new FakeClock();
    using interrupts = new Interrupts(clock);
    interrupts.interrupt("SIGINT");
    await clock.advance(999);
    expect(interrupts.isAbandoned).toBe(false);
    await clock.advance(1);
    expect(interrupts.isAbandoned).toBe(true);
    await expect(interrupts.abandoned).rejects.toThrow("SIGINT");
  });

  it("[SH64] never leaves a program alone, but insists the second time", async () => {
    const clock = new FakeClock();
    using interrupts = new Interrupts(clock);
    const program = Promise.withResolvers<number>();
    const running = interrupts.during(program.promise);
    interrupts.interrupt("SIGINT");
    await clock.advance(60_000);
    expect(interrupts.isAbandoned).toBe(false);
    expect(interrupts.insisting.aborted).toBe(false);
    interrupts.interrupt("SIGINT");
    expect(interrupts.insisting.aborted).toBe(true);
    program.resolve(0);
    await running;
    expect(interrupts.isAbandoned).toBe(false);
    await clock.advance(1_000);
    expect(interrupts.isAbandoned).toBe(true);
  });
});

describe("the shell", () => {
  it("[SH64] goes on without a command whose server is silent, and without its late answer", async () => {
    const harness = new ShellHarness();
    await harness.run("create /a first");
    harness.service.mood = "silent";
    const getting = harness.run("get /a");
    await settled();
    harness.shell.interrupt();
    await harness.clock.advance(1_000);

    expect(await getting).toBe("interrupted; what was asked for may still happen\n");
    expect(harness.shell.exitCode).toBe(130);
    harness.service.mood = "working";
    await harness.clock.advance(10_000);
    expect(harness.out).toBe("");
  });

  it("[SH64] stops connecting at once", async () => {
    const harness = new ShellHarness();
    await harness.run("create /a x", "close");
    harness.service.mood = "silent";
    const connecting = harness.run("connect two:1");
    await settled();
    harness.shell.interrupt();

    await connecting;
    expect(harness.shell.exitCode).toBe(130);
    expect(harness.shell.prompt).toContain("CLOSED");
  });
});

it("[SH64] an interrupted deleteall stops between transactions", async () => {
  const harness = new ShellHarness();
  await harness.run("create /all", ...["1", "2", "3"].map((name) => `create /all/${name}`));
  const abort = new AbortController();
  await harness.client().get("/all/3", { watch: () => abort.abort() });
  expect(await harness.runOnce(["deleteall", "-b", "1", "/all"], abort.signal)).toBe(130);
  expect(await harness.run("ls /all")).toMatch(/^\[1(, 2)?\]\n$/);
});
