import { beforeEach, describe, expect, it, test } from "vitest";
import { diffLines } from "../../../src/cli/diff/diff-lines.ts";
import { paintFor } from "../../../src/cli/output/colours.ts";
import { compareInTree } from "../../../src/cli/tree/tree-node.ts";
import { parsePlaces, tokensOf } from "../../../src/cli/tree/tree-place.ts";
import type { ZooKeeper } from "../../../src/client/index.ts";
import { ShellHarness } from "./shell-harness.ts";
import { MIXED_ACL } from "./trees.ts";

let harness: ShellHarness;
let zk: ZooKeeper;

beforeEach(async () => {
  harness = new ShellHarness();
  zk = harness.client();
  for (const root of ["/a", "/b"]) {
    await zk.create(root, "same");
    await zk.create(`${root}/text`, "one\ntwo\nthree");
  }
});

/** @returns what it printed, with its exit code */
async function run(...words: readonly string[]): Promise<string> {
  const exitCode = await harness.runOnce(words);
  return `${harness.out}${harness.err}=${exitCode}`;
}

describe("diff", () => {
  it("[SH30] ends with 0 and without a word for the same", async () => {
    expect(await run("diff", "/a", "one:1/b")).toBe("=0");
  });

  it("[SH30] shows what is in one of them alone, and ends with 1", async () => {
    await zk.create("/a/gone", "x");
    await zk.create("/b/new", "x");
    await zk.create("/b/new/below", "x");
    expect(await run("diff", "/a", "/b")).toBe("- /gone\n+ /new\n+ /new/below\n=1");
  });

  it("[SH30] shows data line by line where it is text, else its size", async () => {
    await zk.set("/b/text", "one\nTWO\nthree");
    await zk.create("/a/bytes", Uint8Array.of(255));
    await zk.create("/b/bytes", Uint8Array.of(254, 1));
    await zk.create("/a/null", null);
    await zk.create("/b/null", "");
    expect(await run("diff", "/a", "/b")).toBe(
      [
        "~ /bytes",
        "  - 1 byte",
        "  + 2 bytes",
        "~ /null",
        "  - no data",
        "  + empty data",
        "~ /text",
        "    one",
        "  - two",
        "  + TWO",
        "    three",
        "=1",
      ].join("\n"),
    );
  });

  it("[SH30] what would steer a terminal is not printed", async () => {
    await zk.set("/b/text", "\u001B[2J");
    expect(await run("diff", "/a", "/b")).toContain("  + 4 bytes\n");
  });

  it("[SH30] shows ACLs, unless they are left out", async () => {
    await zk.setACL("/b/text", MIXED_ACL.acl ?? []);
    expect(await run("diff", "/a", "/b")).toBe(
      "~ /text\n  - acl world:anyone:cdrwa\n" +
        "  + acl digest:bob:ikIaKsbtGweaHnb/jKn7OHqbunM=:cdrwa,world:anyone:cdra\n=1",
    );
    expect(await run("diff", "--no-acl", "/a", "/b")).toBe("=0");
  });

  it("[SH30] is in colours on a terminal", async () => {
    await zk.create("/b/new", "x");
    harness.streams.paint = paintFor(process.stdout, true);
    expect(await run("diff", "/a", "/b")).toBe("\u001B[32m+ /new\u001B[39m\n=1");
  });

  it("[SH30] is for programs as JSON of a line each, and as a table", async () => {
    await zk.create("/b/new", null);
    await zk.set("/b/text", "x".repeat(50));
    await run("diff", "--no-acl", "-o", "json", "/a", "/b");
    expect(
      harness.out
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { change: "added", path: "/new", to: { data: null } },
      {
        change: "changed",
        path: "/text",
        from: { data: "one\ntwo\nthree" },
        to: { data: "x".repeat(50) },
      },
    ]);
    expect(await run("diff", "--no-acl", "-o", "table", "/a", "/b")).toBe(
      [
        "change   path   from      to",
        "───────  ─────  ────────  ────────────────────────────────────────",
        "added    /new             no data",
        `changed  /text  13 bytes  ${"x".repeat(39)}…`,
        "=1",
      ].join("\n"),
    );
  });

  it("[SH30] ends with 2 for trouble", async () => {
    expect(await run("diff", "/a", "/nothing")).toBe(
      "edgekeeper: Node does not exist: /nothing\n=2",
    );
    expect(await run("diff", "/a", "nonsense")).toMatch(/^edgekeeper: expected a URL.*\n=2$/s);
  });
});

test.each([
  ["a\nb\nc", "a\nc", [" a", "-b", " c"]],
  ["a\nc", "a\nb\nc", [" a", "+b", " c"]],
  ["", "a", ["-", "+a"]],
  ["1\n2\n3\n4\n5\n6", "1\n2\n3\n4\n5\nsix", [" 4", " 5", "-6", "+six"]],
  ["x\na\nb", "a\nb\ny", ["-x", " a", " b", "+y"]],
])("[SH30] the lines between %j and %j", (before, after, lines) => {
  expect(diffLines(before, after).map(({ sign, line }) => sign + line)).toEqual(lines);
});

test("[SH20] the order of a tree is that of a walk", () => {
  const walked = ["", "/a", "/a/ b", "/a/b", "/a/b/c", "/a b", "/a-b", "/a.b", "/ab", "/b"];
  expect(walked.toReversed().toSorted(compareInTree)).toEqual(walked);
});

test.each([
  ["https://one", "https://two", { from: "same", to: "none" }],
  ["https://one/a", "https://one/b", { from: "same", to: "same" }],
  ["zoo:2181", "https://two", { from: "none", to: "same" }],
  ["https://one", "zoo:2181", { from: "same", to: "none" }],
  ["/a", "https://two", { from: "none", to: "none" }],
  ["https://two", "/a", { from: "none", to: "none" }],
  ["/a", "https://own/b", { from: "none", to: "same" }],
  ["https://own/b", "/a", { from: "same", to: "none" }],
])("[SH38] the token of the command goes to one service alone: %s and %s", (from, to, tokens) => {
  expect(tokensOf(parsePlaces(from, to), { own: "https://own" })).toEqual(tokens);
});

test("[SH38] where --server has no tokens, the one service has that of the command", () => {
  const places = parsePlaces("/a", "https://two");
  expect(tokensOf(places, { own: "zoo:2181" })).toEqual({ from: "none", to: "same" });
});

test.each(["https://one", "/a"])("[SH38] the second service has a token of its own: %s", (from) => {
  const { to } = tokensOf(parsePlaces(from, "https://two"), { own: "https://own", toFile: "file" });
  expect(to).toEqual({ file: "file" });
});

test.each([
  [
    "https://h.example/ns/team/app/x",
    { server: "https://h.example/", namespace: "team", root: "/app/x" },
  ],
  ["http://127.0.0.1:8787", { server: "http://127.0.0.1:8787/", namespace: undefined, root: "/" }],
  ["http://h/a%20b", { server: "http://h/", namespace: undefined, root: "/a b" }],
  [
    "zoo1:2181,zoo2:2182/app/",
    { server: "zoo1:2181,zoo2:2182", namespace: undefined, root: "/app" },
  ],
  ["[::1]:2181/x.json", { server: "[::1]:2181", namespace: undefined, root: "/x.json" }],
  ["tls://zoo:2281/app", { server: "tls://zoo:2281", namespace: undefined, root: "/app" }],
])("[SH38] %s is a place on a server", (text, place) => {
  expect(parsePlaces(text, "-").from).toEqual({ type: "server", name: text, ...place });
});
