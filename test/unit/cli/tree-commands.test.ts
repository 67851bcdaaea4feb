import { beforeEach, describe, expect, it } from "vitest";
import { settled } from "../client/fake-clock.ts";
import { ShellHarness } from "./shell-harness.ts";

let harness: ShellHarness;

beforeEach(async () => {
  harness = new ShellHarness();
  await harness.run(
    "create /app one",
    'create /app/x "two words"',
    "create /app/x/deep three",
    "create -e /app/task- t",
  );
});

describe("looking at a subtree", () => {
  it("[SH13] tree draws it, so deep as is wanted", async () => {
    expect(await harness.run("tree /app")).toBe("/app\n├── task-\n└── x\n    └── deep\n");
    expect(await harness.run("tree -L 1 /app")).toBe("/app\n├── task-\n└── x\n");
  });

  it("[SH13] du sums up bytes and znodes, for each child and for all", async () => {
    expect(await harness.run("du /app")).toBe("1\t1\t/app/task-\n14\t2\t/app/x\n18\t4\t/app\n");
  });

  it("[SH13] find lists what has a name, or goes with a session", async () => {
    expect(await harness.run("find / --name '^d'")).toBe("/app/x/deep\n");
    expect(await harness.run("find /app --ephemeral")).toBe("/app/task-\n");
  });

  it("[SH13] grep prints lines of data, and ends with 1 where there are none", async () => {
    expect(await harness.run("grep t[wh] /app")).toBe("/app/x:two words\n/app/x/deep:three\n");
    expect(harness.shell.exitCode).toBe(0);
    await harness.run("grep nothing /app");
    expect(harness.shell.exitCode).toBe(1);
  });
});

describe("copying and moving", () => {
  it("[SH14] cp copies data and ACL of everything below, in one transaction", async () => {
    await harness.run("setAcl /app/x/deep world:anyone:r", "cp -r /app/x /copy");
    const zk = await harness.connection.client();
    const [copy, deep] = await Promise.all([zk.get("/copy"), zk.get("/copy/deep")]);
    expect(deep.text).toBe("three");
    expect(deep.stat.czxid).toBe(copy.stat.czxid);
    expect(await harness.run("getAcl -o raw /copy/deep")).toBe("world:anyone:r\n");
  });

  it("[SH14] a target that is taken leaves everything as it was", async () => {
    await harness.run("create /copy x");
    expect(await harness.run("mv /app/x /copy")).toBe("Node already exists: /copy\n");
    expect(await harness.run("ls -R /app/x")).toBe("/app/x\n/app/x/deep\n");
  });

  it("[SH14] mv leaves nothing behind", async () => {
    await harness.run("mv /app/x /moved");
    expect(await harness.run("ls -R /moved")).toBe("/moved\n/moved/deep\n");
    expect(await harness.run("ls /app")).toBe("[task-]\n");
  });

  it("[SH14] nothing is copied into itself", async () => {
    expect(await harness.run("mv /app /app/x/y")).toBe("expected /app/x/y to be outside of /app\n");
  });
});

it("[SH15] watch prints changes as they come, and ends with 130 at a signal", async () => {
  const interruption = new AbortController();
  const running = harness.runOnce(["watch", "-R", "/app"], interruption.signal);
  await settled();
  const other = harness.client();
  await other.set("/app/x", "y");
  await other.create("/app/new");
  await settled();
  interruption.abort();
  expect(await running).toBe(130);
  expect(harness.out).toBe("NodeDataChanged /app/x\nNodeCreated /app/new\n");
});

describe("programs under a lock", () => {
  it("[SH16] ends with the code of the program, and lets go", async () => {
    const exits = ["lock", "/lock", "--", process.execPath, "-e", "process.exit(3)"];
    expect(await harness.runOnce(exits)).toBe(3);
    expect(await harness.run("ls /lock")).toBe("[]\n");
  });

  it("[SH16] the program finds the fencing token in its environment", async () => {
    const checks = "process.exit(Number(process.env.EDGEKEEPER_TOKEN_HELD) > 0 ? 0 : 9)";
    expect(await harness.runOnce(["elect", "/el", "--", process.execPath, "-e", checks])).toBe(0);
  });

  it("[SH16] with --wait 0 a lock that is taken ends with 1, and nothing runs", async () => {
    await harness.run("create /lock", "create -e -s /lock/_c_other-lock- x");
    const runs = ["lock", "--wait", "0", "/lock", "--", process.execPath, "-e", "0"];
    expect(await harness.runOnce(runs)).toBe(1);
    expect(harness.err).toBe("edgekeeper: /lock is held by somebody else\n");
  });

  it("[SH16] a program that does not exist ends with 127", async () => {
    expect(await harness.runOnce(["lock", "/lock", "--", "/no/such/program"])).toBe(127);
    expect(await harness.run("ls /lock")).toBe("[]\n");
  });
});

it("[SH17] ruok ends with 1 unless the server is", async () => {
  expect(await harness.runOnce(["ruok"])).toBe(0);
  expect(harness.out).toBe("imok\n");
  harness.answer = "This ZooKeeper instance is not currently serving requests\n";
  expect(await harness.runOnce(["ruok"])).toBe(1);
});
