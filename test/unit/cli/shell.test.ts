import { describe, expect, it, test } from "vitest";
import { splitWords } from "../../../src/cli/shell/split-words.ts";
import { settled } from "../client/fake-clock.ts";
import { ShellHarness } from "./shell-harness.ts";

test.each([
  ['create -e /master "host:2223"', ["create", "-e", "/master", "host:2223"]],
  ["set /a 'two words'  -s", ["set", "/a", "two words", "-s"]],
  ["create /a ''", ["create", "/a", ""]],
  [`set /a {"b":1}`, ["set", "/a", `{"b":1}`]],
  ["  ", []],
])("[SH1] the words of %j", (line, words) => {
  expect(splitWords(line)).toEqual(words);
});

describe("the textbook lines", () => {
  it("[SH2] creates an ephemeral, and reads it", async () => {
    const harness = new ShellHarness();
    expect(await harness.run('create -e /master "host:2223"')).toBe("Created /master\n");
    expect(await harness.run("get /master")).toBe("host:2223\n");
    expect(await harness.run("getEphemerals")).toBe("[/master]\n");
  });

  it("[SH2] a stat is eleven lines", async () => {
    const harness = new ShellHarness();
    const printed = await harness.run("create /a x", "stat /a");
    expect(printed.replaceAll(/= .*/g, "=").split("\n")).toEqual([
      "cZxid =",
      "ctime =",
      "mZxid =",
      "mtime =",
      "pZxid =",
      "cversion =",
      "dataVersion =",
      "aclVersion =",
      "ephemeralOwner =",
      "dataLength =",
      "numChildren =",
      "",
    ]);
  });

  it("[SH3] prints the events of watches, once for each change", async () => {
    const harness = new ShellHarness();
    await harness.run("create /workers", "ls -w /workers", "stat -w /master");
    harness.shell.isPrintingWatches = true;
    const other = harness.client();
    await other.create("/workers/w1");
    await other.create("/workers/w2");
    await other.create("/master");
    await settled();
    expect(harness.out).toBe(
      [
        "\nWATCHER::\n\nWatchedEvent state:SyncConnected type:NodeChildrenChanged path:/workers\n",
        "\nWATCHER::\n\nWatchedEvent state:SyncConnected type:NodeCreated path:/master\n",
      ].join(""),
    );
  });

  it("[SH2] creates sequential znodes", async () => {
    const harness = new ShellHarness();
    await harness.run("create /tasks", 'create -s /tasks/task- "cmd"', "create -s /tasks/task- x");
    expect(await harness.run("ls /tasks")).toBe("[task-0000000000, task-0000000001]\n");
  });
});

describe("what goes wrong", () => {
  test.each([
    ["get /missing", "Node does not exist: /missing\n"],
    ["stat /missing", "Node does not exist: /missing\n"],
    ["create /a again", "Node already exists: /a\n"],
    ["create /e/child x", "Ephemerals cannot have children: /e/child\n"],
    ["delete /a", "Node not empty: /a\n"],
    ["set -v 7 /a x", "version No is not valid : /a\n"],
    ["removewatches /a", "KeeperErrorCode = No such watcher for /a\n"],
    ["ls no-slash", "Path must start with / character\n"],
    ["ls /a/", "Path must not end with / character\n"],
    ["ls /a//b", 'Invalid path string "/a//b" caused by empty node name specified @3\n'],
    ["ls /a/..", 'Invalid path string "/a/.." caused by relative paths not allowed @4\n'],
    ["create -e -t 5 /x", "TTLs cannot be used with Ephemeral znodes\n"],
    ["setquota -n 0 /a", "the num quota must be greater than zero\n"],
  ])("[SH4] %s fails in zkCli's words", async (line, text) => {
    const harness = new ShellHarness();
    await harness.run("create /a x", "create /a/b x", "create -e /e x");
    const printed = await harness.run(line);
    expect(printed).toBe(text);
    expect(harness.shell.exitCode).toBe(1);
  });

  it("[SH5] a command that does not exist ends with 127, and the right one is suggested", async () => {
    const harness = new ShellHarness();
    expect(await harness.run("gett /a")).toContain("Did you mean get?");
    expect(harness.shell.exitCode).toBe(127);
    await harness.run("ls /");
    expect(harness.shell.exitCode).toBe(0);
  });

  it("[SH6] a server that cannot be reached is told in one line", async () => {
    const harness = new ShellHarness();
    harness.service.mood = "refusing";
    const running = harness.run("ls /");
    await harness.clock.advance(600);
    expect(await running).toBe("refused\n");
  });
});

describe("the session of a shell", () => {
  it("[SH7] close ends it with its ephemerals, connect opens the next one", async () => {
    const harness = new ShellHarness();
    await harness.run("create -e /master x", "close");
    expect(await harness.run("ls /")).toBe("Not connected\n");
    expect(harness.shell.prompt).toBe("[zk: one:1(CLOSED) 3] ");
    await harness.run("connect");
    expect(harness.shell.prompt).toBe("[zk: one:1(CONNECTED) 4] ");
    expect(await harness.run("ls /")).toBe("[zookeeper]\n");
  });

  it("[SH8] history numbers the lines, and redo takes the place of its line", async () => {
    const harness = new ShellHarness();
    await harness.run("create -s /a- x", "ls /", "redo 0");
    expect(await harness.run("ls /")).toBe("[a-0000000000, a-0000000001, zookeeper]\n");
    expect(await harness.run("history")).toBe(
      "0 - create -s /a- x\n1 - ls /\n2 - create -s /a- x\n3 - ls /\n4 - history\n",
    );
    expect(await harness.run("redo 99")).toBe("Command index out of range\n");
  });
});

describe("quotas", () => {
  it("[SH9] set, warn, list and go", async () => {
    const harness = new ShellHarness();
    await harness.run("create /q x", "setquota -n 3 /q", "create /q/a 12345");
    expect(await harness.run("setquota -b 2 /q")).toBe(
      "[Warning]: the bytes quota you create is less than the existing bytes:6\n",
    );
    expect(await harness.run("listquota /q")).toBe(
      "Output quota for /q count=3,bytes=2=;byteHardLimit=-1;countHardLimit=-1\n" +
        "Output stat for /q count=2,bytes=6\n" +
        "absolute path is /zookeeper/quota/q/zookeeper_limits\n",
    );
    expect(await harness.run("setquota -n 1 /q/a")).toBe(
      "/q/a has a parent /q which has a quota\n",
    );
    await harness.run("delquota /q");
    expect(await harness.run("ls -R /zookeeper/quota")).toBe("/zookeeper/quota\n");
  });
});

describe("formats", () => {
  test.each([
    ["get -o json /a", '{"path":"/a","data":"x"}\n'],
    ["get -o raw /a", "x"],
    ["get -o yaml /a", "---\npath: /a\ndata: x\n"],
    ["get -o table /a", "path  data\n────  ────\n/a    x\n"],
    ["ls -o json /", '["a","zookeeper"]\n'],
    ["ls -o raw /", "a\nzookeeper\n"],
    ["getAcl -o raw /a", "world:anyone:cdrwa\n"],
    ["get -b /a", "eA==\n"],
  ])("[SH10] %s", async (line, text) => {
    expect(await new ShellHarness().run("create /a x", line)).toBe(text);
  });

  it("[SH10] 64 bits are text in JSON", async () => {
    const harness = new ShellHarness();
    const printed = await harness.run("create -e /a x", "get -s -o json /a");
    expect(JSON.parse(printed)).toMatchObject({ stat: { ephemeralOwner: expect.any(String) } });
  });
});

it("[SH12] deleteall deletes children first", async () => {
  const harness = new ShellHarness();
  await harness.run("create /a", "create /a/b", "create /a/b/c");
  expect(await harness.run("deleteall --dry-run /a")).toBe(
    "would delete /a/b/c\nwould delete /a/b\nwould delete /a\n",
  );
  await harness.run("deleteall /a");
  expect(await harness.run("ls /")).toBe("[zookeeper]\n");
});
