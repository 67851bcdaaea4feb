import { expect, test } from "vitest";
import { Semaphore } from "../../../src/recipes/index.ts";
import { type FaultyClient, Stage } from "./faulty-client.ts";

const PATH = "/semaphore";

async function start(count: number) {
  const stage = new Stage();
  const clients: FaultyClient[] = [];
  for (let index = 0; index < count; index += 1) clients.push(await stage.client());
  const isHeld = clients.map(() => false);
  const ask = async (index: number) => {
    const client = clients[index] as FaultyClient;
    const lease = await new Semaphore(client.zk, PATH, 2, { data: String(index) }).acquire();
    isHeld[index] = true;
    return lease;
  };
  return { stage, clients, ask, isHeld };
}

test("[RP25] at most so many leases, in the order of asking, and one waiter wakes", async () => {
  const { stage, clients, ask, isHeld } = await start(5);
  const leases = [await ask(0), await ask(1)];
  const waiting = [];
  for (const index of [2, 3, 4]) {
    waiting.push(ask(index));
    await stage.pass(100);
  }
  expect(isHeld).toEqual([true, true, false, false, false]);
  for (const { sent } of clients) sent.length = 0;
  await leases[1]?.release();
  await stage.pass(100);

  expect(isHeld).toEqual([true, true, true, false, false]);
  // The second in line moves up and looks; the last one hears nothing.
  expect(clients[4]?.sent).toEqual([]);
  expect((await waiting[0])?.token).toBeGreaterThan(leases[1]?.token ?? 0);
});

test("[RP26] the lease of a holder that dies is free when his session ends", async () => {
  const { stage, clients, ask } = await start(3);
  await ask(0);
  await ask(1);
  const waiting = ask(2);
  clients[0]?.offline();

  expect((await stage.until(waiting)).isHeld).toBe(true);
});

for (const fault of ["request", "answer"] as const) {
  test(`[RP27] no lease is lost or taken twice when any ${fault} is lost on the way`, async () => {
    for (let step = 0, didFail = true; didFail; step += 1) {
      const { stage, clients, ask } = await start(2);
      didFail = false;
      clients[0]?.failAt((_op, index) => {
        if (index !== step) return undefined;
        didFail = true;
        return fault;
      });
      const lease = await stage.until(ask(0));
      const watcher = new Semaphore((clients[1] as FaultyClient).zk, PATH, 2);
      expect(await watcher.leases()).toEqual(["0"]);
      await stage.until(lease.release());
      expect(await watcher.leases()).toEqual([]);
      expect((await stage.until(ask(1))).isHeld).toBe(true);
      expect(step).toBeLessThan(30);
    }
  });
}

test("[RP27] an abort leaves neither a lease nor a place in the line", async () => {
  const { stage, clients, ask } = await start(4);
  const lease = await ask(0);
  await ask(1);
  const abort = new AbortController();
  const { zk } = clients[2] as FaultyClient;
  const aborted = new Semaphore(zk, PATH, 2).acquire({ signal: abort.signal });
  const ended = aborted.catch((error: unknown) => error);
  await stage.pass(100);
  abort.abort(new Error("enough"));
  expect(String(await stage.until(ended))).toContain("enough");
  expect(await new Semaphore(zk, PATH, 2).leases()).toEqual(["0", "1"]);
  expect((await zk.children(`${PATH}/locks`)).children).toEqual([]);
  await lease.release();

  expect((await stage.until(ask(3))).isHeld).toBe(true);
});

test("[RP25] a number of leases that makes no sense is refused", async () => {
  const { clients } = await start(1);
  const { zk } = clients[0] as FaultyClient;

  expect(() => new Semaphore(zk, PATH, 0)).toThrow("expected a number of leases, saw 0");
});

test("[RP92] leases of kazoo count, whatever their names end in, and ours are with them", async () => {
  const stage = new Stage();
  const [one, two] = [await stage.client(), await stage.client()];
  const ask = () => new Semaphore(one.zk, PATH, 2, { layout: "kazoo", data: "ours" }).acquire();
  const first = await ask();
  expect(first.path).toMatch(/^\/semaphore\/[0-9a-f]{32}__lease__\d{10}$/);
  for (const name of ["0123456789abcdef0123459999999999", "fedcba9876543210fedcba9876543210"]) {
    await two.zk.create(`${PATH}/${name}`, "kazoo's", { ephemeral: true });
    let isHeld = false;
    const waiting = ask().then((lease) => {
      isHeld = true;
      return lease;
    });
    await stage.pass(500);
    expect(isHeld).toBe(false);
    expect((await new Semaphore(two.zk, PATH, 2, { layout: "kazoo" }).leases()).toSorted()).toEqual(
      ["kazoo's", "ours", "ours"],
    );
    await two.zk.delete(`${PATH}/${name}`);
    await (await stage.until(waiting)).release();
  }
  expect((await two.zk.children(`${PATH}-__lock__`)).children).toEqual([]);
});
