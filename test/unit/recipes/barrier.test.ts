import { describe, expect, test } from "vitest";
import { Barrier, DoubleBarrier } from "../../../src/recipes/index.ts";
import { type FaultyClient, Stage } from "./faulty-client.ts";

async function start(count: number) {
  const stage = new Stage();
  const clients: FaultyClient[] = [];
  for (let index = 0; index < count; index += 1) clients.push(await stage.client());
  return { stage, clients };
}

/** Notes who has come through. */
function through(log: string[], name: string, passing: Promise<void>): Promise<void> {
  return passing.then(() => void log.push(name));
}

test("[RP60] a barrier holds everybody up until it is lifted, over lost sessions", async () => {
  const { stage, clients } = await start(3);
  const [maker, ...waiters] = clients as [FaultyClient, FaultyClient, FaultyClient];
  const barrier = new Barrier(maker.zk, "/barrier");
  await stage.until(barrier.set());
  await stage.until(barrier.set());
  const log: string[] = [];
  const passing = waiters.map(({ zk }, index) =>
    through(log, `${index}`, new Barrier(zk, "/barrier").wait()),
  );
  await stage.expire(waiters[0] as FaultyClient);
  expect(log).toEqual([]);
  await stage.until(barrier.lift());
  await stage.until(Promise.all(passing));
  await new Barrier(maker.zk, "/barrier").wait();

  expect(log.toSorted()).toEqual(["0", "1"]);
});

test("[RP96] whoever waited comes through a barrier that is lifted and put up again", async () => {
  const { stage, clients } = await start(2);
  const [maker, waiter] = clients as [FaultyClient, FaultyClient];
  const barrier = new Barrier(maker.zk, "/barrier");
  await stage.until(barrier.set());
  const passing = new Barrier(waiter.zk, "/barrier").wait();
  await stage.pass(100);
  await Promise.all([maker.zk.delete("/barrier"), maker.zk.create("/barrier")]);
  await stage.until(passing);
  let isThrough = false;
  void new Barrier(waiter.zk, "/barrier").wait().then(() => (isThrough = true));
  await stage.pass(500);

  expect(isThrough).toBe(false);
});

test("[RP60] waiting at a barrier ends with the signal's reason", async () => {
  const { stage, clients } = await start(1);
  const barrier = new Barrier((clients[0] as FaultyClient).zk, "/barrier");
  await stage.until(barrier.set());
  const abort = new AbortController();
  const waiting = barrier.wait({ signal: abort.signal }).catch((error: unknown) => error);
  abort.abort(new Error("enough"));

  expect(String(await waiting)).toContain("enough");
});

describe("DoubleBarrier", () => {
  async function barriers(count: number) {
    const { stage, clients } = await start(count);
    return { stage, clients, all: clients.map(({ zk }) => new DoubleBarrier(zk, "/double", 3)) };
  }

  test("[RP61] all begin together and end together, time and again", async () => {
    const { stage, clients, all } = await barriers(3);
    for (let round = 0; round < 2; round += 1) {
      const log: string[] = [];
      const entering = all.map(async (barrier, index) => {
        if (index === 2) await stage.clock.advance(0);
        await through(log, `in ${index}`, barrier.enter());
      });
      await stage.until(Promise.all(entering));
      expect(log).toHaveLength(3);
      const leaving = all.slice(0, 2).map((barrier) => through(log, "out", barrier.leave()));
      await stage.pass(500);
      expect(log).not.toContain("out");
      leaving.push(through(log, "out", (all[2] as DoubleBarrier).leave()));
      await stage.until(Promise.all(leaving));
      expect((await clients[0]?.zk.children("/double"))?.children).toEqual([]);
    }
  });

  test("[RP61] two of three wait, and one that loses its session is out", async () => {
    const { stage, clients, all } = await barriers(4);
    const log: string[] = [];
    const first = through(log, "0", (all[0] as DoubleBarrier).enter());
    const second = (all[1] as DoubleBarrier).enter().catch((error: unknown) => error);
    await stage.pass(500);
    clients[1]?.offline();
    await stage.pass(12_000);
    expect(String(await second)).toContain("SESSIONEXPIRED");
    const third = through(log, "2", (all[2] as DoubleBarrier).enter());
    await stage.pass(500);
    expect(log).toEqual([]);
    const fourth = through(log, "3", (all[3] as DoubleBarrier).enter());
    await stage.until(Promise.all([first, third, fourth]));

    expect(log.toSorted()).toEqual(["0", "2", "3"]);
  });

  test("[RP62] one that dies inside counts as one that left, and an abort takes one out", async () => {
    const { stage, clients, all } = await barriers(4);
    const abort = new AbortController();
    const aborted = (all[3] as DoubleBarrier)
      .enter({ signal: abort.signal })
      .catch((error: unknown) => error);
    await stage.pass(100);
    abort.abort(new Error("enough"));
    expect(String(await stage.until(aborted))).toContain("enough");
    expect((await clients[3]?.zk.children("/double"))?.children).toEqual([]);
    await stage.until(Promise.all(all.slice(0, 3).map((barrier) => barrier.enter())));
    clients[2]?.offline();
    const leaving = all.slice(0, 2).map((barrier) => barrier.leave());

    await stage.until(Promise.all(leaving));
    expect((await clients[0]?.zk.children("/double"))?.children).toEqual([]);
  });

  for (const fault of ["request", "answer"] as const) {
    test(`[RP61] all come through when any ${fault} is lost on the way`, async () => {
      for (let step = 0, didFail = true; didFail; step += 1) {
        const { stage, clients, all } = await barriers(3);
        didFail = false;
        clients[0]?.failAt((_op, index) => {
          if (index !== step) return undefined;
          didFail = true;
          return fault;
        });
        await stage.until(Promise.all(all.map((barrier) => barrier.enter())));
        await stage.until(Promise.all(all.map((barrier) => barrier.leave())));
        expect((await clients[1]?.zk.children("/double"))?.children).toEqual([]);
        expect(step).toBeLessThan(40);
      }
    });
  }
});

test("[RP62] whoever was suspended while all began, and the last of them died, waits until an abort", async () => {
  const stage = new Stage();
  const [one, two, last] = [await stage.client(), await stage.client(), await stage.client()];
  const barriers = [one, two, last].map(({ zk }) => new DoubleBarrier(zk, "/round", 3));
  const abort = new AbortController();
  const late = barriers[0]?.enter({ signal: abort.signal }).then(() => "in", String);
  const inTime = barriers[1]?.enter().then(() => "in", String);
  await stage.pass(200);
  one.offline();
  await stage.until(barriers[2]?.enter() ?? Promise.reject(new Error("none")));
  await last.zk.close();
  one.online();
  await stage.pass(3_000);
  expect(await inTime).toBe("in");
  expect(await Promise.race([late, stage.pass(3_000).then(() => "waits")])).toBe("waits");
  abort.abort(new Error("enough"));

  expect(await stage.until(late ?? Promise.resolve(""))).toBe("Error: enough");
});
