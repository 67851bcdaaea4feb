import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it, test } from "vitest";
import { describeKeeperError } from "../../../src/cli/error-text.ts";
import { Code, KeeperError } from "../../../src/client/index.ts";
import { EnsembleService } from "../client/ensemble-service.ts";
import { EnsembleHarness } from "../server/ensemble/ensemble-harness.ts";
import { ShellHarness } from "./shell-harness.ts";

const folder = mkdtempSync(join(tmpdir(), "edgekeeper-reconfig-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A shell on an ensemble of three whose super user it is. */
async function start(): Promise<ShellHarness> {
  const harness = new ShellHarness();
  const super_ = { scheme: "super", id: "" };
  const ensemble = new EnsembleService(harness.clock, [super_], new EnsembleHarness(3));
  ensemble.elect(1);
  harness.dial = ensemble.dial;
  await harness.connection.open("m1:2181");
  return harness;
}

const membersIn = (printed: string) => printed.match(/^server\.\d+=\w+/gm);

it("[SH70] members leave and join, and the new configuration is printed with its stat", async () => {
  const harness = await start();
  const printed = await harness.run("reconfig -s -remove 2,3 -add server.4=WEUR:2888:3888");
  expect(printed).toMatch(/^Committed new configuration:\nserver\.1=any:/);
  expect(membersIn(printed)).toEqual(["server.1=any", "server.4=weur"]);
  expect(printed).toMatch(/^cZxid = 0x/m);
  expect(membersIn(await harness.run("config"))).toEqual(["server.1=any", "server.4=weur"]);
});

it("[SH70] all members are named on the line or in a file", async () => {
  const harness = await start();
  const members = ["server.1=any:2888:3888", "server.2=any:2888:3888;2181"];
  expect(membersIn(await harness.run(`reconfig --members ${members.join(",")}`))).toHaveLength(2);
  const file = join(folder, "zoo.cfg.dynamic");
  writeFileSync(file, `# two of them\n${members[0]}\nserver.3=any:2888:3888\nversion=100000000\n`);
  expect(membersIn(await harness.run(`reconfig -file ${file}`))).toEqual([
    "server.1=any",
    "server.3=any",
  ]);
});

test.each([
  ["reconfig", "expected one of -file, -members, -add and -remove, saw none"],
  ["reconfig -v xyz -remove 3", "-v must be followed by a long (configuration version)"],
  ["reconfig -file a -members b", "Can't use -file and -members together (conflicting"],
  ["reconfig -members a -remove 3", "Can't use -file or -members together with -add or -remove"],
  ["reconfig -file /missing/file", "Error processing /missing/file"],
  ["reconfig -v 7 -remove 3", "version No is not valid : \n"],
  ["reconfig -add garbage", "Arguments are not valid : \n"],
])("[SH70] %s is refused in zkCli's words", async (line, words) => {
  const harness = await start();
  expect(await harness.run(line)).toContain(words);
  expect(harness.shell.exitCode).toBe(1);
});

test.each([
  [Code.NEWCONFIGNOQUORUM, /^No quorum of new config is connected and up-to-date/],
  [Code.RECONFIGINPROGRESS, /^Another reconfiguration is in progress/],
])("[SH70] the code %i has a sentence of its own", (code, words) => {
  expect(describeKeeperError(new KeeperError(code, { path: "" }))).toMatch(words);
});

it("[SH70] a server that stands alone has none", async () => {
  expect(await new ShellHarness().run("reconfig -remove 1")).toBe(
    "KeeperErrorCode = Reconfig is disabled\n",
  );
});

it("[SH70] config is read and watched whatever the chroot", async () => {
  const harness = await start();
  await harness.run("create /app");
  const inside = harness.connection.open("m1:2181/app");
  await inside;
  expect(membersIn(await harness.run("config -w"))).toHaveLength(3);
  expect(await harness.run("config -c")).toMatch(/^\w+ /);
});
