import assert from "node:assert/strict";
import type { Cases } from "./case.ts";

/** What scripts see of the program: how it ends. */
export const PROGRAM_CASES: Cases = {
  "commands end with a code that says how": async ({ cli, zk }) => {
    await zk.create("/app", "one");
    const expected = {
      "get /none": 1,
      "grep nothing /app": 1,
      "diff /app /none": 2,
      "gett /app": 127,
    };
    const ended = await Promise.all(
      Object.keys(expected).map(async (line) => [line, (await cli.run(line.split(" "))).code]),
    );
    assert.deepEqual(Object.fromEntries(ended), expected);
  },
};
