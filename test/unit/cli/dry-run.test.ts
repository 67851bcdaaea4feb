import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it, test } from "vitest";
import { oneShotCommands, shellCommands } from "../../../src/cli/keeper-commands.ts";
import type { ZooKeeper } from "../../../src/client/index.ts";
import { walkTree } from "../../../src/cli/walk-tree.ts";
import { Output } from "../../../src/cli/output/output.ts";
import { textInput } from "../../../src/cli/shell/line-input.ts";
import { ShellHarness } from "./shell-harness.ts";

const folder = mkdtempSync(join(tmpdir(), "edgekeeper-dry-run-"));
afterAll(() => rmSync(folder, { recursive: true }));
const script = join(folder, "changes.txt");
writeFileSync(script, "set /app 2\ndelete /app/x/deep\ncreate /app/new");
const editor = join(folder, "editor.mjs");
writeFileSync(
  editor,
  'import { appendFileSync } from "node:fs";appendFileSync(process.argv[2], "!");',
);
process.env["VISUAL"] = `${process.execPath} ${editor}`;

/** Every command that writes to znodes that a user names, and what it says that it would do. */
const WRITING: Readonly<Record<string, readonly [line: string, told: string]>> = {
  cp: ["cp -r /app/x /copy", "would create /copy (1 byte)\nwould create /copy/deep (2 bytes)\n"],
  create: ["create /app/new data", "would create /app/new (4 bytes)\n"],
  delete: ["delete /app/x/deep", "would delete /app/x/deep\n"],
  deleteall: ["deleteall /app/x", "would delete /app/x/deep\nwould delete /app/x\n"],
  delquota: [
    "delquota -n /limited",
    "would set /zookeeper/quota/limited/zookeeper_limits (53 bytes, version 1)\n",
  ],
  edit: ["edit /app", "would set /app (2 bytes, version 1)\n"],
  mirror: [
    "mirror --delete /app/x /limited",
    [
      "would set /limited (1 byte, version 1)",
      "would create /limited/deep (2 bytes)",
      "would delete /limited/old",
      "would create 1, change 1, delete 1, unchanged 0",
      "",
    ].join("\n"),
  ],
  mv: [
    "mv /app/x /moved",
    [
      "would create /moved (1 byte)",
      "would create /moved/deep (2 bytes)",
      "would delete /app/x/deep",
      "would delete /app/x",
      "",
    ].join("\n"),
  ],
  set: ["set -s /app data", "would set /app (4 bytes, version 1)\n"],
  setAcl: [
    "setAcl -R /app/x world:anyone:r",
    ["would setAcl /app/x world:anyone:r", "would setAcl /app/x/deep world:anyone:r", ""].join(
      "\n",
    ),
  ],
  setquota: [
    "setquota -N 5 /app",
    [
      "would create /zookeeper/quota/app (no data)",
      "would create /zookeeper/quota/app/zookeeper_limits (52 bytes)",
      "would create /zookeeper/quota/app/zookeeper_stats (15 bytes)",
      "",
    ].join("\n"),
  ],
  txn: [
    `txn --file ${script}`,
    [
      "would set /app (1 byte, version 1)",
      "would delete /app/x/deep",
      "would create /app/new (no data)",
      "",
    ].join("\n"),
  ],
};

/** Commands that leave znodes as they are; what others write is theirs, and named. */
const NOT_WRITING = new Set(
  [
    "4lw addWatch addauth completion config diff du find get getAcl getAllChildrenNumber getEphemerals",
    "grep listquota ls ruok stat sync top tree version watch whoami",
    "close connect history printwatches quit redo removewatches",
    // Members of the ensemble, not znodes.
    "reconfig",
    // Znodes of their own, for as long as they run.
    "bench check elect lock",
  ].flatMap((names) => names.split(" ")),
);

let harness: ShellHarness;
let zk: ZooKeeper;

beforeEach(async () => {
  harness = new ShellHarness();
  await harness.run(
    "create /app 1",
    "create /app/x 2",
    "create /app/x/deep 33",
    "create /limited",
    "create /limited/old",
    "setquota -n 10 /limited",
  );
  zk = await harness.connection.client();
});

/** Everything that a write could change, anywhere. */
async function everything(): Promise<readonly unknown[]> {
  const seen: unknown[] = [];
  for await (const path of walkTree(zk, "/")) {
    seen.push([path, await zk.get(path), await zk.getACL(path)]);
  }
  return seen;
}

it("[SH34] every command either writes and has --dry-run, or is known not to write", () => {
  const context = {
    connection: harness.connection,
    output: new Output(harness.streams),
    openInput: () => textInput(""),
    signal: new AbortController().signal,
    shell: harness.shell,
  } as never;
  const commands = [...oneShotCommands(context), ...shellCommands(context)];
  for (const command of commands) {
    const hasDryRun = command.options.some(({ long }) => long === "--dry-run");
    expect([command.name(), hasDryRun]).toEqual([command.name(), command.name() in WRITING]);
    expect([command.name(), hasDryRun || NOT_WRITING.has(command.name())]).toEqual([
      command.name(),
      true,
    ]);
  }
});

describe.each(Object.entries(WRITING))("%s", (_, [line, told]) => {
  const [name = "", ...rest] = line.split(" ");
  const dryLine = [name, "--dry-run", ...rest].join(" ");

  it(`[SH34] says what it would write, and writes nothing: ${name}`, async () => {
    const before = await everything();
    expect(await harness.runOnce(dryLine.split(" "))).toBe(0);
    expect(harness.out + harness.err).toBe(told);
    expect(await everything()).toEqual(before);
  });

  it(`[SH34] does write without it: ${name}`, async () => {
    const before = await everything();
    expect(await harness.runOnce(line.split(" "))).toBe(0);
    expect(await everything()).not.toEqual(before);
  });
});

it("[SH34] a dry run is one line of a shell long", async () => {
  await harness.run("create --dry-run /app/new", "create /app/new");
  expect(await harness.run("ls /app")).toBe("[new, x]\n");
});

it("[SH34] what would be done is for programs, too", async () => {
  expect(await harness.run("mv --dry-run -o json /app/x/deep /app/y")).toBe(
    '{"would":"create","path":"/app/y","bytes":2}\n{"would":"delete","path":"/app/x/deep"}\n',
  );
  expect(await harness.run("mv --dry-run -o table /app/x/deep /app/y")).toBe(
    [
      "would   path         bytes",
      "──────  ───────────  ─────",
      "create  /app/y       2",
      "delete  /app/x/deep",
      "",
    ].join("\n"),
  );
});

test.each([
  ["create --dry-run /app", "Node already exists: /app\n"],
  ["create --dry-run /no/parent", "Node does not exist: /no/parent\n"],
  ["create --dry-run /ephemeral/child", "Ephemerals cannot have children: /ephemeral/child\n"],
  ["set --dry-run /no x", "Node does not exist: /no\n"],
  ["set --dry-run -v 7 /app x", "version No is not valid : /app\n"],
  ["delete --dry-run /app", "Node not empty: /app\n"],
  ["delete --dry-run -v 7 /app/x/deep", "version No is not valid : /app/x/deep\n"],
  ["setAcl --dry-run -v 7 /app world:anyone:r", "version No is not valid : /app\n"],
  ["set --dry-run /closed x", "Insufficient permission : /closed\n"],
  ["create --dry-run /closed/child", "Insufficient permission : /closed/child\n"],
  ["setAcl --dry-run /closed world:anyone:r", "Insufficient permission : /closed\n"],
])("[SH35] %s fails as it would: %s", async (line, told) => {
  await harness.run("create -e /ephemeral", "create /closed x world:anyone:r");
  expect(await harness.run(line)).toBe(told);
  expect(harness.shell.exitCode).toBe(1);
  // The very words of the server.
  expect(await harness.run(line.replace(" --dry-run", ""))).toBe(told);
});

it("[SH35] who has proven the identity is not refused", async () => {
  await harness.run("addauth digest bob:pw", "create /bobs x auth::cdrwa");
  expect(await harness.run("set --dry-run /bobs y")).toBe("would set /bobs (1 byte, version 1)\n");
});

it("[SH35] a sequential znode is told with the number that it would get", async () => {
  await harness.run("create /app/a", "create -s /app/s-", "delete /app/a");
  const told = await harness.run("create --dry-run -s /app/s-");
  const { path } = await zk.create("/app/s-", "", { sequential: true });
  expect(told).toBe(`would create ${path} (no data, PERSISTENT_SEQUENTIAL)\n`);
});

test.each([
  ["create --dry-run -e /app/e x", "would create /app/e (1 byte, EPHEMERAL)\n"],
  ["create --dry-run -c /app/c", "would create /app/c (no data, CONTAINER)\n"],
  ["create --dry-run -t 5 /app/t", "would create /app/t (no data, PERSISTENT_WITH_TTL)\n"],
  [
    "create --dry-run /app/r x world:anyone:r",
    "would create /app/r (1 byte, ACL world:anyone:r)\n",
  ],
])("[SH34] %s says what is not as it mostly is", async (line, told) => {
  expect(await harness.run(line)).toBe(told);
});

it("[SH35] a transaction that would fail says nothing of its other parts", async () => {
  await harness.run("create /moved");
  expect(await harness.run("mv --dry-run /app/x /moved")).toBe("Node already exists: /moved\n");
});
