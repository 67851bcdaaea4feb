import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { Output } from "../../../src/cli/output/output.ts";
import { Progress } from "../../../src/cli/output/progress.ts";

/** A terminal that keeps what is written to it. */
function terminal(): { readonly stream: NodeJS.WritableStream; readonly text: () => string } {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
  let text = "";
  stream.setEncoding("utf8").on("data", (piece: string) => (text += piece));
  return { stream, text: () => text };
}

const never = new AbortController().signal;

describe("progress", () => {
  it("[SH36] shows how many, of how many, and how fast", () => {
    const { stream, text } = terminal();
    using progress = new Progress(stream, { name: "mirror", total: 4, signal: never, delayMs: 0 });
    progress.tick(2);
    expect(text()).toMatch(/mirror \[=+-+\] 50% of 4, 2 znodes, \d+\/s/);
  });

  it("[SH36] shows a count where nobody knows how many there are", () => {
    const { stream, text } = terminal();
    using progress = new Progress(stream, { name: "du", signal: never, delayMs: 0 });
    progress.tick();
    expect(text()).toMatch(/du 1 znodes, \d+\/s/);
  });

  it("[SH36] is gone when the command has ended", () => {
    const { stream, text } = terminal();
    const progress = new Progress(stream, { name: "du", signal: never, delayMs: 0 });
    progress.tick();
    const before = text().length;
    progress[Symbol.dispose]();
    expect(text().slice(before)).toContain("\u001B[2K");
    const after = text();
    progress.tick();
    expect(text()).toBe(after);
  });

  it("[SH36] is gone as soon as somebody presses Ctrl-C", () => {
    const { stream, text } = terminal();
    const interruption = new AbortController();
    const { signal } = interruption;
    const progress = new Progress(stream, { name: "du", signal, delayMs: 0 });
    progress.tick();
    interruption.abort();
    const after = text();
    expect(after.slice(after.lastIndexOf("znodes"))).toContain("\u001B[2K");
    progress.tick();
    expect(text()).toBe(after);
  });

  it("[SH36] makes room for the lines of a result", () => {
    const { stream, text } = terminal();
    const lines: string[] = [];
    const out = (line: string | Uint8Array): void =>
      void lines.push(`${text().slice(-5)}|${String(line)}`);
    const output = new Output({ out, err: () => undefined, terminal: stream });
    using progress = output.progress({ name: "find", signal: never, delayMs: 0 });
    progress.tick();
    output.line("/found");
    expect(lines).toEqual(["\r\u001B[2K|/found\n"]);
  });

  it("[SH36] is not shown for what is over soon, nor without a terminal", () => {
    const { stream, text } = terminal();
    using soon = new Progress(stream, { name: "du", signal: never });
    soon.tick();
    using nowhere = new Progress(undefined, { name: "du", signal: never, delayMs: 0 });
    nowhere.tick();
    expect(text()).toBe("");
  });
});
