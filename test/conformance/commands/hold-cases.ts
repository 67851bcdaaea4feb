import assert from "node:assert/strict";
import type { ZooKeeper } from "../../../src/client/index.ts";
import { Lock } from "../../../src/recipes/index.ts";
import { poll } from "../../e2e/poll.ts";
import type { ProcessGroup } from "../../e2e/process-group.ts";
import type { Cases } from "./case.ts";

/** Writes until a watch that is being set sees it. */
async function changeUntilSeen(zk: ZooKeeper, watch: ProcessGroup, seen: string): Promise<void> {
  await poll(`${seen} is printed`, async () => {
    await zk.set("/app", "again");
    return watch.output.includes(seen) || undefined;
  });
}

/** What waits: for changes, for a lock, for its election. */
export const HOLD_CASES: Cases = {
  "watch prints every change in its order, until it is interrupted": async ({ cli, zk }) => {
    await zk.create("/app", "one");
    const watch = cli.start(["watch", "-R", "/app"]);
    await changeUntilSeen(zk, watch, "NodeDataChanged /app\n");
    await zk.create("/app/x", "");
    await zk.set("/app/x", "y");
    await zk.delete("/app/x");
    await poll("the last is printed", () => watch.output.includes("NodeDeleted") || undefined);
    watch.signal("SIGINT");
    assert.equal(await watch.end(), 130);
    const below = watch.output.split("\n").filter((line) => line.endsWith("/app/x"));
    assert.deepEqual(below, ["NodeCreated /app/x", "NodeDataChanged /app/x", "NodeDeleted /app/x"]);
  },

  "watch runs a program for each change": async ({ cli, zk }) => {
    await zk.create("/app", "one");
    const says = 'echo "$EDGEKEEPER_EVENT of $EDGEKEEPER_PATH"';
    const watch = cli.start(["watch", "/app", "--", "sh", "-c", says]);
    await changeUntilSeen(zk, watch, "NodeDataChanged of /app\n");
    await zk.delete("/app");
    const last = "NodeDeleted of /app\n";
    await poll(`${last} is printed`, () => watch.output.includes(last) || undefined);
    watch.signal("SIGINT");
    assert.equal(await watch.end(), 130);
  },

  "lock waits for its turn, and ends with the code of its program": async ({ cli, zk }) => {
    const held = await new Lock(zk, "/lock").acquire();
    const { output, code } = await cli.run(["lock", "/lock", "--wait", "0", "--", "echo", "ran"]);
    assert.deepEqual([output, code], ["edgekeeper: /lock is held by somebody else\n", 1]);
    const says = "echo token $EDGEKEEPER_TOKEN_HELD; exit 3";
    const lock = cli.start(["lock", "/lock", "--", "sh", "-c", says]);
    const isQueued = async () => (await zk.children("/lock")).children.length === 2 || undefined;
    await poll("it stands in the queue", isQueued);
    assert.equal(lock.output, "");
    await held.release();
    assert.equal(await lock.end(), 3);
    const token = Number(/^token (\d+)\n$/.exec(lock.output)?.[1]);
    assert.ok(token > Number(held.token), `expected a token above ${held.token}, saw ${token}`);
    assert.deepEqual((await zk.children("/lock")).children, []);
  },

  "elect leads while its program runs, and others see who does": async ({ cli, zk }) => {
    const words = ["elect", "--id", "ann", "/election", "--", "sh", "-c", "read line; exit 3"];
    const elect = cli.start(words);
    await poll("she leads", () => elect.output.includes("ann leads\n") || undefined);
    const [leader = "none"] = (await zk.children("/election")).children;
    assert.equal((await zk.get(`/election/${leader}`)).text, "ann");
    elect.write("enough\n");
    assert.equal(await elect.end(), 3);
    assert.deepEqual((await zk.children("/election")).children, []);
  },
};
