import { expect, test } from "vitest";
import { isKeeperError } from "../../../src/client/index.ts";
import { Counter, SharedValue } from "../../../src/recipes/index.ts";
import { Stage } from "./faulty-client.ts";

const PATH = "/counters/visits";

test("[RP50] nobody's addition is lost among others'", async () => {
  const stage = new Stage();
  const clients = await Promise.all([1, 2, 3].map(() => stage.client()));
  const counters = clients.map(({ zk }) => new Counter(zk, PATH));
  const adds = counters.flatMap((counter) => [1, 2, 3].map((addend) => counter.add(addend)));
  await stage.until(Promise.all(adds));

  expect(await counters[0]?.get()).toBe(18);
});

for (const fault of ["request", "answer"] as const) {
  test(`[RP51] nothing is counted twice when any ${fault} is lost, and a doubt is told`, async () => {
    const results: string[] = [];
    for (let step = 0, didFail = true; didFail; step += 1) {
      const stage = new Stage();
      const [client, other] = [await stage.client(), await stage.client()];
      didFail = false;
      client.failAt((_op, index) => {
        if (index !== step) return undefined;
        didFail = true;
        return fault;
      });
      const add = new Counter(client.zk, PATH).add(5);
      const result = await stage.until(add.catch((error: unknown) => error));
      results.push(isKeeperError(result) ? result.codeName : String(result));
      const sum = await new Counter(other.zk, PATH).get();
      expect(sum).toBe(5);
      expect(step).toBeLessThan(20);
    }
    const doubts = results.filter((result) => result !== "5");
    expect(doubts).toEqual(fault === "answer" ? ["CONNECTIONLOSS"] : []);
  });
}

test("[RP52] what is no counter is refused, and so is a sum that is no safe integer", async () => {
  const stage = new Stage();
  const { zk } = await stage.client();
  await zk.create("/text", "many");
  await expect(new Counter(zk, "/text").get()).rejects.toThrow('expected a counter, saw "many"');
  const counter = new Counter(zk, PATH);
  await counter.add(Number.MAX_SAFE_INTEGER);

  await expect(counter.add(1)).rejects.toThrow("expected a safe integer");
});

test("[RP50] a shared value is changed by one at a time, from what is there", async () => {
  const stage = new Stage();
  const [one, two] = [await stage.client(), await stage.client()];
  const values = [one, two].map(({ zk }) => new SharedValue(zk, "/value", "x"));
  await stage.until(
    Promise.all(values.map((value, index) => value.update(({ text }) => `${text}${index}`))),
  );

  expect(["x01", "x10"]).toContain((await values[0]?.get())?.text);
});

test.for([
  ["text", "-7", new TextEncoder().encode("-7")],
  ["int32", "0xfffffff9", Uint8Array.of(255, 255, 255, 249)],
  ["int64", "0xfffffffffffffff9", Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 249)],
] as const)("[RP91] a counter is written as %s: -7 as %s", async ([encoding, , bytes]) => {
  const stage = new Stage();
  const { zk } = await stage.client();
  const counter = new Counter(zk, PATH, { encoding });
  expect(await counter.get()).toBe(0);
  expect(await counter.add(-7)).toBe(-7);
  expect((await zk.get(PATH)).data).toEqual(bytes);
  expect(await new Counter(zk, PATH, { encoding }).add(10)).toBe(3);

  await zk.set(PATH, "");
  expect(await counter.get()).toBe(0);
});

test("[RP91] a number of another size, or too large for its place, is refused", async () => {
  const stage = new Stage();
  const { zk } = await stage.client();
  const small = new Counter(zk, PATH, { encoding: "int32" });
  await small.add(2 ** 31 - 1);
  await expect(small.add(1)).rejects.toThrow("expected a number of 32 bits, saw 2147483648");
  const large = new Counter(zk, PATH, { encoding: "int64" });
  await expect(large.get()).rejects.toThrow("expected a counter, saw 4 bytes");
  await zk.set(PATH, new Uint8Array(8).fill(0x7f));

  await expect(large.get()).rejects.toThrow("expected a counter, saw 8 bytes");
});
