import assert from "node:assert/strict";
import type { Cases } from "./case.ts";
import type { CommandLine } from "./command-line.ts";

/** What a server can do, and what it does. */
export const LOAD_CASES: Cases = {
  "bench gets an answer to each of its requests, and leaves nothing": async ({ cli }) => {
    const words = ["-o", "json", "bench", "-c", "3", "-n", "5", "--operations", "300"];
    const { results: rows } = JSON.parse((await cli.run(words)).output);
    assert.deepEqual(
      rows.map(({ operation, requests, errors }: Row) => ({ operation, requests, errors })),
      ["create", "sequential", "set", "get"].map((operation) => ({
        operation,
        requests: 300,
        errors: {},
      })),
    );
    assert.doesNotMatch((await cli.run(["ls", "/"])).output, /edgekeeper-bench/);
  },

  "check perf writes what it was asked to, and leaves nothing": async ({ cli }) => {
    const words = ["-o", "json", "check", "perf", "--duration", "2"];
    const { measured } = JSON.parse((await cli.run(words)).output);
    assert.equal(measured.requests, 300);
    assert.deepEqual(measured.errors, {});
    assert.doesNotMatch((await cli.run(["ls", "/"])).output, /edgekeeper-bench/);
  },

  "top knows the server, and a session with its ephemerals": async ({ cli }) => {
    // A pipe that stays open keeps the session.
    const shell = cli.start(["shell"]);
    shell.write("create -e /top x\n");
    try {
      const { servers, sessions } = await seen(cli, ({ sessions: all }) =>
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
async function seen(cli: CommandLine, isWanted: (shown: Snapshot) => boolean): Promise<Snapshot> {
  for (let attempt = 1; ; attempt += 1) {
    const { output } = await cli.run(["-o", "json", "top", "--once", "--interval", "1"]);
    const snapshot: Snapshot = JSON.parse(output);
    if (isWanted(snapshot) || attempt === 10) return snapshot;
  }
}
