import assert from "node:assert/strict";
import type { Cases } from "./case.ts";

/** Many operations at once. */
export const TXN_CASES: Cases = {
  "txn carries out every kind of operation, and prints what each did": async ({ cli }) => {
    const lines = [
      "create /app one",
      "create -e /app/e x",
      "create -s /app/s- 'two words'",
      "set -v 0 /app two",
      "delete /app/e",
      "check /app 1",
    ];
    const { output, code } = await cli.run(["txn"], { lines });
    assert.deepEqual(results(output), [
      "Created /app",
      "Created /app/e",
      "Created /app/s-0000000001",
      "version 1",
      "deleted",
      "as expected",
    ]);
    assert.equal(code, 0);
  },

  "txn names the operation that failed, and nothing happened": async ({ cli, zk }) => {
    await zk.create("/app", "one");
    await zk.create("/app/x", "");
    const mistakes = {
      "create /app x": "Node already exists: /app",
      "set -v 7 /app x": "version No is not valid : /app",
      "delete /app": "Node not empty: /app",
      "check /none 0": "Node does not exist: /none",
    };
    const lines = Object.keys(mistakes).flatMap((line) => [
      "txn",
      "set /app never",
      line,
      "commit",
    ]);
    const { output, code } = await cli.run(["shell"], { lines });
    for (const [line, why] of Object.entries(mistakes)) {
      assert.ok(output.includes(`(line 2: ${line}) failed, so nothing happened: ${why}\n`), output);
    }
    assert.equal(code, 1);
    assert.equal((await zk.get("/app")).text, "one");
  },
};

/** What `txn` prints behind each operation. */
function results(output: string): string[] {
  return output
    .trimEnd()
    .split("\n")
    .map((line) => line.split(/ {2,}/).at(-1) ?? "");
}
