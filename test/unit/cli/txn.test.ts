import { beforeEach, describe, expect, it } from "vitest";
import { type LineInput, textInput } from "../../../src/cli/shell/line-input.ts";
import { ShellHarness } from "./shell-harness.ts";

let harness: ShellHarness;

beforeEach(async () => {
  harness = new ShellHarness();
  await harness.run("create /app one", "create /app/old x");
});

/** Runs `txn` as a command of its own on what a pipe brings. */
async function txn(lines: readonly string[], ...options: readonly string[]): Promise<string> {
  harness.input = textInput(lines.map((line) => `${line}\n`).join(""));
  const exitCode = await harness.runOnce(["txn", ...options]);
  return `${harness.out}${harness.err}=${exitCode}`;
}

describe("a transaction", () => {
  it("[SH42] carries out the lines of a pipe at one zxid, and prints what each did", async () => {
    const lines = [
      "# changes",
      "check /app 0",
      "create -s /app/new- 'a b'",
      "set /app two",
      "delete /app/old",
    ];
    expect(await txn(lines)).toBe(
      [
        "1  check /app 0               as expected",
        "2  create -s /app/new- 'a b'  Created /app/new-0000000001",
        "3  set /app two               version 1",
        "4  delete /app/old            deleted",
        "=0",
      ].join("\n"),
    );
    const zk = await harness.connection.client();
    const [app, made] = await Promise.all([zk.get("/app"), zk.get("/app/new-0000000001")]);
    expect([app.text, made.text]).toEqual(["two", "a b"]);
    expect(app.stat.mzxid).toBe(made.stat.czxid);
  });

  it("[SH43] of which one operation fails changes nothing, and names it", async () => {
    expect(await txn(["set /app two", "", "# nothing more"])).toMatch(/=0$/);
    expect(await txn(["set /app three", "delete /app/none"])).toBe(
      "edgekeeper: operation 2 of 2 (line 2: delete /app/none) failed, so nothing happened: " +
        "Node does not exist: /app/none\n=1",
    );
    expect(await harness.run("get /app")).toBe("two\n");
  });

  it("[SH42] prints JSON of one line, committed or not", async () => {
    const [done] = (await txn(["delete /app/old"], "-o", "json")).split("\n");
    expect(JSON.parse(done ?? "")).toEqual({
      isCommitted: true,
      results: [{ op: "delete", path: "/app/old" }],
    });
    const [failed] = (await txn(["check /app 5"], "-o", "json")).split("\n");
    expect(JSON.parse(failed ?? "")).toMatchObject({
      isCommitted: false,
      failedAt: 0,
      line: 1,
      operation: "check /app 5",
      code: "BADVERSION",
    });
  });

  it("[SH44] is refused as a whole for a line that makes no sense, which is named", async () => {
    for (const [line, why] of [
      ["crate /b", "unknown command 'crate' (Did you mean create?)"],
      ["set /app", "missing required argument 'data'"],
      ["check /app two", "command-argument value 'two' is invalid for argument 'version'"],
      ["delete app", "Path must start with / character"],
      ["create -e -t 5 /b", "TTLs cannot be used with Ephemeral znodes"],
      ["help", "expected create, set, delete or check"],
    ] as const) {
      const printed = await txn(["set /app two", line]);
      expect(printed).toContain(`edgekeeper: line 2: ${why}`);
      expect(printed).toMatch(/=1$/);
    }
    expect(await harness.run("get /app")).toBe("one\n");
  });

  it("[SH44] is refused for lines behind its end", async () => {
    expect(await txn(["set /app two", "", "delete /app/old"])).toBe(
      "edgekeeper: line 3: expected nothing behind the end in line 2: delete /app/old\n=1",
    );
  });

  it("[SH45] abort, an empty input and --dry-run change nothing", async () => {
    expect(await txn(["set /app two", "abort"])).toBe("aborted: nothing happened\n=0");
    expect(await txn([])).toBe("nothing to commit\n=0");
    expect(await txn(["set /app two"], "--dry-run")).toBe(
      "would set /app (3 bytes, version 1)\n=0",
    );
    expect(await harness.run("get /app")).toBe("one\n");
  });

  it("[SH42] reads a file, which has to be there", async () => {
    expect(await txn([], "--file", "/no/such/file")).toContain(
      "edgekeeper: expected --file to name a readable file, saw ENOENT",
    );
  });
});

describe("somebody who types", () => {
  it("[SH44] is told of mistakes, sees the lines so far, and commits by an empty line", async () => {
    const prompts: string[] = [];
    harness.input = typed(["set /app", "set /app two", "show", ""], prompts);
    expect(await harness.runOnce(["txn"])).toBe(0);
    expect(harness.err).toContain("missing required argument 'data'");
    expect(harness.out).toBe("1  set /app two\n1  set /app two  version 1\n");
    expect(prompts).toEqual(["txn 1> ", "txn 1> ", "txn 2> ", "txn 2> "]);
  });

  it("[SH45] leaves by Ctrl-D without doing anything", async () => {
    harness.input = typed(["set /app two"], []);
    expect(await harness.runOnce(["txn"])).toBe(0);
    expect(harness.err).toContain("aborted: nothing happened\n");
    expect(await harness.run("get /app")).toBe("one\n");
  });

  it("[SH46] in a shell gives the lines behind the end to the shell", async () => {
    const lines = ["set /app two", "commit", "get /app"];
    harness.shell.input = { ...typed(lines, []), isTerminal: false, isOwn: false };
    expect(await harness.run("txn")).toBe("1  set /app two  version 1\n");
    expect(lines).toEqual(["get /app"]);
  });
});

/** A terminal at which these lines are typed, and then Ctrl-D. */
function typed(lines: string[], prompts: string[]): LineInput {
  return {
    isTerminal: true,
    isOwn: true,
    readLine: (prompt) => {
      prompts.push(prompt);
      return Promise.resolve(lines.shift());
    },
    close: () => undefined,
  };
}
