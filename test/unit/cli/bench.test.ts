import { beforeEach, describe, expect, it } from "vitest";
import { settled } from "../client/fake-clock.ts";
import { ShellHarness } from "./shell-harness.ts";

let harness: ShellHarness;

beforeEach(() => {
  harness = new ShellHarness();
});

const SMALL = ["-c", "2", "-n", "3", "--keys", "5", "--size", "10"];

describe("bench", () => {
  it("[SH47] runs each operation so often as is wanted, and says how long they took", async () => {
    const words = ["bench", ...SMALL, "--operations", "20", "-o", "json"];
    expect(await harness.runOnce(words)).toBe(0);
    const { results, ...rest } = JSON.parse(harness.out);
    expect(rest).toEqual({ server: "one:1", connections: 2, outstanding: 3, size: 10 });
    expect(
      results.map(({ operation, requests, errors }: Row) => [operation, requests, errors]),
    ).toEqual(["create", "sequential", "set", "get"].map((name) => [name, 20, {}]));
  });

  it("[SH47] draws the operations of a mix by their shares, and prints them one by one", async () => {
    const words = ["bench", ...SMALL, "--operations", "30", "--mix", "set=20,get=80"];
    expect(await harness.runOnce(words)).toBe(0);
    const [shape, headings, ...rows] = harness.out.trimEnd().split("\n");
    expect(shape).toBe(
      "2 connections, 3 requests under way on each, 10 bytes; edgekeeper's own client",
    );
    expect(headings).toMatch(/^ +requests +per second +p50 ms +p90 ms +p99 ms +max ms +errors$/);
    // The chance of this clock is always 0, which draws the first one.
    expect(rows.map((row) => row.split(/ {2,}/).slice(0, 2))).toEqual([
      ["mixed", "30"],
      ["set", "30"],
    ]);
  });

  it("[SH48] leaves nothing behind", async () => {
    await harness.runOnce(["bench", ...SMALL, "--operations", "20"]);
    expect(await harness.run("ls /")).toBe("[zookeeper]\n");
  });

  it("[SH48] leaves nothing behind when it is interrupted, and ends with 130", async () => {
    const interruption = new AbortController();
    const running = harness.runOnce(["bench", "create", ...SMALL], interruption.signal);
    await begun();
    expect(await harness.client().children("/")).toMatchObject({ children: { length: 2 } });
    interruption.abort();
    expect(await running).toBe(130);
    expect(await harness.run("ls /")).toBe("[zookeeper]\n");
  });

  it("[SH48] leaves nothing behind when its connections are cut, and counts what failed", async () => {
    const running = harness.runOnce(["bench", "set", ...SMALL, "-o", "json"]);
    await begun();
    harness.service.cut();
    await harness.clock.advance(10_000);
    expect(await running).toBe(0);
    const [{ errors }] = JSON.parse(harness.out).results;
    expect(errors).toEqual({ CONNECTIONLOSS: 6 });
    expect(await harness.run("ls /")).toBe("[zookeeper]\n");
  });

  it("[SH48] names what it could not remove, and ends with 1", async () => {
    const words = ["bench", "set", ...SMALL, "--duration", "2", "-o", "json"];
    const running = harness.runOnce(words);
    await begun();
    harness.service.mood = "refusing";
    harness.service.cut();
    await harness.clock.advance(120_000);
    expect(await running).toBe(1);
    const [{ requests, errors }] = JSON.parse(harness.out).results;
    expect(requests).toBe(0);
    expect(errors).toEqual({ CONNECTIONLOSS: 6, SESSIONEXPIRED: 6 });
    expect(harness.err).toMatch(/^\/edgekeeper-bench-\S+ was not removed: /);
  });

  it("[SH47] counts requests that were never answered, and the time that was waited for them", async () => {
    harness.sessionTimeoutMs = 30_000;
    const words = ["bench", "get", ...SMALL, "--duration", "1", "-o", "json"];
    const running = harness.runOnce(words);
    await begun();
    await harness.clock.advance(500);
    harness.service.mood = "silent";
    await harness.clock.advance(11_000);
    harness.service.mood = "working";
    await harness.clock.advance(60_000);
    await running;
    const [{ errors }] = JSON.parse(harness.out).results;
    expect(errors).toEqual({ unanswered: 6 });
  });

  it("[SH49] refuses what makes no sense before anything is asked", async () => {
    for (const [words, why] of [
      [["bench", "delete"], "Allowed choices are create, sequential, set, get"],
      [["bench", "-c", "0"], "expected 1 to 1,000"],
      [["bench", "--mix", "set=20,delete=80"], 'each at most once, saw "delete=80"'],
      [["bench", "--path", "x"], "Path must start with / character"],
      [["check", "speed"], "Allowed choices are perf"],
    ] as const) {
      expect(await harness.runOnce(words)).toBe(1);
      expect(harness.err).toContain(why);
    }
    expect(harness.service.dialled).toEqual([]);
  });
});

describe("check perf", () => {
  it("[SH50] passes at a steady rate, and says what it looked at", async () => {
    const running = harness.runOnce(["check", "perf", "--duration", "2"]);
    await begun();
    await harness.clock.advance(3_000);
    expect(await running).toBe(0);
    expect(harness.out.split("\n")).toEqual([
      "PASS: throughput is 150 writes/s, at least 135 are expected",
      "PASS: the slowest write took 0.667 ms, at most 500 are expected",
      "PASS: the standard deviation is 0.272 ms, at most 100 are expected",
      "PASS: no write failed",
      "PASS",
      "",
    ]);
    expect(await harness.run("ls /")).toBe("[zookeeper]\n");
  });

  it("[SH50] fails by a server that stands still, which every write that was due waits for", async () => {
    const running = harness.runOnce(["check", "perf", "--duration", "2", "-o", "json"]);
    await begun();
    await harness.clock.advance(500);
    harness.service.mood = "silent";
    await harness.clock.advance(100);
    harness.service.mood = "working";
    harness.service.cut();
    await harness.clock.advance(10_000);
    expect(await running).toBe(1);
    const { hasPassed, measured } = JSON.parse(harness.out);
    expect(hasPassed).toBe(false);
    expect(measured.errors).toEqual({ CONNECTIONLOSS: 15 });
    expect(await harness.run("ls /")).toBe("[zookeeper]\n");
  });
});

/** Lets a load connect and begin. */
async function begun(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await settled();
}

interface Row {
  readonly operation: string;
  readonly requests: number;
  readonly errors: object;
}
