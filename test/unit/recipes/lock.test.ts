import { describe, expect, test } from "vitest";
import { isKeeperError } from "../../../src/client/index.ts";
import { Lock } from "../../../src/recipes/index.ts";
import { settled } from "../client/fake-clock.ts";
import { type Fault, type FaultyClient, Stage, TIMEOUT_MS } from "./faulty-client.ts";

const PATH = "/locks/printer";

/** Two clients with a lock each, on the same path. */
async function start() {
  const stage = new Stage();
  const [one, two] = [await stage.client(), await stage.client()];
  return { stage, one, two, first: new Lock(one.zk, PATH), second: new Lock(two.zk, PATH) };
}

async function namesIn({ zk }: FaultyClient): Promise<readonly string[]> {
  return (await zk.exists(PATH)) === undefined ? [] : (await zk.children(PATH)).children;
}

/** What `lost` says, "" while it says nothing. */
function reasonOf(signal: AbortSignal): string {
  return isKeeperError(signal.reason) ? signal.reason.codeName : "";
}

describe("Lock", () => {
  test("[RP10] one holder at a time, in the order of asking, with growing tokens", async () => {
    const { stage } = await start();
    const clients = await Promise.all([1, 2, 3, 4].map(() => stage.client()));
    const order: number[] = [];
    const tokens: number[] = [];
    let inside = 0;
    const runs = clients.map(({ zk }, index) =>
      new Lock(zk, PATH).run(async ({ token }) => {
        inside += 1;
        expect(inside).toBe(1);
        order.push(index);
        tokens.push(token);
        await settled();
        inside -= 1;
      }),
    );
    await stage.until(Promise.all(runs));

    expect(order).toEqual([0, 1, 2, 3]);
    expect(tokens).toEqual(tokens.toSorted((a, b) => a - b));
    expect(new Set(tokens).size).toBe(4);
    expect(await namesIn(clients[0] as FaultyClient)).toEqual([]);
  });

  test("[RP11] a release wakes one waiter, whatever their number", async () => {
    const { stage, first } = await start();
    const held = await first.acquire();
    const waiters = await Promise.all([1, 2, 3, 4].map(() => stage.client()));
    const waiting = waiters.map(({ zk }) => new Lock(zk, PATH).acquire());
    await stage.pass(100);
    for (const { sent } of waiters) sent.length = 0;
    await held.release();
    await stage.pass(100);

    expect(waiters.map(({ sent }) => sent.length > 0)).toEqual([true, false, false, false]);
    expect((await waiting[0])?.isHeld).toBe(true);
  });

  for (const fault of ["request", "answer"] as const) {
    test(`[RP12] the lock is had and let go when any ${fault} is lost on the way`, async () => {
      // As many requests as there are: the last round meets no fault.
      for (let step = 0, didFail = true; didFail; step += 1) {
        const { stage, one, two, first, second } = await start();
        didFail = false;
        one.failAt((_op, index): Fault | undefined => {
          if (index !== step) return undefined;
          didFail = true;
          return fault;
        });
        const held = await stage.until(first.acquire());
        expect(await namesIn(two)).toHaveLength(1);
        const waiting = second.acquire();
        await stage.until(held.release());
        const next = await stage.until(waiting);

        expect(next.token).toBeGreaterThan(held.token);
        expect(await namesIn(two)).toEqual([next.path.slice(PATH.length + 1)]);
        expect(step).toBeLessThan(20);
      }
    });

    test(`[RP13] an abort leaves no znode behind when any ${fault} is lost on the way`, async () => {
      for (let step = 0, didFail = true; didFail; step += 1) {
        const { stage, one, two, first, second } = await start();
        const held = await second.acquire();
        didFail = false;
        one.failAt((_op, index): Fault | undefined => {
          if (index !== step) return undefined;
          didFail = true;
          return fault;
        });
        const abort = new AbortController();
        const waiting = first.acquire({ signal: abort.signal });
        const ended = waiting.catch((error: unknown) => error);
        await stage.pass(1_000);
        abort.abort(new Error("enough"));

        expect(String(await stage.until(ended))).toContain("enough");

        expect(await namesIn(two)).toEqual([held.path.slice(PATH.length + 1)]);
        expect(step).toBeLessThan(20);
      }
    });
  }

  test("[RP13] an abort before the answer to the create leaves no znode behind", async () => {
    const { stage, one, two, first, second } = await start();
    await second.acquire();
    for (let turns = 0; turns < 30; turns += 1) {
      const abort = new AbortController();
      const waiting = first.acquire({ signal: abort.signal });
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      abort.abort(new Error("enough"));
      await expect(stage.until(waiting)).rejects.toThrow("enough");
      expect(await namesIn(two)).toHaveLength(1);
    }
    expect(one.states).toEqual(["connected"]);
  });

  test("[RP13] an abort while there is no session does not wait for one", async () => {
    const { stage, one, two, first } = await start();
    one.offline();
    await stage.pass(TIMEOUT_MS * 2);
    const abort = new AbortController();
    const waiting = first.acquire({ signal: abort.signal });
    abort.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    one.online();
    await stage.pass(10_000);

    expect(one.zk.state).toBe("connected");
    expect(await namesIn(two)).toEqual([]);
  });

  test("[RP14] a waiter whose session is lost queues up again, at the end", async () => {
    const { stage, one, two, first, second } = await start();
    const third = await stage.client();
    const held = await second.acquire();
    const waiting = first.acquire();
    await stage.pass(100);
    const behind = new Lock(third.zk, PATH).acquire();
    await stage.expire(one);
    await held.release();
    const next = await stage.until(behind);
    expect(await namesIn(two)).toHaveLength(2);
    await next.release();

    expect((await stage.until(waiting)).token).toBeGreaterThan(next.token);
  });

  test("[RP14] a waiter whose znode is deleted queues up again", async () => {
    const { stage, two, first, second } = await start();
    const held = await second.acquire();
    const waiting = first.acquire();
    await stage.pass(100);
    const names = await namesIn(two);
    const waiter = names.find((name) => !held.path.endsWith(name));
    await two.zk.delete(`${PATH}/${waiter}`);
    await held.release();

    expect((await stage.until(waiting)).isHeld).toBe(true);
  });

  test("[RP15] a suspension ends the hold for a holder who does not check tokens", async () => {
    const { stage, one, first } = await start();
    const held = await first.acquire();
    one.cut();

    expect(reasonOf(held.lost)).toBe("CONNECTIONLOSS");
    expect(held.isHeld).toBe(false);
    await stage.until(held.release());
    expect(await namesIn(one)).toEqual([]);
  });

  test("[RP15] a holder who keeps it over suspensions loses it with the session", async () => {
    const { stage, one, two, second } = await start();
    const held = await new Lock(one.zk, PATH, { onSuspension: "keep" }).acquire();
    one.cut();
    await stage.pass(100);
    expect(held.isHeld).toBe(true);
    one.offline();
    await stage.pass(TIMEOUT_MS);

    expect(reasonOf(held.lost)).toBe("SESSIONEXPIRED");
    const next = await stage.until(second.acquire());
    expect(next.token).toBeGreaterThan(held.token);
    expect(await namesIn(two)).toHaveLength(1);
  });

  test("[RP15] a hold whose znode is deleted is lost", async () => {
    const { stage, two, first } = await start();
    const held = await first.acquire();
    await stage.pass(100);
    await two.zk.delete(held.path);
    await stage.pass(100);

    expect(reasonOf(held.lost)).toBe("NONODE");
  });

  test("[RP15] a hold whose znode is deleted and made again by somebody else is lost", async () => {
    const { stage, two, first } = await start();
    const held = await first.acquire();
    await stage.pass(100);
    void two.zk.delete(held.path);
    void two.zk.create(held.path, "", { ephemeral: true });
    await stage.pass(100);

    expect(reasonOf(held.lost)).toBe("NONODE");
    await held.release();
    expect(await namesIn(two)).toHaveLength(1);
  });

  test("[RP15] a hold is lost as soon as its client is told to close", async () => {
    const { one, first } = await start();
    const held = await first.acquire();
    void one.zk.close();

    expect(held.isHeld).toBe(false);
  });

  test("[RP16] a holder that dies holds the lock until its session ends", async () => {
    const { stage, one, first, second } = await start();
    const held = await first.acquire();
    let isNext = false;
    const waiting = second.acquire().then((next) => {
      isNext = true;
      return next;
    });
    one.offline();
    await stage.pass(TIMEOUT_MS - 1_000);
    expect(isNext).toBe(false);

    expect((await stage.until(waiting)).token).toBeGreaterThan(held.token);
  });

  test("[RP17] a hold is let go by the last of those who reentered, each once", async () => {
    const { one, first } = await start();
    const held = await first.acquire();
    const inner = held.reenter();
    await held.release();
    await held.release();
    expect(inner.isHeld).toBe(true);
    expect(await namesIn(one)).toHaveLength(1);
    await inner.release();

    expect(await namesIn(one)).toEqual([]);
    expect(inner.lost.aborted).toBe(false);
  });

  test("[RP17] whoever reenters what was let go holds nothing", async () => {
    const { first, second } = await start();
    const held = await first.acquire();
    await held.release();
    const late = held.reenter();
    const next = await second.acquire();

    expect(late.isHeld).toBe(false);
    await late.release();
    expect(next.isHeld).toBe(true);
  });

  test("[RP18] a holder is asked to let go, and nothing else happens by itself", async () => {
    const { stage, one, two, first, second } = await start();
    expect(await second.revoke()).toBe(false);
    const held = await first.acquire();
    await stage.pass(100);
    expect(held.revoked.aborted).toBe(false);
    expect(await second.revoke()).toBe(true);
    await stage.pass(100);

    expect(held.revoked.aborted).toBe(true);
    expect(held.isHeld).toBe(true);
    expect(one.zk.state).toBe("connected");
    expect((await two.zk.get(held.path)).text).toBe("__REVOKE__");
  });

  test("[RP19] tryAcquire gives up at once, or when its time is over, and leaves nothing behind", async () => {
    const { stage, two, first, second } = await start();
    const held = await first.tryAcquire();
    expect(held?.isHeld).toBe(true);
    expect(await second.tryAcquire()).toBeUndefined();
    const late = second.tryAcquire(2_000);
    await stage.pass(1_900);
    expect(await namesIn(two)).toHaveLength(2);
    await stage.pass(200);
    expect(await late).toBeUndefined();
    expect(await namesIn(two)).toHaveLength(1);
    const inTime = second.tryAcquire(2_000);
    await stage.pass(100);
    await held?.release();

    expect((await stage.until(inTime))?.isHeld).toBe(true);
  });

  test("[RP19] tryAcquire ends with the signal's reason before its time, and leaves nothing behind", async () => {
    const { stage, two, first, second } = await start();
    await first.acquire();
    const abort = new AbortController();
    const trying = second.tryAcquire(2_000, { signal: abort.signal }).catch(String);
    await stage.pass(100);
    expect(await namesIn(two)).toHaveLength(2);
    abort.abort(new Error("enough"));
    expect(await trying).toBe("Error: enough");

    expect(await namesIn(two)).toHaveLength(1);
  });

  test("[RP20] names of Curator and of kazoo are in one queue with ours, by their digits", async () => {
    const { stage, one, two, first } = await start();
    const names = ["_c_00000000-0000-4000-8000-000000000000-lock-", "ffff__lock__"];
    for (const name of names) {
      await two.zk.create("/locks").catch(() => undefined);
      await two.zk.create(PATH).catch(() => undefined);
      const { path } = await two.zk.create(`${PATH}/${name}`, "", {
        ephemeral: true,
        sequential: true,
      });
      let isHeld = false;
      const waiting = first.acquire().then(async (held) => {
        isHeld = true;
        await held.release();
      });
      await stage.pass(500);
      expect(isHeld).toBe(false);
      await two.zk.delete(path);
      await stage.until(waiting);
    }
    const curator = await first.acquire();
    expect(curator.path).toMatch(/\/_c_[0-9a-f-]{36}-lock-\d{10}$/);
    await curator.release();
    const kazoo = await new Lock(one.zk, PATH, { layout: "kazoo" }).acquire();
    expect(kazoo.path).toMatch(/\/[0-9a-f]{32}__lock__\d{10}$/);
  });

  test("[RP95] in the layout of kazoo parents stay, otherwise they go by themselves", async () => {
    const { stage, one } = await start();
    await (await new Lock(one.zk, "/a/lock").acquire()).release();
    await (await new Lock(one.zk, "/b/lock", { layout: "kazoo" }).acquire()).release();
    await stage.pass(180_000);

    expect(await one.zk.exists("/a")).toBeUndefined();
    expect(await one.zk.exists("/b/lock")).toBeDefined();
  });

  test("[RP10] contenders are listed in order, by their data", async () => {
    const { stage, one, two } = await start();
    expect(await new Lock(one.zk, PATH).contenders()).toEqual([]);
    await new Lock(one.zk, PATH, { data: "one" }).acquire();
    void new Lock(two.zk, PATH, { data: "two" }).acquire();
    await stage.pass(100);

    expect(await new Lock(two.zk, PATH).contenders()).toEqual(["one", "two"]);
  });

  test("[RP14] a client that is closed waits no longer", async () => {
    const { stage, one, first, second } = await start();
    await second.acquire();
    const waiting = first.acquire().catch((error: unknown) => error);
    await stage.pass(100);
    await one.zk.close();

    expect(String(await waiting)).toContain("SESSIONEXPIRED");
  });
});
