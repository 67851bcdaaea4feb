import fs, {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { afterAll, describe, expect, it, test, vi } from "vitest";
import { HistoryFile, historyPath } from "../../../src/cli/shell/history-file.ts";
import { ShellHarness } from "./shell-harness.ts";

const folder = mkdtempSync(join(tmpdir(), "edgekeeper-history-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the file", () => {
  it("[SH67] is shared by shells side by side, and its user's alone", () => {
    const path = join(folder, "new", "history");
    const [one, two] = [new HistoryFile(path), new HistoryFile(path)];
    one.append("ls /");
    two.append("get /a");
    one.append("ls /b");
    expect(new HistoryFile(path).read()).toEqual(["ls /", "get /a", "ls /b"]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("[SH67] has no secrets", () => {
    const path = join(folder, "secrets");
    const history = new HistoryFile(path);
    for (const line of [
      "addauth digest bob:pw",
      "ADDAUTH digest bob:pw",
      " ls /quiet",
      "connect https://bob:pw@keeper.example.com",
      "connect https://keeper.example.com/a@b",
    ]) {
      history.append(line);
    }
    expect(history.read()).toEqual(["connect https://keeper.example.com/a@b"]);
  });

  it("[SH67] keeps the last 1,000 lines, and what comes while the others go", () => {
    const path = join(folder, "long");
    const lines = Array.from({ length: 20_000 }, (_, index) => `get /a/line/${index + 10_000_000}`);
    writeFileSync(path, lines.map((line) => `${line}\n`).join(""), { mode: 0o644 });
    const history = new HistoryFile(path);
    expect(history.read()).toEqual(lines.slice(-1_000));
    appendFileSync(path, "ls /\n");
    expect(readFileSync(path, "utf8").split("\n")).toHaveLength(1_002);
    expect(history.read().at(-1)).toBe("ls /");
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("[SH67] is a file: of a device like /dev/null the mode stays as it is", () => {
    const path = join(folder, "device");
    symlinkSync("/dev/null", path);
    const chmod = vi.spyOn(fs, "chmodSync").mockImplementation(() => undefined);
    syncBuiltinESMExports();
    const history = new HistoryFile(path);
    history.append("ls /");
    const lines = history.read();
    const { calls } = chmod.mock;
    vi.restoreAllMocks();
    syncBuiltinESMExports();
    expect([lines, calls]).toEqual([[], []]);
  });

  it("[SH67] is not missed where it cannot be", () => {
    const history = new HistoryFile(join(folder, "secrets", "below-a-file"));
    history.append("ls /");
    expect(history.read()).toEqual([]);
  });

  test.each([
    [{ EDGEKEEPER_HISTORY: "/tmp/mine" }, "/tmp/mine"],
    [{ EDGEKEEPER_HISTORY: "off" }, undefined],
    [{ EDGEKEEPER_HISTORY: "" }, undefined],
    [{ XDG_STATE_HOME: "/state" }, "/state/edgekeeper/history"],
    [
      { XDG_STATE_HOME: "relative" },
      expect.stringMatching(/\/\.local\/state\/edgekeeper\/history$/),
    ],
    [{}, expect.stringMatching(/\/\.local\/state\/edgekeeper\/history$/)],
  ])("[SH67] %j says where it is", (environment, path) => {
    expect(historyPath(environment)).toEqual(path);
  });
});

describe("an earlier line", () => {
  test.each([
    ["!!", "ls /b\n[]\n"],
    ["!1", "ls /a\n[]\n"],
    ["!-2", "ls /a\n[]\n"],
    ["!ls /a", "ls /a\n[]\n"],
    ["!7", "expected an event of the history, saw !7\n"],
    ["!get", "expected an event of the history, saw !get\n"],
  ])("[SH68] %s", async (line, printed) => {
    const harness = new ShellHarness();
    await harness.run("create /a", "ls /a", "create /b", "ls /b");
    harness.shell.history.splice(2, 1);
    expect(await harness.run(line)).toBe(printed);
  });

  it("[SH68] is remembered as what was run, with the exit code of what was not", async () => {
    const harness = new ShellHarness();
    await harness.run("create /a", "!!");
    expect(await harness.run("history")).toBe("0 - create /a\n1 - create /a\n2 - history\n");
    await harness.run("!99");
    expect(harness.shell.exitCode).toBe(1);
  });
});
