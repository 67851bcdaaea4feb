import assert from "node:assert/strict";
import { ProcessGroup } from "../../e2e/process-group.ts";
import type { Part, PartContext } from "../part.ts";
import { addressOf } from "../servers.ts";

/** A way to a server, as `--server` takes it. */
interface Door {
  readonly name: string;
  readonly server: string;
}

/** What our command line does at a server. @throws AssertionError for what it should not have done */
type LiveCase = (server: string) => Promise<void>;

/** Our command line's own commands: they must do the same on every server. */
export const liveCommands: Part = {
  name: "live-commands",
  async run(context) {
    const { zooKeeper, edgekeeper } = context;
    const doors: Door[] = [
      { name: "ZooKeeper over TCP", server: addressOf(zooKeeper) },
      { name: "edgekeeper over TCP", server: addressOf(edgekeeper) },
    ];
    if (edgekeeper.url !== undefined) {
      doors.push({ name: "edgekeeper by URL", server: edgekeeper.url });
    }
    for (const door of doors) await runDoor(door, context);
  },
};

async function runDoor(
  { name, server }: Door,
  { passed, failed, print }: Pick<PartContext, "passed" | "failed" | "print">,
): Promise<void> {
  let count = 0;
  for (const [title, run] of Object.entries(CASES)) {
    try {
      await run(server);
      passed(`${name}: ${title}`);
      count += 1;
    } catch (error) {
      failed(`${name}: ${title}`, error instanceof Error ? `${error.stack}` : String(error));
    }
  }
  print(`${name}: ${count} of ${Object.keys(CASES).length}`);
}

const CASES: Readonly<Record<string, LiveCase>> = {
  "txn carries out every kind of operation, and prints what each did": async (server) => {
    const lines = [
      "create /live-txn one",
      "create -e /live-txn/e x",
      "create -s /live-txn/s- 'two words'",
      "set -v 0 /live-txn two",
      "delete /live-txn/e",
      "check /live-txn 1",
    ];
    const { output, code } = await run(server, ["txn"], lines);
    assert.deepEqual(results(output), [
      "Created /live-txn",
      "Created /live-txn/e",
      "Created /live-txn/s-0000000001",
      "version 1",
      "deleted",
      "as expected",
    ]);
    assert.equal(code, 0);
  },

  "txn names the operation that failed, and nothing happened": async (server) => {
    for (const [line, why] of [
      ["create /live-txn x", "Node already exists: /live-txn"],
      ["set -v 7 /live-txn x", "version No is not valid : /live-txn"],
      ["delete /live-txn", "Node not empty: /live-txn"],
      ["check /live-none 0", "Node does not exist: /live-none"],
    ] as const) {
      const { output, code } = await run(server, ["txn"], ["set /live-txn never", line]);
      assert.ok(output.includes(`(line 2: ${line}) failed, so nothing happened: ${why}\n`), output);
      assert.equal(code, 1);
    }
    assert.equal((await run(server, ["get", "/live-txn"])).output, "two\n");
    await run(server, ["deleteall", "/live-txn"]);
  },

  "bench gets an answer to each of its requests, and leaves nothing": async (server) => {
    const words = ["-o", "json", "bench", "-c", "3", "-n", "5", "--operations", "300"];
    const { results: rows } = JSON.parse((await run(server, words)).output);
    assert.deepEqual(
      rows.map(({ operation, requests, errors }: Row) => ({ operation, requests, errors })),
      ["create", "sequential", "set", "get"].map((operation) => ({
        operation,
        requests: 300,
        errors: {},
      })),
    );
    assert.doesNotMatch((await run(server, ["ls", "/"])).output, /edgekeeper-bench/);
  },

  "check perf writes what it was asked to, and leaves nothing": async (server) => {
    const words = ["-o", "json", "check", "perf", "--duration", "2"];
    const { measured } = JSON.parse((await run(server, words)).output);
    assert.equal(measured.requests, 300);
    assert.deepEqual(measured.errors, {});
    assert.doesNotMatch((await run(server, ["ls", "/"])).output, /edgekeeper-bench/);
  },

  "top knows the server, and a session with its ephemerals": async (server) => {
    // A pipe that stays open keeps the session.
    const shell = start(server, ["shell"]);
    shell.write("create -e /live-top x\n");
    try {
      const { servers, sessions } = await seen(server, ({ sessions: all }) =>
        all.some(({ ephemerals }) => ephemerals === 1),
      );
      const [{ mode, zxid, znodes, watches, requestsPerSecond, notes }] = servers;
      assert.match(zxid, /^0x[0-9a-f]+$/);
      assert.equal(mode, "standalone");
      assert.ok(znodes >= 4 && watches >= 0 && requestsPerSecond >= 0);
      assert.deepEqual(notes, []);
      const own = sessions.find(({ ephemerals }) => ephemerals === 1);
      assert.equal(own?.lastOperation, "CREA");
      assert.equal(own?.timeoutMs, 30_000);
    } finally {
      shell.write("quit\n");
      await shell.succeed();
    }
  },
};

interface Row {
  readonly operation: string;
  readonly requests: number;
  readonly errors: object;
}

/** What `top` prints, as far as it is looked at. */
interface Snapshot {
  readonly servers: [
    {
      readonly mode: string;
      readonly zxid: string;
      readonly znodes: number;
      readonly watches: number;
      readonly requestsPerSecond: number;
      readonly notes: readonly string[];
    },
  ];
  readonly sessions: readonly {
    readonly lastOperation: string;
    readonly timeoutMs: number;
    readonly ephemerals: number;
  }[];
}

/** Looks until a snapshot is as it should be, or for the last time. */
async function seen(server: string, isWanted: (shown: Snapshot) => boolean): Promise<Snapshot> {
  for (let attempt = 1; ; attempt += 1) {
    const { output } = await run(server, ["-o", "json", "top", "--once", "--interval", "1"]);
    const snapshot: Snapshot = JSON.parse(output);
    if (isWanted(snapshot) || attempt === 10) return snapshot;
  }
}

/** What `txn` prints behind each operation. */
function results(output: string): string[] {
  return output
    .trimEnd()
    .split("\n")
    .map((line) => line.split(/ {2,}/).at(-1) ?? "");
}

async function run(
  server: string,
  words: readonly string[],
  lines: readonly string[] = [],
): Promise<{ readonly output: string; readonly code: number }> {
  const command = start(server, words);
  command.write(lines.map((line) => `${line}\n`).join(""));
  command.endInput();
  const code = await command.end();
  return { output: command.output, code };
}

function start(server: string, words: readonly string[]): ProcessGroup {
  const command = ["src/cli/main.ts", "--server", server, ...words];
  return new ProcessGroup(process.execPath, { arguments: command });
}
