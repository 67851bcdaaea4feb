import { describe, expect, test } from "vitest";
import { type Hold, type Leader, LeaderElection, LeaderLatch } from "../../../src/recipes/index.ts";
import { settled } from "../client/fake-clock.ts";
import { type FaultyClient, Stage } from "./faulty-client.ts";

const PATH = "/leader";

async function start(count: number) {
  const stage = new Stage();
  const clients: FaultyClient[] = [];
  for (let index = 0; index < count; index += 1) clients.push(await stage.client());
  return { stage, clients };
}

describe("LeaderLatch", () => {
  async function latches(count: number) {
    const { stage, clients } = await start(count);
    const all: LeaderLatch[] = [];
    for (const [index, { zk }] of clients.entries()) {
      all.push(new LeaderLatch(zk, PATH, { id: String(index) }));
      await stage.pass(100);
    }
    return { stage, clients, all, leading: () => all.map(({ isLeader }) => isLeader) };
  }

  test("[RP30] one leads, then the next in line, with a larger token", async () => {
    const { all, stage, leading } = await latches(3);
    expect(leading()).toEqual([true, false, false]);
    expect(await all[2]?.participants()).toEqual(["0", "1", "2"]);
    const token = all[0]?.token ?? 0;
    await all[0]?.close();
    await stage.pass(100);

    expect(leading()).toEqual([false, true, false]);
    expect(all[1]?.token).toBeGreaterThan(token);
    expect((await all[1]?.waitForLeadership())?.token).toBe(all[1]?.token);
  });

  test("[RP31] a suspended leader stops leading, and goes to the end of the line", async () => {
    const { all, clients, stage, leading } = await latches(2);
    clients[0]?.cut();
    await settled();
    expect(leading()).toEqual([false, false]);
    await stage.pass(1_000);

    expect(leading()).toEqual([false, true]);
    expect(await all[1]?.participants()).toEqual(["1", "0"]);
  });

  test("[RP31] a leader that dies is followed when his session ends, and leads no more then", async () => {
    const { all, clients, stage, leading } = await latches(2);
    clients[0]?.offline();
    await stage.pass(3_000);
    expect(leading()).toEqual([false, false]);
    await stage.pass(10_000);
    expect(leading()).toEqual([false, true]);
    clients[0]?.online();
    await stage.pass(10_000);

    expect(leading()).toEqual([false, true]);
    expect(await all[0]?.participants()).toEqual(["1", "0"]);
  });

  test("[RP32] who waits to lead is told by signal, and when the latch can't take part", async () => {
    const { all, clients } = await latches(2);
    const abort = new AbortController();
    const aborted = all[1]?.waitForLeadership(abort.signal).catch((error: unknown) => error);
    const closed = all[1]?.waitForLeadership().catch((error: unknown) => error);
    abort.abort(new Error("enough"));
    expect(String(await aborted)).toContain("enough");
    await clients[1]?.zk.close();

    expect(String(await closed)).toContain("SESSIONEXPIRED");
  });

  test("[RP30] changes are told, with what is held", async () => {
    const { stage, clients } = await start(1);
    const heard: boolean[] = [];
    const onChange = (held: Hold | undefined): void => void heard.push(held !== undefined);
    const latch = new LeaderLatch((clients[0] as FaultyClient).zk, PATH, { onChange });
    await stage.pass(100);
    clients[0]?.cut();
    await stage.pass(1_000);
    await latch.close();

    expect(heard).toEqual([true, false, true, false]);
  });
});

describe("LeaderElection", () => {
  test("[RP33] a leader leads while his work lasts, then the next does", async () => {
    const { stage, clients } = await start(2);
    const order: string[] = [];
    const done = Promise.withResolvers<void>();
    const campaigns = clients.map(({ zk }, index) =>
      new LeaderElection(zk, PATH, { data: String(index) }).campaign(async () => {
        order.push(`${index} leads`);
        if (index === 0) await done.promise;
        order.push(`${index} resigns`);
      }),
    );
    await stage.pass(100);
    expect(order).toEqual(["0 leads"]);
    done.resolve();
    await stage.until(Promise.all(campaigns));

    expect(order).toEqual(["0 leads", "0 resigns", "1 leads", "1 resigns"]);
  });

  test("[RP34] observers hear who leads, over lost connections and sessions", async () => {
    const { stage, clients } = await start(3);
    const [one, two, observer] = clients as [FaultyClient, FaultyClient, FaultyClient];
    const seen: (string | undefined)[] = [];
    const tokens: number[] = [];
    const abort = new AbortController();
    const observing = (async () => {
      const election = new LeaderElection(observer.zk, PATH);
      for await (const leader of election.observe({ signal: abort.signal })) {
        seen.push(leader?.id);
        if (leader !== undefined) tokens.push((leader as Leader).token);
      }
    })().catch((error: unknown) => error);
    await stage.pass(100);
    const done = Promise.withResolvers<void>();
    const first = new LeaderElection(one.zk, PATH, { data: "one" }).campaign(() => done.promise);
    await stage.pass(100);
    observer.cut();
    await stage.pass(1_000);
    done.resolve();
    await stage.until(first);
    await stage.pass(100);
    observer.offline();
    await stage.pass(15_000);
    void new LeaderElection(two.zk, PATH, { data: "two" }).campaign(() => new Promise(() => {}));
    await stage.pass(100);
    observer.online();
    await stage.pass(10_000);
    expect(seen).toEqual([undefined, "one", undefined, "two"]);
    expect(tokens).toEqual(tokens.toSorted((a, b) => a - b));
    abort.abort(new Error("enough"));

    expect(String(await observing)).toContain("enough");
  });
});
