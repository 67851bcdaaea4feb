import { PassThrough } from "node:stream";
import { expect, it, test } from "vitest";
import { paintFor } from "../../../src/cli/output/colours.ts";
import { streamsFor } from "../../../src/cli/program.ts";
import { terminalText } from "../../../src/cli/output/terminal-text.ts";

it.each([
  ["a title", "a\u001B]0;pwned\u0007b", "a\uFFFD]0;pwned\uFFFDb"],
  ["an erased screen", "\u001B[2J\u001B[H", "\uFFFD[2J\uFFFD[H"],
  ["hidden text", "\u001B[8mx\u001B[28m", "\uFFFD[8mx\uFFFD[28m"],
  ["a line over the last one", "no\ryes\b", "no\uFFFDyes\uFFFD"],
  ["one byte for ESC [", "\u009B2J", "\uFFFD2J"],
  ["a carriage alone", "\r[31m\r\r\n", "\uFFFD[31m\uFFFD\r\n"],
])("[SH76] %s does not reach a terminal", (_, text, shown) => {
  expect(terminalText(text)).toBe(shown);
});

it("[SH76] lines, tabs, other scripts and our colours do", () => {
  const looks = (["error", "warning", "good", "title", "faint"] as const).map((look) =>
    paintFor(process.stdout, true)(look, "x"),
  );
  const text = `a\tb\n\n[31mc\r\n日本語 ${looks.join("")}`;
  expect(terminalText(text)).toBe(text);
});

test.each([
  [true, "\uFFFD[2J"],
  [false, "\u001B[2J"],
])("[SH76] a stream that is a terminal: %s", (isTTY, shown) => {
  const written: unknown[] = [];
  const write = (text: unknown): boolean => written.push(text) > 0;
  const stream = Object.assign(new PassThrough(), { isTTY, write });
  const { out, err } = streamsFor({ output: stream, errors: stream });
  out("\u001B[2J");
  err("\u001B[2J");
  // What is asked for as bytes comes as bytes.
  out(new Uint8Array([0x1b]));
  expect(written).toEqual([shown, shown, new Uint8Array([0x1b])]);
});
