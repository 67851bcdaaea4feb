import { describe, expect, test } from "vitest";
import { isKeeperError } from "../../../src/client/index.ts";
import { DelayedQueue, Queue } from "../../../src/recipes/index.ts";
import { type FaultyClient, Stage, TIMEOUT_MS } from "./faulty-client.ts";

const PATH = "/queue";

async function start() {
  const stage = new Stage();
  const [one, two] = [await stage.client(), await stage.client()];
  return { stage, one, two, first: new Queue(one.zk, PATH), second: new Queue(two.zk, PATH) };
}

/** Entries and claims that are there. */
async function countsOf({ zk }: FaultyClient): Promise<readonly number[]> {
  const stats = await Promise.all([zk.exists(`${PATH}/entries`), zk.exists(`${PATH}/taken`)]);
  return stats.map((stat) => stat?.numChildren ?? 0);
}

describe("Queue", () => {
  test("[RP63] entries come in the order of putting, smaller priorities first", async () => {
    const { stage, first, second } = await start();
    for (const text of ["a", "b"]) await stage.until(first.put(text));
    await stage.until(first.put("urgent", 5));
    expect(await first.count()).toBe(3);
    const seen: string[] = [];
    for (let round = 0; round < 3; round += 1) {
      const claim = await stage.until(second.take());
      seen.push(claim.text);
      await claim.complete();
    }

    expect(seen).toEqual(["urgent", "a", "b"]);
    expect(await first.count()).toBe(0);
  });

  test("[RP63] who finds nothing waits, and one of those who wait gets what comes", async () => {
    const { stage, one, first, second } = await start();
    const texts: string[] = [];
    const taking = [first, second].map(async (queue) => {
      const claim = await queue.take();
      texts.push(claim.text);
      await claim.complete();
    });
    await stage.pass(200);
    await first.put("a");
    await stage.pass(200);
    expect(texts).toEqual(["a"]);
    await first.put("b");
    await stage.until(Promise.all(taking));

    expect(texts).toEqual(["a", "b"]);
    expect(await countsOf(one)).toEqual([0, 0]);
  });

  test("[RP64] the entry of a consumer that dies, or gives it back, is taken again", async () => {
    const { stage, one, two, first, second } = await start();
    await first.put("a");
    const claim = await first.take();
    const taking = second.take();
    one.offline();
    const again = await stage.until(taking);
    expect(again.text).toBe("a");
    expect(claim.hold.lost.aborted).toBe(true);
    one.online();
    await stage.pass(6_000);
    // The one that was lost does nothing to the one that is held.
    await claim.release();
    await expect(claim.complete()).rejects.toThrow("SESSIONEXPIRED");
    expect(await countsOf(two)).toEqual([1, 1]);
    await again.release();
    const third = await stage.until(first.take());

    expect(third.text).toBe("a");
    expect(third.hold.token).toBeGreaterThan(again.hold.token);
  });

  for (const fault of ["request", "answer"] as const) {
    test(`[RP65] an entry is put once and done when any ${fault} is lost on the way`, async () => {
      for (let step = 0, didFail = true; didFail; step += 1) {
        const { stage, one, two, first } = await start();
        didFail = false;
        one.failAt((_op, index) => {
          if (index !== step) return undefined;
          didFail = true;
          return fault;
        });
        await stage.until(first.put("a"));
        expect(await countsOf(two)).toEqual([1, 0]);
        const claim = await stage.until(first.take());
        expect(await countsOf(two)).toEqual([1, 1]);
        await stage.until(claim.complete());
        expect(await countsOf(two)).toEqual([0, 0]);
        expect(step).toBeLessThan(30);
      }
    });
  }

  test("[RP66] an abort leaves no claim behind, whenever it comes", async () => {
    const { stage, two, first, second } = await start();
    await second.put("a");
    for (let turns = 0; turns < 60; turns += 3) {
      const abort = new AbortController();
      const taking = first.take({ signal: abort.signal }).catch((error: unknown) => error);
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      abort.abort(new Error("enough"));
      const taken = await stage.until(taking);
      if (!(taken instanceof Error)) await (taken as { release(): Promise<void> }).release();
      await stage.pass(100);
      expect(await countsOf(two)).toEqual([1, 0]);
    }
  });

  test("[RP66] a consumer that waits outlives its session, and ends with its client", async () => {
    const { stage, one, first, second } = await start();
    const taking = first.take();
    await stage.expire(one);
    await second.put("a");
    expect((await stage.until(taking)).text).toBe("a");
    const ended = first.take().catch((error: unknown) => error);
    await stage.pass(100);
    await one.zk.close();

    expect(isKeeperError(await ended)).toBe(true);
  });

  test("[RP119] whoever lost his claim touches neither the next one's nor the entry", async () => {
    const { stage, one, two, first, second } = await start();
    await first.put("a");
    const claim = await first.take();
    await two.zk.delete(claim.hold.path);
    await stage.pass(100);
    const next = await stage.until(second.take());
    await expect(claim.complete()).rejects.toThrow("NONODE");
    await claim.release();
    expect(await countsOf(two)).toEqual([1, 1]);
    one.sent.length = 0;
    two.sent.length = 0;
    await next.complete();

    expect(await countsOf(one)).toEqual([0, 0]);
    expect(two.sent.filter((op) => op !== "getData")).toEqual(["multi"]);
  });

  test("[RP87] one of the first two in line may be paused, and the other one takes what comes", async () => {
    const { stage, first, second } = await start();
    const clients = await Promise.all([1, 2, 3].map(() => stage.client()));
    const taken: number[] = [];
    for (const [index, { zk }] of clients.entries()) {
      void new Queue(zk, PATH).take().then(() => taken.push(index));
      await stage.pass(200);
    }
    clients[0]?.pause();
    for (const text of ["a", "b"]) await first.put(text);
    await stage.pass(500);
    expect(taken).toEqual([1, 2]);
    expect(await second.count()).toBe(2);
  });

  test("[RP87] … and when both are, what comes waits until the session of one of them ends", async () => {
    const { stage, first } = await start();
    const clients = await Promise.all([1, 2, 3].map(() => stage.client()));
    const taken: number[] = [];
    for (const [index, { zk }] of clients.entries()) {
      void new Queue(zk, PATH).take().then(
        () => taken.push(index),
        () => undefined,
      );
      await stage.pass(200);
    }
    for (const client of clients.slice(0, 2)) client.offline();
    await first.put("a");
    await stage.pass(TIMEOUT_MS - 1_000);
    expect(taken).toEqual([]);
    await stage.pass(TIMEOUT_MS);
    expect(taken).toEqual([2]);
  });

  test("[RP87] whoever loses his place in line stands in it again", async () => {
    const { stage, one, two, first, second } = await start();
    const taking = first.take();
    await stage.pass(200);
    const [name] = (await two.zk.children(`${PATH}/waiting`)).children;
    await two.zk.delete(`${PATH}/waiting/${name}`);
    await stage.pass(200);
    expect((await one.zk.children(`${PATH}/waiting`)).children).toHaveLength(1);
    await second.put("a");

    expect((await stage.until(taking)).text).toBe("a");
    expect((await one.zk.children(`${PATH}/waiting`)).children).toEqual([]);
  });

  test("[RP90] a claim that is not completed is given back at the end of its block", async () => {
    const { stage, one, first } = await start();
    await first.put("a");
    {
      await using claim = await first.take();
      expect(claim.text).toBe("a");
    }
    expect(await countsOf(one)).toEqual([1, 0]);
    {
      await using claim = await stage.until(first.take());
      await claim.complete();
    }
    expect(await countsOf(one)).toEqual([0, 0]);
  });

  test("[RP63] a priority that kazoo does not know is refused", async () => {
    const { first } = await start();

    await expect(first.put("a", 1_000)).rejects.toThrow("expected a priority from 0 to 999");
  });
});

test("[RP67] delayed entries are taken when they are due, the earliest first", async () => {
  const { stage, one, two } = await start();
  const nowMs = (): number => 1_700_000_000_000 + stage.clock.nowMs();
  const queue = new DelayedQueue(one.zk, PATH, { nowMs });
  await queue.put("late", 5_000);
  await queue.put("early", 2_000);
  const seen: string[] = [];
  const taking = (async () => {
    for (let round = 0; round < 2; round += 1) {
      const claim = await new DelayedQueue(two.zk, PATH, { nowMs }).take();
      seen.push(`${claim.text} ${Math.round(stage.clock.nowMs() / 1_000)}`);
      await claim.complete();
    }
  })();
  await stage.until(taking);

  expect(seen).toEqual(["early 2", "late 5"]);
});

test("[RP64] delayed and urgent entries of a consumer that dies are taken again, in their order", async () => {
  const { stage, one, two } = await start();
  const options = { nowMs: () => stage.clock.nowMs() };
  const delayed = new DelayedQueue(two.zk, "/delayed", options);
  const urgent = new Queue(two.zk, PATH);
  await delayed.put("late", 1_000);
  await delayed.put("early", 0);
  await urgent.put("usual");
  await urgent.put("urgent", 1);
  const claims = [
    await new DelayedQueue(one.zk, "/delayed", options).take(),
    await new Queue(one.zk, PATH).take(),
  ];
  expect(claims.map(({ text }) => text)).toEqual(["early", "urgent"]);
  one.offline();
  await stage.pass(TIMEOUT_MS * 2);
  const again: string[] = [];
  for (const queue of [delayed, urgent, delayed, urgent]) {
    again.push((await stage.until(queue.take())).text);
  }

  expect(again).toEqual(["early", "urgent", "late", "usual"]);
});
