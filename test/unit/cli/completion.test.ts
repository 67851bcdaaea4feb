import { beforeEach, describe, expect, it, test } from "vitest";
import { firstWordsGrammar } from "../../../src/cli/completion/grammar.ts";
import { completeLine } from "../../../src/cli/shell/complete-line.ts";
import { ShellHarness } from "./shell-harness.ts";

let harness: ShellHarness;
beforeEach(() => {
  harness = new ShellHarness();
});

async function complete(line: string): Promise<string[]> {
  const { shell, connection } = harness;
  const [candidates, piece] = await completeLine(line, shell.grammar, connection.pathSource);
  expect(line.endsWith(piece)).toBe(true);
  return candidates;
}

describe("words", () => {
  test.each([
    ["cre", ["create "]],
    ["getA", ["getAcl", "getAllChildrenNumber"]],
    ["  getacl", ["getAcl "]],
    ["help crea", ["create "]],
    ["ls -o j", ["json "]],
    ["ls --output=y", ["--output=yaml "]],
    ["-o ta", ["table "]],
    ["-o json ge", ["get", "getAcl", "getAllChildrenNumber", "getEphemerals"]],
    ["addWatch -m PERSISTENT_", ["PERSISTENT_RECURSIVE "]],
    ["printwatches o", ["off", "on"]],
    ["4lw mnt", ["mntr "]],
    ["setquota -n 5 /", []],
    ["deleteall --dr", ["--dry-run "]],
    ["lss /", []],
    ["create /a da", []],
  ])("[SH11] %s", async (line, expected) => {
    expect((await complete(line)).toSorted()).toEqual(expected);
  });

  it("[SH11] options of a command stand behind a dash, with the way to its help", async () => {
    expect(await complete("get -")).toEqual(
      expect.arrayContaining(["-s", "-w", "-b", "-x", "-o", "--output", "-h", "--help"]),
    );
  });
});

test.each([
  ["mirror back", "file"],
  ["mirror /app back", "file"],
  ["mirror /ap", "path"],
  ["cp /app back", "path"],
  ["txn --file ", "file"],
  ["watch /app -- ma", "program"],
  ["watch /app -- make ", "file"],
] as const)("[SH66] %s wants a %s, which the user's own shell knows", (line, kind) => {
  const words = line.split(" ");
  expect(harness.shell.grammar(words.slice(0, -1), words.at(-1) ?? "").kind).toBe(kind);
});

describe("paths", () => {
  beforeEach(async () => {
    await harness.run("create /app", "create /app/b", "create /app/a", "create /apple");
  });

  test.each([
    ["ls /app", ["/app", "/apple"]],
    ["ls /app/", ["/app/a", "/app/b"]],
    ["ls -s -w /appl", ["/apple "]],
    ["get -o json /ap", ["/app", "/apple"]],
    ["ls ", ["/app", "/apple", "/zookeeper"]],
    ["ls /z", ["/zookeeper/"]],
    ["ls /none/", []],
    ["cp /app/a /app/", ["/app/a", "/app/b"]],
    ["set -v 3 /appl", ["/apple "]],
    ["setquota -n 5 /appl", ["/apple "]],
    ["deleteall -- /appl", ["/apple "]],
    ["ls relative", []],
    ["set /app /app/", []],
  ])("[SH65] %s", async (line, expected) => {
    expect(await complete(line)).toEqual(expected);
  });

  it("[SH65] names with blanks and quotes stand in quotes", async () => {
    await harness.run("create '/app/two words'", `create "/app/it's"`, `create '/app/"x"'`);
    expect(await complete("ls /app/two")).toEqual(['"/app/two words" ']);
    expect(await complete("ls '/app/two")).toEqual(["'/app/two words' "]);
    expect(await complete('ls "/app/two w')).toEqual(['"/app/two words" ']);
    expect(await complete("ls /app/it")).toEqual([`"/app/it's" `]);
    expect(await complete('ls /app/"')).toEqual([`'/app/"x"' `]);
    expect(await complete('get "/app/two words" -')).toContain("-s");
  });

  it("[SH65] of many the first and the last are told, so that what all begin with is right", async () => {
    const zk = harness.client();
    await zk.create("/many");
    await Promise.all(
      Array.from({ length: 1_000 }, (_, index) => zk.create(`/many/n${1_000 + index}`)),
    );
    const candidates = await complete("ls /many/n1");
    expect(candidates).toHaveLength(200);
    expect(candidates.at(-1)).toBe("/many/n1999");
  });

  it("[SH65] a server that is silent completes nothing, and keeps nobody waiting", async () => {
    harness.service.mood = "silent";
    const completing = complete("ls /ap");
    await harness.clock.advance(1_000);
    expect(await completing).toEqual([]);
  });

  it("[SH65] the lines of a transaction begin with their own words", async () => {
    const { clock } = harness;
    const client = () => harness.connection.client();
    const grammar = firstWordsGrammar(["create", "check"]);
    expect(await completeLine("c", grammar, { client, clock })).toEqual([["create", "check"], "c"]);
    expect(await completeLine("check /appl", grammar, { client, clock })).toEqual([
      ["/apple "],
      "/appl",
    ]);
  });
});
