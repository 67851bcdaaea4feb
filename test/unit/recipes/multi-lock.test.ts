import { expect, test } from "vitest";
import { Lock, MultiLock } from "../../../src/recipes/index.ts";
import { Stage, TIMEOUT_MS } from "./faulty-client.ts";

const PATHS = ["/locks/b", "/locks/a"];

async function start() {
  const stage = new Stage();
  const [one, two] = [await stage.client(), await stage.client()];
  return { stage, one, two };
}

test("[RP70] all or none, in one order for all, so that nobody waits in a circle", async () => {
  const { stage, one, two } = await start();
  const order: string[] = [];
  const runs = [
    [one, PATHS],
    [two, PATHS.toReversed()],
  ] as const;
  const all = runs.map(async ([{ zk }, paths], index) => {
    await using held = await new MultiLock(zk, paths).acquire();
    order.push(`${index} in ${held.isHeld}`);
    await stage.clock.advance(0);
    order.push(`${index} out`);
  });
  await stage.until(Promise.all(all));

  expect(order).toEqual(["0 in true", "0 out", "1 in true", "1 out"]);
  expect((await one.zk.children("/locks/a")).children).toEqual([]);
});

test("[RP71] one that is lost while another is waited for is taken anew, with all", async () => {
  const { stage, one, two } = await start();
  const blocking = await new Lock(two.zk, "/locks/b").acquire();
  const waiting = new MultiLock(one.zk, PATHS).acquire();
  await stage.pass(100);
  const [first] = (await two.zk.children("/locks/a")).children;
  await two.zk.delete(`/locks/a/${first}`);
  await stage.pass(100);
  await blocking.release();
  const held = await stage.until(waiting);

  expect(held.isHeld).toBe(true);
  expect((await two.zk.children("/locks/a")).children).toHaveLength(1);
  expect(held.token("/locks/a")).toBeGreaterThan(blocking.token);
});

test("[RP71] all are lost with one, and an abort leaves nothing behind", async () => {
  const { stage, one, two } = await start();
  const held = await new MultiLock(one.zk, PATHS).acquire();
  const abort = new AbortController();
  const aborted = new MultiLock(two.zk, PATHS)
    .acquire({ signal: abort.signal })
    .catch((error: unknown) => error);
  await stage.pass(100);
  abort.abort(new Error("enough"));
  expect(String(await stage.until(aborted))).toContain("enough");
  expect((await two.zk.children("/locks/a")).children).toHaveLength(1);
  one.offline();
  await stage.pass(TIMEOUT_MS);

  expect(held.lost.aborted).toBe(true);
  expect(held.isHeld).toBe(false);
});
