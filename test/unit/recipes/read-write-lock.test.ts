import { expect, test } from "vitest";
import { ReadWriteLock } from "../../../src/recipes/index.ts";
import { Stage } from "./faulty-client.ts";

/** Clients, and whether each got what it asked for. */
async function start(count: number) {
  const stage = new Stage();
  const clients = [];
  for (let index = 0; index < count; index += 1) clients.push(await stage.client());
  const locks = clients.map(({ zk }) => new ReadWriteLock(zk, "/rw"));
  const isHeld = clients.map(() => false);
  const ask = async (index: number, kind: "read" | "write") => {
    const held = await locks[index]?.[kind].acquire();
    isHeld[index] = true;
    return held;
  };
  return { stage, clients, ask, isHeld };
}

test("[RP24] readers together, a writer alone, and nobody overtakes", async () => {
  const { stage, ask, isHeld } = await start(4);
  const [one, two] = [await ask(0, "read"), await ask(1, "read")];
  const writing = ask(2, "write");
  await stage.pass(100);
  const reading = ask(3, "read");
  await stage.pass(100);
  expect(isHeld).toEqual([true, true, false, false]);
  await one?.release();
  await stage.pass(100);
  expect(isHeld).toEqual([true, true, false, false]);
  await two?.release();
  const writer = await stage.until(writing);
  expect(isHeld).toEqual([true, true, true, false]);
  await writer?.release();

  expect((await stage.until(reading))?.token).toBeGreaterThan(writer?.token ?? 0);
});

test("[RP24] a reader waits for the last writer before him, and a lost session frees him", async () => {
  const { stage, clients, ask, isHeld } = await start(3);
  await ask(0, "write");
  const first = clients[0];
  const writing = ask(1, "write");
  await stage.pass(100);
  const reading = ask(2, "read");
  await stage.pass(100);
  first?.offline();
  await stage.pass(12_000);
  expect(isHeld).toEqual([true, true, false]);
  await (await writing)?.release();

  expect((await stage.until(reading))?.isHeld).toBe(true);
});

test("[RP20] names are those of Curator, or of kazoo", async () => {
  const stage = new Stage();
  const { zk } = await stage.client();
  const curator = new ReadWriteLock(zk, "/c");
  const kazoo = new ReadWriteLock(zk, "/k", { layout: "kazoo" });

  expect((await curator.read.acquire()).path).toMatch(/^\/c\/_c_[0-9a-f-]{36}-__READ__\d{10}$/);
  expect((await kazoo.read.acquire()).path).toMatch(/^\/k\/[0-9a-f]{32}__rlock__\d{10}$/);
  expect((await new ReadWriteLock(zk, "/d").write.acquire()).path).toContain("-__WRIT__0000000000");
});
